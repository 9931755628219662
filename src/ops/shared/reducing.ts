/** Results along some axes: the shape that is left, and groups or lines of known elements. */
import { integer, type Size } from "../../tensor/size.ts";
import { contiguousStrides, type Tensor } from "../../tensor/tensor.ts";
import { type Arg, Refused } from "../op.ts";
import { axes } from "./arguments.ts";
import { type Elements, offsets } from "./folding.ts";
import { isKnown } from "./making.ts";

/** The axes that a reduction names, each once; all for null or an empty list. */
export function reducedAxes(dim: Arg | undefined, rank: number): readonly number[] {
  const list = axes(dim, rank);
  const twice = list.find((at, i) => list.indexOf(at) !== i);
  if (twice !== undefined) throw new Refused(`axis ${twice} is named twice`);
  return rank === 0 ? [] : list;
}

/** A shape without some axes, or with them as 1. */
export function reducedShape(shape: readonly Size[], over: readonly number[], keepdim: boolean): readonly Size[] {
  return keepdim ? shape.map((size, i) => (over.includes(i) ? 1 : size)) : shape.filter((_, i) => !over.includes(i));
}

/** One number for each group of known elements that differ only along the axes reduced. */
export function foldedGroups(
  of: Tensor,
  over: readonly number[],
  each: (group: readonly number[]) => number,
): Elements {
  return of.data && groups(of.data, of.shape, over).map(each);
}

/** Elements in groups that differ only along some axes, in row-major order of the other axes. */
export function groups(data: readonly number[], shape: readonly Size[], over: readonly number[]): number[][] {
  const strides = contiguousStrides(shape);
  const others = shape.map((_, i) => i).filter((i) => !over.includes(i));
  const starts = offsets(
    others.map((i) => shape[i] as Size),
    others.map((i) => strides[i] as number),
    0,
  );
  const steps = offsets(
    over.map((i) => shape[i] as Size),
    over.map((i) => strides[i] as number),
    0,
  );
  const empty = over.some((i) => integer(shape[i] as Size) === 0);
  const none = others.some((i) => integer(shape[i] as Size) === 0);
  return none ? [] : starts.map((start) => (empty ? [] : steps.map((step) => data[start + step] as number)));
}

/** Rewrites each line of known elements along an axis; the new lines may have another length, the same for all. */
export function foldedLines(of: Tensor, at: number, each: (line: readonly number[]) => readonly number[]): Elements {
  if (!of.data || !of.shape.every(isKnown)) return undefined;
  if (of.shape.length === 0) return each(of.data);
  const lines = groups(of.data, of.shape, [at]).map(each);
  const inner = of.shape.slice(at + 1).reduce<number>((n, size) => n * integer(size), 1);
  const length = lines[0]?.length ?? 0;
  const out: number[] = [];
  for (let block = 0; block < lines.length; block += inner) {
    for (let i = 0; i < length; i++) for (let j = 0; j < inner; j++) out.push(lines[block + j]?.[i] as number);
  }
  return out;
}

/** Refused where a reduction that has no value for nothing is given nothing. */
export function mustHaveElements(of: Tensor, over: readonly number[], what: string): void {
  const empty = (of.shape.length === 0 ? [] : over).find(
    (i) => isKnown(of.shape[i] as Size) && integer(of.shape[i] as Size) === 0,
  );
  const left = of.shape.some((size, i) => !over.includes(i) && isKnown(size) && integer(size) === 0);
  if (empty !== undefined && !left) throw new Refused(`${what} over axis ${empty}, which has no elements`);
}
