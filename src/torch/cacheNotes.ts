/** What a decoder keeps from token to token, as the code that runs says it: `assay.kv_cache`, `assay.kv_state`. */
import type { Interpreter } from "../python/interpreter.ts";
import { native } from "../python/native.ts";
import type { Value } from "../python/values.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { TensorObject, tracerOf } from "./tensorObject.ts";

/**
 * Keys and values of tokens; those of an encoder's tokens, made once; keys that only pick tokens; the last inputs of a
 * convolution; a state that a layer updates in place; what nobody has told us of.
 */
export type CacheKind = "keys" | "crossed" | "index" | "convolution" | "recurrent" | "unknown";

/** One thing that a layer keeps. */
export interface CacheNote {
  readonly kind: CacheKind;
  /** Keys and values `[B, heads, T, width]`, index keys `[B, T, width]`, inputs `[B, channels, T]`, or the state `[B, …]`. */
  readonly tensors: readonly Tensor[];
  /** How many tokens the layer looks back; undefined: all. */
  readonly window?: number | undefined;
  /** Whether the definition's own cache keeps what lies before the window. */
  readonly keepsAll?: boolean | undefined;
  /** Of a convolution: how many tokens it reads. */
  readonly kernel?: number | undefined;
  /** Of a convolution: how many inputs the definition's own cache keeps; undefined: as many as the kernel. */
  readonly keeps?: number | undefined;
  /** Of a convolution: the axis of its tokens where it is not the last one. */
  readonly axis?: number | undefined;
  /** Tokens that a sequence has had, where the tensors hold only the last of them. */
  readonly tokens?: number | undefined;
  /** The module call that said so. */
  readonly call: number;
}

/** What layers said they keep since the last pass began, in their order. */
export function cacheNotes(py: Interpreter): CacheNote[] {
  const list = (py.extensions.get("kv caches") as CacheNote[] | undefined) ?? [];
  py.extensions.set("kv caches", list);
  return list;
}

/** What a model definition of ours can say of itself. */
export function assayNames(): Record<string, Value> {
  const keys = native(
    "kv_cache(key, value, window=None, kind='keys', drops=True)",
    (py, key: Value, value: Value, window: Value, kind: Value, drops: Value) => {
      note(py, {
        kind: kind === "crossed" || kind === "index" ? kind : "keys",
        tensors: tensorsOf(key, value),
        window: typeof window === "number" ? window : undefined,
        keepsAll: drops === false,
      });
    },
    { lenient: true },
  );
  const state = native(
    "kv_state(state, kernel=None, read=False, axis=-1, keeps=None)",
    (py, tensor: Value, kernel: Value, read: Value, axis: Value, keeps: Value) => {
      const tensors = tensorsOf(tensor);
      if (typeof kernel === "number")
        inputsOf(
          py,
          {
            tensors,
            kernel,
            axis: typeof axis === "number" ? axis : -1,
            keeps: typeof keeps === "number" ? keeps : undefined,
          },
          read === true,
        );
      else if (!cacheNotes(py).some((one) => one.tensors[0]?.storage === tensors[0]?.storage))
        note(py, { kind: "recurrent", tensors });
    },
    { lenient: true },
  );
  return { kv_cache: keys, kv_state: state };
}

function tensorsOf(...values: readonly Value[]): Tensor[] {
  return values.flatMap((one) => (one instanceof TensorObject ? [one.value] : []));
}

function note(py: Interpreter, one: Omit<CacheNote, "call">): void {
  if (one.tensors.length > 0) cacheNotes(py).push({ ...one, call: tracerOf(py).module });
}

/** Inputs are told where they are kept and where they are read: once for each convolution. */
function inputsOf(
  py: Interpreter,
  inputs: Pick<CacheNote, "tensors" | "kernel" | "axis" | "keeps">,
  read: boolean,
): void {
  const list = cacheNotes(py);
  const waiting = waitingOf(py);
  const call = tracerOf(py).module;
  const mine = waiting.findIndex((one) => one.call === call && one.kernel === inputs.kernel && list.includes(one));
  if (read && mine >= 0) {
    waiting.splice(mine, 1);
    return;
  }
  note(py, { kind: "convolution", ...inputs });
  const made = list.at(-1);
  if (!read && made) waiting.push(made);
}

/** Inputs that are kept, and not read yet. */
function waitingOf(py: Interpreter): CacheNote[] {
  const list = (py.extensions.get("kv inputs") as CacheNote[] | undefined) ?? [];
  py.extensions.set("kv inputs", list);
  return list;
}
