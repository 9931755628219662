/** Tensors whose sizes are followed numbers: the same layer in another width is a copy too. */
import { asked, FollowedInt } from "../../python/remember/buildTags.ts";
import { PyList, type Value } from "../../python/values.ts";
import type { Size } from "../../tensor/size.ts";
import { longestData, type Tensor } from "../../tensor/tensor.ts";

/** Operations that make a tensor of any shape, and whether its elements are known where they are few. */
const makers: ReadonlyMap<string, boolean> = new Map([
  ["empty", false],
  ["rand", false],
  ["randn", false],
  ["zeros", true],
  ["ones", true],
]);

/**
 * The plain sizes to make a tensor with, and the followed ones that it then has: nothing is decided by them but that they
 * are sizes. Undefined where no size is followed, or where more rests on them.
 */
export function followedShape(op: string, sizes: Value | undefined): { plain: PyList; shape: Size[] } | undefined {
  const isKnown = makers.get(op);
  if (isKnown === undefined || !(sizes instanceof PyList)) return undefined;
  const followed = sizes.items.filter((size) => size instanceof FollowedInt);
  const others = sizes.items.filter((size) => typeof size === "number");
  if (followed.length === 0 || followed.length + others.length < sizes.items.length) return undefined;
  if (isKnown && followed.length > 1) return undefined;
  const rest = others.reduce((product, size) => product * size, 1);
  for (const { origin } of followed) {
    if (origin.now < 0) return undefined;
    asked(origin, (number) => number >= 0, true);
    if (isKnown) {
      const isFew = (number: number) => number * rest <= longestData;
      asked(origin, isFew, isFew(origin.now));
    }
  }
  return {
    plain: new PyList(sizes.items.map((size) => (size instanceof FollowedInt ? size.origin.now : size))),
    shape: [...sizes.items] as Size[],
  };
}

/** Elements that are all the same, as many as another shape has; undefined where none are known or they differ. */
export function sameElements({ data }: Tensor, count: number): readonly number[] | undefined {
  return data && count <= longestData ? new Array<number>(count).fill(data[0] as number) : undefined;
}

/** Whether a tensor's elements are known to be all the same, or not known at all. */
export function isUniform({ data }: Tensor): boolean {
  return !data || (data.length > 0 && data.every((one) => Object.is(one, data[0])));
}
