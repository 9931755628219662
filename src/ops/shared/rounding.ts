/** Numbers as an element type holds them. */
import { type DType, isFloating } from "../../tensor/dtype.ts";

/** Bits of the fraction, the smallest normal exponent and the largest value of the short float types. */
const shortFloats: Partial<Record<DType, readonly [number, number, number]>> = {
  float16: [10, -14, 65504],
  bfloat16: [7, -126, 3.3895313892515355e38],
  float8_e4m3fn: [3, -6, 448],
  float8_e5m2: [2, -14, 57344],
};

const integerBits: Partial<Record<DType, number>> = { int32: 32, int16: 16, int8: 8, uint8: 8 };

/** The nearest value of the type; integers are cut and wrap around. Unknown where that is not exact (beyond 2⁵³, NaN). */
export function rounded(value: number, dtype: DType): number | undefined {
  if (dtype === "float64") return value;
  if (dtype === "float32") return Math.fround(value);
  if (dtype === "bool") return value === 0 ? 0 : 1;
  if (isFloating(dtype)) return shortened(value, dtype);
  const whole = Math.trunc(value) + 0;
  if (!Number.isSafeInteger(whole)) return undefined;
  const bits = integerBits[dtype];
  return bits === undefined ? whole : wrapped(whole, bits, dtype !== "uint8");
}

function wrapped(value: number, bits: number, signed: boolean): number {
  const range = 2 ** bits;
  const low = ((value % range) + range) % range;
  return signed && low >= range / 2 ? low - range : low;
}

function shortened(value: number, dtype: DType): number | undefined {
  const format = shortFloats[dtype];
  if (!format) return undefined;
  if (value === 0 || !Number.isFinite(value)) return value;
  const [fraction, smallest, top] = format;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), smallest);
  const unit = 2 ** (exponent - fraction);
  const near = halfToEven(value / unit) * unit;
  return Math.abs(near) > top ? Math.sign(near) * Number.POSITIVE_INFINITY : near;
}

/** The nearest integer, ties to the even one, as torch.round and float formats do. */
export function halfToEven(value: number): number {
  const low = Math.floor(value);
  const rest = value - low;
  if (rest !== 0.5) return rest < 0.5 ? low : low + 1;
  return low % 2 === 0 ? low : low + 1;
}
