import type { Place } from "../base/place.ts";
import { Unknown } from "../base/unknown.ts";
import { type DType, itemBytes } from "./dtype.ts";
import { count, integer, NeedsKnownSize, type Size, showSize } from "./size.ts";

/** What a storage is to the model; decides under which term its bytes are counted. */
export type StorageRole = "parameter" | "buffer" | "input" | "activation" | "gradient";

/** A block of memory that tensors are views of. `bytes` is unpadded; unknown where a size is. */
export class Storage {
  /** Live tensors and autograd nodes that hold it. */
  holders = 0;
  /** Of these, tensors that the program holds. */
  tensors = 0;
  /** The last in-place operation that autograd follows: every view of the storage needs a gradient then. */
  writer: GradNode | undefined;
  /** The tensor that it was made for; others are views of it. */
  base: Tensor | undefined;
  /** What of its bytes is stored and read: below 1 for weights that are kept in fewer bits than their type's. */
  keptShare = 1;
  /** How it is stored where that is in fewer bits. */
  kept: KeptWeight | undefined;

  constructor(
    readonly id: number,
    readonly bytes: number | Unknown,
    public role: StorageRole,
    readonly device: string,
  ) {}
}

/** A weight in fewer bits than its type's: the bytes that stand for it, and what they are for. */
export interface KeptWeight {
  readonly bytes: number;
  /** `4-bit in groups of 128`; "" where only the type is known. */
  readonly what: string;
  /** `weights`, `scales` …, each with its bytes. */
  readonly parts: ReadonlyMap<string, number>;
}

/** A strided view of a storage: a shape and a dtype without elements, but for small known constants. */
export interface Tensor {
  readonly shape: readonly Size[];
  /** In elements, by this scenario's integers; `null` when contiguous (the last axis fastest). */
  readonly strides: readonly number[] | null;
  readonly dtype: DType;
  readonly storage: Storage;
  /** The elements in row-major order, where they are few and known (`arange`, `linspace`, constants). */
  readonly data?: readonly number[] | undefined;
  /** No element is less than this, where that is known though the elements are not. */
  readonly atLeast?: number | undefined;
  /** Whether autograd follows it, and the node that made it (a leaf has none). */
  requiresGrad: boolean;
  node?: GradNode | undefined;
  /** Which result of its node it is; absent: the first. */
  output?: number;
}

/** What autograd keeps of one operation: its saved storages, and the nodes of its inputs. */
export interface GradNode {
  readonly name: string;
  /** Position of the operation in the trace: later ones come first on the way back. */
  readonly index: number;
  readonly inputs: readonly GradNode[];
  /** Emptied when the backward pass has run it. */
  saved: readonly Storage[];
  /** Live tensors and live nodes that hold this node. */
  holders: number;
  readonly call: GradCall;
}

/** An operation applied, as its gradient's formula needs it. */
export interface GradCall {
  /** Its record in the catalogue, or one made for this call. */
  readonly op: object;
  /** Tensors say by their `node` and `output` where their gradient goes; one that needs a gradient and has no node is a leaf. */
  readonly args: readonly unknown[];
  readonly out: readonly Tensor[];
  readonly needs: readonly boolean[];
  /** What its record saves, in that order: what autograd made itself stands there as bytes. */
  readonly kept: readonly (Tensor | undefined)[];
  /** Whether it wrote into its first argument. */
  readonly inPlace: boolean;
  /** How many slices it stands for. */
  readonly slices: number;
  /** The module call it ran in. */
  readonly module: number;
  readonly at: Place | undefined;
  /** Hands the gradients that a function of the model's own gives to `use`, one for each argument; false where it could not be followed. `tracer` records it. */
  readonly own?: ((grads: Grads, use: (gradients: Grads) => void, tracer: object) => boolean) | undefined;
  /** Hands what was kept to `use` as its record keeps it, where hooks keep it in another form. */
  readonly restore?: ((use: (kept: readonly (Tensor | undefined)[]) => void) => void) | undefined;
  /** Runs a region again that was not followed, and hands its results to `use` while they are alive. */
  readonly again?: Again | undefined;
}

export type Grads = readonly (Tensor | undefined)[];

export interface Again {
  readonly run: (use: (out: Grads) => void) => void;
  /** It ends where the last tensor was kept that the backward pass needs. */
  readonly stopsEarly: boolean;
}

/** Known constants longer than this are not kept. */
export const longestData = 4096;

export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && (value as Partial<Tensor>).storage instanceof Storage;
}

/** Number of elements, or unknown. */
export function elements(shape: readonly Size[]): number | Unknown {
  try {
    return count(shape);
  } catch (error) {
    if (error instanceof NeedsKnownSize) return error.unknown;
    throw error;
  }
}

/** Bytes of a dense tensor, or unknown. */
export function denseBytes(shape: readonly Size[], dtype: DType): number | Unknown {
  const n = elements(shape);
  return n instanceof Unknown ? n : Math.ceil(n * itemBytes(dtype));
}

/** Row-major strides of known sizes. Throws NeedsKnownSize. */
export function contiguousStrides(shape: readonly Size[]): number[] {
  const strides: number[] = new Array(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= Math.max(count([shape[i] as Size]), 1);
  }
  return strides;
}

export function stridesOf(tensor: Tensor): readonly number[] {
  return tensor.strides ?? contiguousStrides(tensor.shape);
}

/** Whether strides are row-major; axes of size 1 do not matter, as in PyTorch. */
export function isContiguous(shape: readonly Size[], strides: readonly number[] | null): boolean {
  if (!strides) return true;
  if (count(shape) === 0) return true;
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const size = count([shape[i] as Size]);
    if (size !== 1 && strides[i] !== step) return false;
    step *= size;
  }
  return true;
}

/** Whether two tensors of known sizes lie alike: the same sizes in the same steps. */
export function sameLayout(a: Tensor, b: Tensor): boolean {
  if (a.shape.length !== b.shape.length || a.dtype !== b.dtype) return false;
  const known = [...a.shape, ...b.shape].every((size) => !(size instanceof Unknown));
  if (!known) return true;
  if (a.shape.some((size, i) => integer(size) !== integer(b.shape[i] as Size))) return false;
  if (!a.strides && !b.strides) return true;
  const [first, second] = [stridesOf(a), stridesOf(b)];
  return a.shape.every((size, i) => integer(size) === 1 || first[i] === second[i]);
}

const shortNames: Partial<Record<DType, string>> = {
  float32: "f32",
  float64: "f64",
  float16: "f16",
  bfloat16: "bf16",
  int64: "i64",
  int32: "i32",
};

/** `f32[B, 3, 224, 224]`: as the fixtures and the editor print it. */
export function showTensor({ shape, dtype }: Pick<Tensor, "shape" | "dtype">): string {
  return `${shortNames[dtype] ?? dtype}[${shape.map(showSize).join(", ")}]`;
}
