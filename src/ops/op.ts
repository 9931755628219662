/** The contract of an operation record: PyTorch's aten level, one record per functional operation. */
import type { Unknown } from "../base/unknown.ts";
import type { DType } from "../tensor/dtype.ts";
import type { Complex, Float } from "../tensor/scalar.ts";
import type { Size } from "../tensor/size.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * One argument, in the order of aten's schema. A Python int is a Size, a Python float a Float. Lists of sizes, of tensors
 * and of booleans are plain arrays. A dtype is its name (`"float32"`).
 */
export type Arg =
  | Tensor
  | Size
  | Float
  | Complex
  | string
  | boolean
  | null
  | readonly (Tensor | Size | Float | boolean | null)[];

/** A result to be made: a new storage, or a view of (or the very) storage of an input. */
export interface Made {
  readonly shape: readonly Size[];
  readonly dtype: DType;
  /** `null` or absent: contiguous. */
  readonly strides?: readonly number[] | null;
  /** The input whose storage it shares; absent: a new storage. */
  readonly sharing?: Tensor;
  /** A tensor that autograd never follows (indices, masks, statistics). */
  readonly detached?: true;
  /** Known elements, where few and known. */
  readonly data?: readonly number[] | undefined;
  /** No element is less than this, where that is known though the elements are not. */
  readonly atLeast?: number;
  /** Bytes of the new storage where it is not the dense size. */
  readonly storageBytes?: number;
}

/** Bytes that autograd keeps in a storage of their own which the caller never sees (a mask, a log-sum-exp). */
export interface Extra {
  readonly extraBytes: number | Unknown;
  /** It lies in the host's memory. */
  readonly onHost?: true;
  /** The tensor that it is, where hooks on what is kept are shown one. */
  readonly like?: Pick<Made, "shape" | "dtype"> | undefined;
  readonly what: string;
}

export type Saved = Tensor | Extra | null | false | undefined;

export interface Op {
  /** `aten.addmm`; the file is named for what follows the dot, in lowerCamelCase. */
  readonly name: string;
  /** Shapes, dtypes and aliasing of the results. Throws Refused where the inputs do not fit, NeedsKnownSize where a size must be known. */
  result(args: readonly Arg[]): Made | readonly Made[];
  /** Multiply-adds of matrix products, convolutions and attention: half of what torch's flop counter counts. Absent: none. */
  macs?(args: readonly Arg[], out: readonly Tensor[]): number;
  /** What autograd keeps, as PyTorch's derivatives do; `needs[i]` says whether argument i (or any of a list) needs a gradient. Only asked where one does. */
  saves?(args: readonly Arg[], out: readonly Tensor[], needs: readonly boolean[]): readonly Saved[];
  /** The same for the in-place form, where its derivative is written otherwise (in terms of the result). */
  savesInPlace?(args: readonly Arg[], out: readonly Tensor[], needs: readonly boolean[]): readonly Saved[];
  /** The results are a tuple however many they are: one piece of a split is a tuple of one. */
  readonly list?: true;
  /** False: results never need a gradient (comparisons, argmax, integer results are found by dtype). */
  readonly differentiable?: false;
  /** Arithmetic operations per element of the first result, for element-wise time; absent: 1, 0 for views. */
  readonly work?: number;
  /** Bytes read and written where they are not inputs plus outputs (a gather reads only rows). Views: none. */
  traffic?(args: readonly Arg[], out: readonly Tensor[]): { read: number; written: number };
  /** Bytes it takes while it runs and gives back before it ends (split-k sums, sort keys). Absent: none. */
  workspaceBytes?(args: readonly Arg[], out: readonly Tensor[]): number;
  /** What of its arguments its time depends on, beside the tensors' shapes. */
  detail?(args: readonly Arg[], out: readonly Tensor[]): Readonly<Record<string, number | string | boolean>>;
  /**
   * The gradient of each argument from those of the results (undefined: none came), written as PyTorch's formula in other
   * operations, so that what it makes, moves and multiplies is traced. A list argument's gradient is a list. Absent: one pass
   * over the gradient and what was saved makes each gradient.
   */
  backward?(grads: readonly (Tensor | undefined)[], call: BackwardCall): readonly Gradient[];
}

export type Gradient = Tensor | undefined | readonly (Tensor | undefined)[];

/** What a kernel of the backward pass costs beside the tensors that it reads and makes. */
export interface KernelCost {
  readonly macs?: number | Unknown;
  /** Arithmetic operations per element of the first result; absent: 1. */
  readonly work?: number;
  readonly workspaceBytes?: number;
  readonly detail?: Readonly<Record<string, number | string | boolean>>;
}

/** A forward operation whose gradients are asked for. Tensors are as they were then. */
export interface BackwardCall {
  readonly args: readonly Arg[];
  readonly out: readonly Tensor[];
  /** Whether argument i (or any of a list) needs a gradient. */
  readonly needs: readonly boolean[];
  /** What was saved, in the order of `saves`; what autograd made itself is a tensor of bytes. */
  readonly kept: readonly (Tensor | undefined)[];
  /** Whether it wrote into its first argument. */
  readonly inPlace: boolean;
  /** Runs an operation of the backward pass: it is traced as any other. */
  run(name: string, ...args: Arg[]): Tensor;
  runAll(name: string, ...args: Arg[]): Tensor[];
  /** Runs a kernel that only backward passes have. It reads all of `reads` and writes all that it makes. */
  kernel(name: string, reads: readonly Saved[], makes: readonly Made[], cost?: KernelCost): Tensor[];
  /** Lets go of what the formula made for itself, or of a gradient that it was given, before its end. */
  drop(...gone: readonly Tensor[]): void;
}

/** An operation that cannot run on its inputs: a finding for the user, with both sizes named. Python sees a RuntimeError. */
export class Refused {
  constructor(
    readonly message: string,
    /** The finding's rule. */
    readonly rule: "shape-mismatch" | "wrong-argument" = "shape-mismatch",
  ) {}
}

export type { Tensor, Unknown };
