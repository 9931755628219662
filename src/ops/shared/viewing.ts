/** Views: the same storage under another shape and strides, with the elements that are known. */
import { Unknown } from "../../base/unknown.ts";
import { count, floorDivide, integer, productOf, type Size, sameSize, showSize } from "../../tensor/size.ts";
import { contiguousStrides, type Tensor } from "../../tensor/tensor.ts";
import { type Made, Refused } from "../op.ts";
import { picked } from "./folding.ts";
import { isKnown, showShape, view } from "./making.ts";

/** Where the elements of a view start, and their steps. */
export interface Walk {
  readonly strides: readonly number[];
  readonly offset: number;
}

/** A view whose strides follow from its owner's; the same walk over row-major order finds the known elements. */
export function walked(of: Tensor, shape: readonly Size[], walk: (strides: readonly number[]) => Walk): Made {
  const rowMajor = looseStrides(of.shape);
  const own = walk(of.strides ?? rowMajor).strides;
  const made = view(of, shape, rowMajorThough(shape, own) ? null : own);
  if (!of.data) return made;
  const { strides, offset } = walk(rowMajor);
  return { ...made, data: picked(of.data, shape, strides, offset) };
}

/** Whether strides are row-major although a size, the first one, is unknown. */
function rowMajorThough(shape: readonly Size[], strides: readonly number[]): boolean {
  if (shape.every(isKnown)) return false;
  return looseStrides(shape).every((step, i) => step === strides[i]);
}

/** Row-major strides; NaN where a size to the right is unknown, so that the shape at least is known. */
export function looseStrides(shape: readonly Size[]): readonly number[] {
  if (shape.every(isKnown)) return contiguousStrides(shape);
  let step = 1;
  return shape
    .map((size) => (size instanceof Unknown ? Number.NaN : Math.max(integer(size), 1)))
    .reduceRight<number[]>((strides, size) => {
      strides.unshift(step);
      step *= size;
      return strides;
    }, []);
}

/** The shape that `view` and `reshape` mean: one -1 is what the other sizes leave over. */
export function inferredShape(from: readonly Size[], wanted: readonly Size[], what: string): readonly Size[] {
  const open = wanted.flatMap((size, i) => (isKnown(size) && integer(size) === -1 ? [i] : []));
  if (open.length > 1)
    throw new Refused(`${what} can infer only one size, but ${showShape(wanted)} leaves ${open.length} open`);
  const negative = wanted.find((size) => isKnown(size) && integer(size) < -1);
  if (negative !== undefined) throw new Refused(`${what} got the size ${showSize(negative)}`);
  const complain = (asked: string) =>
    new Refused(
      `${what} of ${showShape(from)} as ${showShape(wanted)}: ${showSize(productOf(from))} elements against ${asked}`,
    );
  const known = from.every(isKnown) && wanted.every(isKnown);
  const [at] = open;
  if (at === undefined) {
    if (known && count(from) !== count(wanted)) throw complain(showSize(productOf(wanted)));
    return wanted;
  }
  const others = wanted.filter((_, i) => i !== at);
  if (known) {
    const rest = count(others);
    if (rest === 0) throw new Refused(`${what} cannot infer a size beside a size of 0`);
    if (count(from) % rest !== 0) throw complain(`a multiple of ${showSize(productOf(others))}`);
  }
  const inferred = uncancelled(from, others);
  return wanted.map((size, i) => (i === at ? inferred : size));
}

/** The quotient of two products. Equal unknown sizes on both sides cancel. */
function uncancelled(from: readonly Size[], others: readonly Size[]): Size {
  const left = [...from];
  const right: Size[] = [];
  for (const size of others) {
    const at = left.findIndex((one) => one === size || sameSize(one, size));
    if (at < 0) right.push(size);
    else left.splice(at, 1);
  }
  return floorDivide(productOf(left), productOf(right));
}

/**
 * Strides that give a shape to existing memory without moving it, as PyTorch's computeStride; undefined where only a copy
 * can. `null` stays `null`: row-major memory takes every shape.
 */
export function restrided(of: Tensor, shape: readonly Size[]): readonly number[] | null | undefined {
  if (of.strides === null) return null;
  const [from, strides, to] = [of.shape.map(integer), of.strides, shape.map(integer)];
  if (from.includes(0)) return sameShape(from, to) ? strides : contiguousStrides(to);
  const out: number[] = new Array(to.length).fill(1);
  let at = to.length - 1;
  let step = strides.at(-1) ?? 1;
  let [owned, given] = [1, 1];
  for (let i = from.length - 1; i >= 0; i--) {
    owned *= from[i] as number;
    const chunkEnds = i === 0 || (from[i - 1] !== 1 && strides[i - 1] !== owned * step);
    if (!chunkEnds) continue;
    while (at >= 0 && (given < owned || to[at] === 1)) {
      out[at] = given * step;
      given *= to[at] as number;
      at--;
    }
    if (given !== owned) return undefined;
    if (i > 0) [step, owned, given] = [strides[i - 1] as number, 1, 1];
  }
  return at === -1 ? out : undefined;
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
