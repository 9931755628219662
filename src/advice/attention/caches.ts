/** Bytes of the keys and values that layers cache. */
import { itemBytes } from "../../tensor/dtype.ts";
import { integers } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** Of all layers; where `most` is given, of no more than that many positions of each. */
export function cacheBytes(caches: readonly (readonly Tensor[])[], most = Number.POSITIVE_INFINITY): number {
  return caches.flat().reduce((sum, { shape, dtype }) => {
    const sizes = integers(shape);
    const positions = sizes.at(-2) ?? 1;
    const others = sizes.reduce((product, size) => product * size, 1) / positions;
    return sum + others * Math.min(positions, most) * itemBytes(dtype);
  }, 0);
}
