import { integer, integers } from "../../tensor/size.ts";
import { stridesOf, type Tensor } from "../../tensor/tensor.ts";

export interface AttentionCall {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
  readonly mask: Tensor | null;
  readonly dropout: number;
  readonly causal: boolean;
  /** Key and value may have fewer heads, each shared by several of the query's. */
  readonly grouped: boolean;
  /** The kernel that was asked for; it runs where its constraints hold. */
  readonly kernel?: AttentionBackend | undefined;
  /** The GPU's, where it is known. */
  readonly capability?: number | undefined;
  /** The kernels that the program allows (`sdpa_kernel`); undefined: all. */
  readonly allowed?: readonly AttentionBackend[] | undefined;
  /** Whether they are tried in their own order. */
  readonly ordered?: boolean | undefined;
}

/** The kernels that an operation's argument allows: `flash,math`, with `>` where they are tried in that order. */
export function allowedBy(argument: unknown): Pick<AttentionCall, "allowed" | "ordered"> {
  if (typeof argument !== "string") return {};
  return { allowed: argument.split(/[>,]/) as AttentionBackend[], ordered: argument.includes(">") };
}

export type AttentionBackend = "cudnn" | "flash" | "efficient" | "math";

/** What of the GPU the choice depends on. Hopper and data-centre Blackwell (9.0, 10.0) prefer cuDNN. */
export interface AttentionGpu {
  readonly capability: number;
}

/**
 * The kernel that `F.scaled_dot_product_attention` of PyTorch 2.11 runs on CUDA: the first of cuDNN (on Hopper and newer
 * data-centre GPUs), flash, efficient and math whose constraints hold (`sdp_utils.cpp`; each seen on an H200), of those that
 * the program allows. Where none of them takes the call: math, whose sums are every kernel's.
 *
 * Throws NeedsKnownSize.
 */
export function attentionBackend(
  call: AttentionCall,
  gpu: AttentionGpu = { capability: call.capability ?? 9 },
): AttentionBackend {
  return call.allowed ? (amongAllowed(call, call.allowed, gpu) ?? "math") : chosen(call, gpu);
}

/** The kernel out of those that the program allows; undefined where none takes the call, at which PyTorch raises on a GPU. */
export function amongAllowed(
  call: AttentionCall,
  allowed: readonly AttentionBackend[],
  gpu: AttentionGpu = { capability: call.capability ?? 9 },
): AttentionBackend | undefined {
  const isFused = isForFused(call);
  const usual: readonly AttentionBackend[] = prefersCudnn(gpu)
    ? ["cudnn", "flash", "efficient", "math"]
    : ["flash", "efficient", "math", "cudnn"];
  const wanted = call.kernel && allowed.includes(call.kernel) ? [call.kernel] : [];
  const order = [...wanted, ...(call.ordered ? allowed : usual.filter((one) => allowed.includes(one)))];
  return order.find((one) => one === "math" || (isFused && takes[one](call, gpu)));
}

function chosen(call: AttentionCall, gpu: AttentionGpu): AttentionBackend {
  if (call.kernel === "math" || !isForFused(call)) return "math";
  if (call.kernel && takes[call.kernel](call, gpu)) return call.kernel;
  if (prefersCudnn(gpu) && cudnnTakes(call)) return "cudnn";
  if (gpu.capability >= 8 && flashTakes(call)) return "flash";
  return efficientTakes(call, gpu) ? "efficient" : "math";
}

const prefersCudnn = ({ capability }: AttentionGpu) => capability === 9 || capability === 10;

/** What every fused kernel asks for. */
function isForFused(call: AttentionCall): boolean {
  const { query, key, value } = call;
  const operands = [query, key, value];
  if (operands.some((one) => one.shape.length !== 4 || integers(one.shape).includes(0) || !lastIsDense(one)))
    return false;
  // A mask that is expanded along the keys has no rows that a kernel could read.
  if (call.mask && stridesOf(call.mask).at(-1) !== 1) return false;
  return same(operands, 0) && (call.grouped || same(operands, 1));
}

const takes: Readonly<Record<AttentionBackend, (call: AttentionCall, gpu: AttentionGpu) => boolean>> = {
  cudnn: (call, { capability }) => capability >= 8 && cudnnTakes(call),
  flash: (call, { capability }) => capability >= 8 && flashTakes(call),
  efficient: efficientTakes,
  math: () => true,
};

function cudnnTakes({ query, key, value, mask }: AttentionCall): boolean {
  const [width, valueWidth, columns] = sizesOf(query, key, value);
  if (!isHalf(query) || (mask && (mask.requiresGrad || mask.shape.length === 3))) return false;
  return width % 8 === 0 && valueWidth % 8 === 0 && Math.max(width, valueWidth) <= 256 && columns > 1;
}

function flashTakes({ query, key, value, mask }: AttentionCall): boolean {
  const [width, valueWidth] = sizesOf(query, key, value);
  return isHalf(query) && !mask && width === valueWidth && width <= 256;
}

/** Rows of 16 bytes for the tensor cores; heads must not be shared. */
function efficientTakes({ query, key, value, mask, grouped }: AttentionCall, { capability }: AttentionGpu): boolean {
  const [width, valueWidth] = sizesOf(query, key, value);
  if (query.dtype !== "float32" && !isHalf(query)) return false;
  if (grouped && !same([query, key, value], 1)) return false;
  if (mask && mask.dtype !== "bool" && mask.dtype !== query.dtype) return false;
  const multiple = isHalf(query) ? 8 : capability >= 8 ? 4 : 1;
  return width % multiple === 0 && valueWidth % multiple === 0;
}

/** Widths of query and value, and the number of keys. */
function sizesOf(query: Tensor, key: Tensor, value: Tensor): [number, number, number] {
  const last = integers([query, value].map((one) => one.shape[3] ?? 0));
  return [last[0] ?? 0, last[1] ?? 0, integer(key.shape[2] ?? 0)];
}

function same(all: readonly Tensor[], axis: number): boolean {
  return new Set(integers(all.map((one) => one.shape[axis] ?? 1))).size === 1;
}

function isHalf({ dtype }: Tensor): boolean {
  return dtype === "float16" || dtype === "bfloat16";
}

function lastIsDense(one: Tensor): boolean {
  return stridesOf(one).at(-1) === 1 || one.shape.at(-1) === 1;
}
