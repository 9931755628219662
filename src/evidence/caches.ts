/** What a model keeps from token to token, as its own definition notes it or as the cache that a pass hands on holds it. */
import { Unknown } from "../base/unknown.ts";
import { configValues, type TrainedLength, trainedLength } from "../configs/index.ts";
import { call } from "../python/calls.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { PyInstance, PyList, PyTuple, type Value } from "../python/values.ts";
import { count } from "../tensor/size.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type CacheKind, type CacheNote, cacheNotes } from "../torch/cacheNotes.ts";
import { tensorsIn } from "../torch/moduleCalls.ts";
import { guarded, isFailure, scenarioFunction } from "../torch/session.ts";

export interface CacheRecord {
  readonly notes: readonly CacheNote[];
  /** Whether the notes are what a cache holds, and not what a definition says of itself. */
  readonly observed: boolean;
  /** Tokens that each sequence got since. */
  readonly more: number;
  /** A value of the model's config, or of its text part's. */
  readonly facts: CacheFacts;
  /** The longest sequence that the model is made for. */
  readonly trained?: TrainedLength | undefined;
}

/** What the model's config says of it. */
export type CacheFacts = Readonly<Record<string, string | number | boolean>>;

/** How many sequences a pass was given, and of how many tokens each of them can be. */
export interface Given {
  readonly batch: number;
  readonly lengths: readonly number[];
}

/**
 * The record of the pass that just ended; undefined where nothing is kept, or nobody says so. `given` tells the axes of a
 * cache that is a plain tuple.
 */
export function cachesOf(
  py: Interpreter,
  model: Value,
  output: Value | undefined,
  given: Given,
): CacheRecord | undefined {
  const own = [...cacheNotes(py)];
  const notes = own.length > 0 || output === undefined ? own : heldIn(py, output, given);
  if (notes.length === 0) return undefined;
  const config = configOf(model);
  return { notes, observed: own.length === 0, more: 0, facts: factsOf(config), trained: trainedLength(config) };
}

/** As a pass's inputs say it: rows of token numbers, else rows of vectors. */
export function givenIn(inputs: readonly Tensor[]): Given {
  const rows = inputs.filter(({ shape, dtype }) => shape.length === 2 && dtype.startsWith("int"));
  const vectors = inputs.filter(({ shape }) => shape.length === 3);
  const sizes = (axis: number) =>
    (rows.length > 0 ? rows : vectors).flatMap(({ shape }) => {
      const size = shape[axis];
      return size === undefined || size instanceof Unknown ? [] : [count([size])];
    });
  return { batch: Math.max(1, ...sizes(0)), lengths: [...new Set(sizes(1))] };
}

/** What the cache in a pass's output holds. */
function heldIn(py: Interpreter, output: Value, { batch, lengths }: Given): CacheNote[] {
  const found = guarded(py, () => call(py, scenarioFunction(py, "kept"), [output, batch, new PyList([...lengths])]));
  if (isFailure(found) || !(found instanceof PyList)) return [];
  return found.items.flatMap((one): CacheNote[] => {
    if (!(one instanceof PyTuple)) return [];
    const [kind, tensors = null, window, tokens, layer] = one.items;
    const number = (value: Value | undefined) => (typeof value === "number" ? value : undefined);
    return [
      {
        kind: kind as CacheKind,
        tensors: tensorsIn(tensors),
        window: number(window),
        tokens: number(tokens),
        call: number(layer) ?? 0,
      },
    ];
  });
}

/** The values of the model's config, and over them those of its text part. */
export function configOf(model: unknown): Readonly<Record<string, unknown>> {
  const config = model instanceof PyInstance ? model.attrs.get("config") : undefined;
  if (!(config instanceof PyInstance)) return {};
  const text = config.attrs.get("text_config") ?? config.attrs.get("llm_config");
  return { ...valuesOf(config), ...(text instanceof PyInstance ? valuesOf(text) : {}) };
}

function valuesOf(config: PyInstance): Readonly<Record<string, unknown>> {
  const type = config.cls.attrs?.get("model_type");
  return { ...(typeof type === "string" && { model_type: type }), ...configValues(config) };
}

function factsOf(values: Readonly<Record<string, unknown>>): CacheFacts {
  const plain = Object.entries(values).filter(([, value]) => /^(string|number|boolean)$/.test(typeof value));
  return Object.fromEntries(plain) as CacheFacts;
}
