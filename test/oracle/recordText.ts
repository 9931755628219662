/** A curves record as the TypeScript that is committed: a line for each kind. */
import type { Curves } from "../../src/cost/time/curves/curves.ts";

export function recordText(curves: Curves, name: string): string {
  const { peaks, host } = curves;
  const { kinds, ...others } = host;
  const table = <Curve>(of: Readonly<Record<string, Curve>>, call: (curve: Curve) => string) =>
    `{\n${Object.entries(of)
      .map(([kind, curve]) => `    ${key(kind)}: ${call(curve)},\n`)
      .join("")}  }`;
  return `/** Curves of the ${name}, written by test/oracle/fitTimes.mjs: no figure is changed by hand. */
import { attention, type Curves, convolution, depthwise, error, product, stream } from "./curves.ts";

const h200Sxm141: Curves = {
  device: "${curves.device}",
  measured: "${curves.measured}",
  peaks: {
    units: ${peaks.units},
    memoryBytesPerSecond: ${short(peaks.memoryBytesPerSecond)},
    flopsPerSecond: { ${pairs(peaks.flopsPerSecond)} },
    lastLevelCacheBytes: ${peaks.lastLevelCacheBytes},
  },
  cacheShare: ${short(curves.cacheShare)},
  cacheBytesPerSecond: ${short(curves.cacheBytesPerSecond)},
  gapSeconds: ${short(curves.gapSeconds)},
  streams: ${table(curves.streams, (one) => `stream(${list(one.startSeconds * 1e6, one.memoryShare, one.itemsPerSecond, one.rowSeconds * 1e9, one.laneItemsPerSecond, one.laneFarItemsPerSecond)})`)},
  products: ${table(curves.products, (one) => `product(${tiles(one)})`)},
  convolutions: ${table(curves.convolutions, (one) => `convolution([${list(one.layoutShare, one.layoutStartSeconds * 1e6)}], ${tiles(one)})`)},
  depthwise: ${table(curves.depthwise, (one) => `depthwise(${list(one.startSeconds * 1e6, one.outputSeconds * 1e12, one.macSeconds * 1e12, ...(one.stepSeconds ? [one.stepSeconds * 1e9] : []))})`)},
  attention: ${table(curves.attention, (one) => `attention(${list(one.startSeconds * 1e6, one.share, one.half, one.memoryShare, one.blockSeconds * 1e6, one.skipped)})`)},
  optimizer: { ${pairs(curves.optimizer)} },
  host: {
    kinds: ${table(kinds, short)},
${Object.entries(others)
  .map(([word, value]) => `    ${word}: ${short(value as number)},\n`)
  .join("")}  },
  errors: ${table(curves.errors, (one) => `error(${list(one.rows, one.median, one.most)})`)},
};
export default h200Sxm141;
`;
}

function tiles(one: Curves["products"]["product"]): string {
  return list(one.startSeconds * 1e6, one.share, one.half, one.memoryShare, one.tileSeconds * 1e6);
}

function list(...values: readonly number[]): string {
  return values.map(short).join(", ");
}

function pairs(of: Readonly<Record<string, number>>): string {
  return Object.entries(of)
    .map(([word, value]) => `${word}: ${short(value)}`)
    .join(", ");
}

function key(kind: string): string {
  return /^\w+$/.test(kind) ? kind : JSON.stringify(kind);
}

/** Four digits are more than a measurement bears. */
function short(value: number): string {
  const rounded = Number(value.toPrecision(4));
  const [mantissa, exponent] = rounded.toExponential().split("e");
  return Math.abs(Number(exponent)) < 4 ? String(rounded) : `${mantissa}e${Number(exponent)}`;
}
