/** TensorFlow's windows: `same`, `valid`, or a padding on each side; channels stand last. */
import { Unknown } from "../../base/unknown.ts";
import { Refused } from "../../ops/op.ts";
import { floorDivide, integer, minus, plus, type Size, showSize, times } from "../../tensor/size.ts";

/** How windows go over one axis. */
export interface Along {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Where it is a number, on both sides. */
  readonly padding: "same" | "valid" | number;
  readonly round?: "floor" | "ceil" | "round" | undefined;
}

/** Positions of a window; unknown where the axis is. Refused where it does not fit once. */
export function positions(length: Size, { kernel, stride, dilation, padding, round = "floor" }: Along): Size {
  if (length instanceof Unknown) return length;
  if (padding === "same") return upDivided(length, stride);
  const reach = (kernel - 1) * dilation + 1;
  const padded = padding === "valid" ? length : plus(length, 2 * padding);
  const room = minus(padded, reach);
  if (integer(room) < 0)
    throw new Refused(`the window reaches over ${reach}, but the input has ${showSize(padded)} along that axis`);
  if (round === "floor" || integer(room) % stride === 0) return plus(floorDivide(room, stride), 1);
  return plus(Math[round](integer(room) / stride), 1);
}

/** The quotient, rounded up. */
export function upDivided(length: Size, by: number): Size {
  return by === 1 ? length : floorDivide(plus(length, by - 1), by);
}

/** The length that a transposed convolution gives. */
export function widened(length: Size, kernel: number, stride: number, padding: "same" | "valid"): Size {
  const scaled = times(length, stride);
  return padding === "same" ? scaled : plus(scaled, Math.max(kernel - stride, 0));
}
