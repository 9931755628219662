/** Matrix products: tiles over the result, in waves over the units, against the traffic of the operands. */
import type { DType } from "../../tensor/dtype.ts";
import { isFloating, itemBytes } from "../../tensor/dtype.ts";
import { count, integer, integers } from "../../tensor/size.ts";
import { stridesOf, type Tensor } from "../../tensor/tensor.ts";
import type { Operation } from "../../trace/trace.ts";
import type { ProductCurve, ProductKind } from "./curves/curves.ts";
import type { Machine } from "./machine.ts";
import type { Traffic } from "./residency.ts";
import { operands, results } from "./shapes.ts";

export interface ProductShape {
  readonly form: "product";
  readonly kind: ProductKind;
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly dtype: DType;
}

/** What one kernel takes, by what bounds it. */
export interface KernelSeconds {
  readonly start: number;
  readonly compute: number;
  readonly memory: number;
}

export function productShape(operation: Operation): ProductShape {
  const { name, macs } = operation;
  const [out] = results(operation) as [Tensor];
  const tensors = operands(operation);
  const [a, b] = (/addmm|baddbmm|addbmm/.test(name) ? tensors.slice(1) : tensors) as [Tensor, Tensor | undefined];
  const grouped = name.includes("grouped");
  const dtype = isFloating(out.dtype) ? out.dtype : a.dtype;
  return {
    form: "product",
    kind: grouped ? "grouped product" : kindOf(dtype, [a, b, out], innerRows(name, a, b)),
    ...(grouped ? groupedSizes(a, b ?? a) : sizes(name, macs as number, a, b, out)),
    dtype,
  };
}

/** Whether the axis that is summed over is the innermost of both operands. */
function innerRows(name: string, a: Tensor, b: Tensor | undefined): boolean {
  if (name.endsWith(".linear")) return true;
  return b !== undefined && b.shape.length > 1 && stridesOf(a).at(-1) === 1 && stridesOf(b).at(-2) === 1;
}

function kindOf(dtype: DType, tensors: readonly (Tensor | undefined)[], inner: boolean): ProductKind {
  if (itemBytes(dtype) > 2) return "fp32 product";
  const rows = tensors.flatMap((one) => (one && isFloating(one.dtype) ? [leading(one)] : []));
  if (rows.every((n) => n % 8 === 0)) return "product";
  return rows.every((n) => n % 2 === 0) ? "even product" : inner ? "odd row product" : "odd product";
}

type Sizes = Pick<ProductShape, "batch" | "m" | "n" | "k">;

/** From the result's shape and the multiply-adds: rows of a batch are one matrix where the second operand is one. */
function sizes(name: string, macs: number, a: Tensor, b: Tensor | undefined, out: Tensor): Sizes {
  const all = Math.max(1, count(out.shape));
  const k = macs === 0 ? integer(a.shape.at(-1) ?? 1) : Math.max(1, macs / all);
  const vector = b !== undefined && b.shape.length === 1 && isFloating(b.dtype);
  if (vector || out.shape.length === 0) return { batch: 1, m: all, n: 1, k };
  const n = Math.max(1, integer(out.shape.at(-1) ?? 1));
  const folded = out.shape.length <= 2 || /\.linear$/.test(name) || (b?.shape.length === 2 && isFloating(b.dtype));
  if (!folded && /einsum|tensordot|bilinear/.test(name)) return { batch: 1, m: all / n, n, k };
  const m = folded ? all / n : Math.max(1, integer(out.shape.at(-2) ?? 1));
  return { batch: all / Math.max(1, m * n), m, n, k };
}

/** Groups are taken as equally long. */
function groupedSizes(a: Tensor, b: Tensor): Sizes {
  const [groups = 1, k = 1, n = 1] = b.shape.length === 3 ? integers(b.shape) : [1, ...integers(b.shape)];
  const rows = count(a.shape) / Math.max(integer(a.shape.at(-1) ?? 1), 1);
  return { batch: groups, m: Math.max(1, rows / groups), n, k };
}

/** Elements from one row to the next. */
function leading(tensor: Tensor): number {
  if (tensor.shape.length < 2) return 8;
  return Math.max(...stridesOf(tensor).slice(-2));
}

export function productSeconds(shape: ProductShape, traffic: Traffic, machine: Machine): KernelSeconds {
  const rate = machine.flopsPerSecond(shape.dtype, false);
  return tiledSeconds(shape, rate, machine.curves.products[shape.kind], traffic, machine);
}

/** Tiles of the libraries' kernels, in elements of the result. */
const tiles: readonly (readonly [number, number])[] = [
  [256, 128],
  [192, 192],
  [192, 128],
  [128, 128],
  [128, 96],
  [128, 64],
  [64, 64],
  [64, 32],
  [64, 16],
];
const splits = [1, 2, 4, 8];

/** The best of the libraries' tiles, whichever way round, and of splitting the inner axis. */
export function tiledSeconds(
  { batch, m, n, k }: Sizes,
  rate: number,
  curve: ProductCurve,
  traffic: Traffic,
  machine: Machine,
  mostSplits = 8,
): KernelSeconds {
  const perUnit = rate / machine.units;
  const memory = trafficSeconds(traffic, curve.memoryShare, machine);
  let best: KernelSeconds | undefined;
  for (const [long, short] of tiles) {
    for (const [tileM, tileN] of [
      [long, short],
      [short, long],
    ] as const) {
      const across = Math.ceil(m / tileM) * Math.ceil(n / tileN) * batch;
      const ratio = (tileM * tileN) / (tileM + tileN);
      const reached = (perUnit * curve.share * ratio) / (ratio + curve.half);
      for (const split of splits) {
        if (split > mostSplits || (split > 1 && across * split > 2 * machine.units) || (split > 1 && k / split < 128))
          break;
        const waves = wavesOf((across * split) / machine.units);
        const tile = (2 * tileM * tileN * Math.ceil(k / split / 16) * 16) / reached + curve.tileSeconds;
        const sums = split > 1 ? (batch * m * n * 4 * (split + 1)) / machine.cacheBytesPerSecond : 0;
        const few = Math.max(1, machine.units / (2 * across * split));
        const found = {
          start: curve.startSeconds + (split > 1 ? curve.startSeconds / 4 : 0),
          compute: waves * tile + sums,
          memory: memory * few,
        };
        if (!best || together(found) < together(best)) best = found;
      }
    }
  }
  return best as KernelSeconds;
}

/** Whole waves while they are few; later ones overlap. */
function wavesOf(full: number): number {
  return full <= 4 ? Math.ceil(full - 1e-9) : full + 0.5;
}

export function trafficSeconds({ far, near }: Traffic, share: number, machine: Machine): number {
  return far / (machine.bytesPerSecond * share) + near / machine.cacheBytesPerSecond;
}

/** Compute and traffic overlap, but for their ends: the third-power mean of both, behind the start. */
export function together({ start, compute, memory }: KernelSeconds): number {
  return start + Math.cbrt(compute ** 3 + memory ** 3);
}
