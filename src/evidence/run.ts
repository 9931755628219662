/** Building one model and running it once: what came of it, whatever happened on the way. */
import { Unknown } from "../base/unknown.ts";
import { PyError } from "../python/errors.ts";
import type { Interpreter, Note } from "../python/interpreter.ts";
import type { PyInstance, Value } from "../python/values.ts";
import type { DType } from "../tensor/dtype.ts";
import type { Storage, Tensor } from "../tensor/tensor.ts";
import { cacheNotes } from "../torch/cacheNotes.ts";
import { type BuiltLayer, isModule, modelTree } from "../torch/modelTree.ts";
import { tensorsIn } from "../torch/moduleCalls.ts";
import {
  castModel,
  type Failure,
  guarded,
  isFailure,
  type RunMode,
  runForward,
  setMode,
  settle,
} from "../torch/session.ts";
import { tracerOf } from "../torch/tensorObject.ts";
import type { Trace, TraceEvent } from "../trace/trace.ts";
import { type CacheRecord, cachesOf, givenIn } from "./caches.ts";

/** A model that was built, and what building it rested on. */
export interface Built {
  readonly model: PyInstance;
  readonly tree: BuiltLayer;
  /** What was assumed or not understood on the way. */
  readonly notes: readonly Note[];
}

/** One forward pass. */
export interface Pass {
  /** All that ran: a training step's loss and backward pass included. */
  readonly trace: Trace;
  /** The forward pass alone. */
  readonly forward: Trace;
  /** Tensors that the caller handed in. */
  readonly inputs: readonly Tensor[];
  readonly output: Value | undefined;
  /** Why it did not come to its end. */
  readonly failure: Failure | undefined;
  readonly notes: readonly Note[];
  /** Keys and values that layers said they cache. */
  readonly kvCaches: readonly (readonly Tensor[])[];
  /** What is kept from token to token; undefined for a model that keeps nothing, or of which nobody says so. */
  readonly caches?: CacheRecord | undefined;
}

/** Builds a model; a failure names the reason, and so does a value that is no module. */
export function buildModel(py: Interpreter, make: () => Value, mode: "eval" | "train", dtype?: DType): Built | Failure {
  const start = py.notes.length;
  const value = guarded(py, make);
  if (isFailure(value)) return value;
  if (value instanceof Unknown) return { reason: value.reason, error: undefined, at: value.at };
  if (!isModule(value)) return { reason: "the expression gives no nn.Module", error: undefined };
  const ready = guarded(py, () => {
    setMode(py, value, mode === "train");
    if (dtype) castModel(py, value, dtype);
    return null;
  });
  if (isFailure(ready)) return ready;
  const tree = modelTree(value);
  settle(tree);
  return { model: value, tree, notes: py.notes.slice(start) };
}

/** Runs the model on its inputs. `gradients`: autograd follows, as in training; `more`: in which region, and how far. */
export function runPass(
  py: Interpreter,
  model: Value,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  gradients: boolean,
  more: Omit<RunMode, "gradients"> = {},
): Pass {
  const start = py.notes.length;
  const output = guarded(py, () => runForward(py, model, args, keywords, { gradients, ...more }));
  const failure = isFailure(output) ? output : undefined;
  const { events, calls, saved, drops, attached, forwardEnd } = tracerOf(py);
  // The tracer records the next pass anew: this one is kept as it is.
  const held = heldOf(events);
  const trace = {
    events: [...events],
    calls: [...calls],
    saved: new Set(saved),
    drops: [...drops],
    attached: [...attached],
    forwardEnd,
    held,
  };
  const inputs = [...args, ...keywords.values()].flatMap(tensorsIn);
  return {
    trace,
    forward: forwardEnd
      ? {
          events: events.slice(0, forwardEnd.events),
          calls: trace.calls,
          saved: new Set([...saved].slice(0, forwardEnd.saved)),
          drops: drops.filter(({ after }) => after <= forwardEnd.events),
          held,
        }
      : trace,
    inputs,
    output: failure ? undefined : (output as Value),
    failure,
    notes: py.notes.slice(start),
    kvCaches: cacheNotes(py).flatMap(({ kind, tensors }) => (kind === "keys" ? [tensors] : [])),
    caches: cachesOf(py, model, failure || gradients ? undefined : (output as Value), givenIn(inputs)),
  };
}

function heldOf(events: readonly TraceEvent[]): Set<Storage> {
  const made = events.flatMap((event) => (event.kind === "operation" ? event.made : []));
  return new Set(made.filter(({ tensors }) => tensors > 0));
}

/** A failure as an unknown, with its place. */
export function failureReason({ reason, error, at }: Failure): Unknown {
  return new Unknown(
    reason,
    error instanceof PyError ? (error.trace.find(({ path }) => !path.startsWith("assay:/")) ?? error.trace[0]) : at,
  );
}
