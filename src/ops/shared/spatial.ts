/** What convolutions, pools and resizes share: settings per axis, window arithmetic, and the layout of image results. */
import { Unknown } from "../../base/unknown.ts";
import type { DType } from "../../tensor/dtype.ts";
import { floorDivide, integer, minus, plus, type Size, showSize, times } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Made, Refused } from "../op.ts";
import { sizes } from "./arguments.ts";
import { channelsLastStrides } from "./layout.ts";
import { isKnown } from "./making.ts";
import { readsChannelsLast } from "./strided.ts";

/** A setting for each of `rank` axes that keeps its expressions: one number stands for all, an empty list for `otherwise`. */
export function eachAxis(
  arg: Arg | undefined,
  rank: number,
  otherwise: Size | readonly Size[],
  name: string,
): readonly Size[] {
  const absent = arg === undefined || arg === null || (Array.isArray(arg) && arg.length === 0);
  const list = absent ? (Array.isArray(otherwise) ? otherwise : [otherwise as Size]) : sizes(arg, name);
  if (list.length === 1) return new Array(rank).fill(list[0]);
  if (list.length !== rank)
    throw new Refused(`${name} has ${list.length} numbers, but the input has ${rank} spatial axes`, "wrong-argument");
  return list;
}

export interface Window {
  readonly kernel: Size;
  readonly stride: Size;
  readonly padding: Size;
  readonly dilation: Size;
  readonly ceil?: boolean;
}

/** Positions of a window that slides over an axis. Refused where it does not fit once. */
export function windows(length: Size, { kernel, stride, padding, dilation, ceil = false }: Window): Size {
  const padded = plus(length, times(2, padding));
  const reach = plus(times(dilation, minus(kernel, 1)), 1);
  const short = isKnown(padded) && isKnown(reach) ? integer(reach) - integer(padded) : 0;
  // Rounded up, a window may begin inside the input and reach beyond it.
  if (short > 0 && !(ceil && isKnown(stride) && short < integer(stride))) {
    throw new Refused(`padded input is ${showSize(padded)}, but the kernel reaches over ${showSize(reach)}`);
  }
  if (isKnown(stride) && integer(stride) <= 0) throw new Refused("stride must be greater than zero", "wrong-argument");
  const room = minus(padded, reach);
  if (!ceil) return plus(floorDivide(room, stride), 1);
  const positions = plus(floorDivide(plus(room, minus(stride, 1)), stride), 1);
  // The last window must start inside the input or its left padding.
  const overhangs =
    isKnown(positions) && integer(minus(times(minus(positions, 1), stride), plus(length, padding))) >= 0;
  return overhangs ? minus(positions, 1) : positions;
}

/** A new image tensor, channels-last where one of those that decide is. */
export function image(shape: readonly Size[], dtype: DType, ...after: readonly Tensor[]): Made {
  const known = shape.every(isKnown) && after.every((one) => one.shape.every(isKnown));
  if (!known || !after.some(readsChannelsLast)) return { shape, dtype };
  return {
    shape,
    dtype,
    strides: channelsLastStrides(shape, shape.length === 5 ? "channels_last_3d" : "channels_last"),
  };
}

/** Refuses two sizes that are known and differ. The message names both. */
export function mustEqual(a: Size | undefined, b: Size | undefined, message: (a: string, b: string) => string): void {
  if (a === undefined || b === undefined || a instanceof Unknown || b instanceof Unknown) return;
  if (integer(a) !== integer(b)) throw new Refused(message(showSize(a), showSize(b)));
}
