/** Memory that operations move which read only chosen elements: what they give is what they read. */
import { itemBytes } from "../../tensor/dtype.ts";
import { count } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** Dense bytes of tensors. Throws NeedsKnownSize. */
export function countBytes(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, { shape, dtype }) => sum + count(shape) * itemBytes(dtype), 0);
}

/** Reads the indices and as much as is written. */
export function rowTraffic(indexBytes: number, out: readonly Tensor[]): { read: number; written: number } {
  const written = countBytes(out);
  return { read: indexBytes + written, written };
}
