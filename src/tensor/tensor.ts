import { Unknown } from "../base/unknown.ts";
import { type DType, itemBytes } from "./dtype.ts";
import { count, NeedsKnownSize, type Size, showSize } from "./size.ts";

/** What a storage is to the model; decides under which term its bytes are counted. */
export type StorageRole = "parameter" | "buffer" | "input" | "activation";

/** A block of memory that tensors are views of. `bytes` is unpadded; unknown where a size is. */
export class Storage {
  /** Live tensors and autograd nodes that hold it. */
  holders = 0;
  /** Of these, tensors that the program holds. */
  tensors = 0;
  /** The last in-place operation that autograd follows: every view of the storage needs a gradient then. */
  writer: GradNode | undefined;

  constructor(
    readonly id: number,
    readonly bytes: number | Unknown,
    public role: StorageRole,
    readonly device: string,
  ) {}
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
  /** Whether autograd follows it, and the node that made it (a leaf has none). */
  requiresGrad: boolean;
  node?: GradNode | undefined;
}

/** What autograd keeps of one operation: its saved storages, and the nodes of its inputs. */
export interface GradNode {
  readonly name: string;
  /** Position of the operation in the trace. */
  readonly index: number;
  readonly inputs: readonly GradNode[];
  readonly saved: readonly Storage[];
  /** Live tensors and live nodes that hold this node. */
  holders: number;
  /** The operation that it differentiates; undefined for a node put there by hand. */
  readonly call?: GradCall | undefined;
}

/** An operation applied, as its gradient's formula needs it. */
export interface GradCall {
  /** Its record in the catalogue. */
  readonly op: object;
  readonly args: readonly unknown[];
  readonly out: readonly Tensor[];
  readonly needs: readonly boolean[];
  /** The module call it ran in. */
  readonly module: number;
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
