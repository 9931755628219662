/** A device as the kernels' formulas see it: its peaks, and the curves that were measured on it or stand in for it. */
import { type Known, Unknown } from "../../base/unknown.ts";
import { type DType, itemBytes } from "../../tensor/dtype.ts";
import type { Device, Rate } from "../devices/device.ts";
import type { Curves } from "./curves/curves.ts";
import h200Sxm141 from "./curves/h200Sxm141.ts";

export interface Machine {
  readonly curves: Curves;
  /** Whether the curves were measured on this very device. */
  readonly measured: boolean;
  /** How many times as far it may be from its time as the device that was measured: more without that one's architecture. */
  readonly doubt: number;
  readonly units: number;
  readonly bytesPerSecond: number;
  /** Bytes that the last-level cache keeps from one kernel to the next. */
  readonly cacheBytes: number;
  readonly cacheBytesPerSecond: number;
  /** How fast its vector units are against those that were measured. */
  readonly vectorScale: number;
  /** Peak of the matrix units for a type; `tf32` where fp32 may be rounded to it. */
  flopsPerSecond(dtype: DType, tf32: boolean): number;
}

const records: readonly Curves[] = [h200Sxm141];

/** Unknown where nobody says how fast the device multiplies. */
export function machineOf(device: Device): Known<Machine> {
  const rates = device.flopsPerSecond;
  const fastest = Math.max(0, ...Object.values(rates));
  if (fastest === 0) return new Unknown(`nobody prints how fast ${device.name} multiplies`);
  const own = records.find((one) => one.device === device.curves);
  return machineWith(device, own ?? h200Sxm141, own !== undefined);
}

/** A device with given curves: those of another one stand in by shares of the peaks. */
export function machineWith(device: Device, curves: Curves, measured: boolean): Machine {
  const rates = device.flopsPerSecond;
  const fastest = Math.max(...Object.values(rates));
  const { peaks } = curves;
  const memoryScale = device.memoryBytesPerSecond / peaks.memoryBytesPerSecond;
  const half = rates.bf16 ?? rates.f16 ?? fastest;
  const vector = device.vectorFlopsPerSecond ?? rates.f32 ?? half / 2;
  const rateOf = (rate: Rate): number | undefined => rates[rate];
  return {
    curves,
    measured,
    doubt: measured ? 1 : device.capability === undefined ? 3 : 2,
    units: device.units ?? 1,
    bytesPerSecond: device.memoryBytesPerSecond,
    cacheBytes: (device.lastLevelCacheBytes ?? 0) * curves.cacheShare,
    cacheBytesPerSecond: curves.cacheBytesPerSecond * memoryScale,
    vectorScale: vector / (peaks.flopsPerSecond.f32 as number),
    flopsPerSecond: (dtype, tf32) => {
      for (const rate of ratesFor(dtype, tf32)) {
        const found = rateOf(rate);
        if (found) return found;
      }
      return half / Math.max(1, itemBytes(dtype) / 2);
    },
  };
}

/** The rates that fit a type, the best first: a type without matrix units of its own runs on the vector units. */
function ratesFor(dtype: DType, tf32: boolean): readonly Rate[] {
  switch (dtype) {
    case "bfloat16":
      return ["bf16", "f32", "f16"];
    case "float16":
      return ["f16", "bf16", "f32"];
    case "float8_e4m3fn":
    case "float8_e5m2":
      return ["f8", "f16", "bf16"];
    case "int8":
    case "uint8":
      return ["i8", "f16", "f32"];
    case "float64":
      return ["f64"];
    default:
      return tf32 ? ["tf32", "f32"] : ["f32"];
  }
}
