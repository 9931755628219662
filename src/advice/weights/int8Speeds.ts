/** How fast 8-bit products ran against 16-bit ones (LLM.int8(), arXiv:2208.07339, tables 5 and 6). */

/** Model widths of table 5: the first layer of a feed-forward part, A100. */
const widths = [768, 1024, 1536, 2048, 2560, 4096, 5140, 12288] as const;

export const int8Speeds = {
  /** With the decomposition of outliers. */
  "llm-int8": [0.14, 0.2, 0.36, 0.51, 0.64, 0.86, 1.22, 1.81],
  /** Vector-wise scales, nothing decomposed. */
  vectorwise: [0.43, 0.49, 0.74, 0.91, 0.94, 1.18, 1.59, 2.0],
  /** The product alone. */
  raw: [0.99, 1.08, 1.43, 1.61, 1.63, 1.67, 2.13, 2.29],
} as const;

/** Interpolated between the widths that were measured; at both ends theirs. Above 1: faster. */
export function int8Speed(width: number, kind: keyof typeof int8Speeds): number {
  const speeds = int8Speeds[kind];
  const above = widths.findIndex((one) => one >= width);
  if (above === 0) return speeds[0];
  if (above < 0) return speeds[7];
  const [low, high] = [widths[above - 1] as number, widths[above] as number];
  const share = (width - low) / (high - low);
  return (speeds[above - 1] as number) * (1 - share) + (speeds[above] as number) * share;
}

/**
 * Few rows are bound by what is read and by the kernels beside the product: BLOOM-176B took 253 against 239 ms a token at one
 * sequence, 34 against 32 at eight and 10.44 against 9.94 at 32, on as many devices (table 6).
 */
export function int8FewRows(rows: number): number {
  return rows <= 4 ? 239 / 253 : rows <= 16 ? 32 / 34 : 9.94 / 10.44;
}

/** Rows above which a product is taken to be bound as those of table 5 were. */
export const manyRows = 32;

/** Parameters of the models of table 4, in millions, and how many columns of their activations have a value of 6 or more. */
const outliers: readonly (readonly [number, number])[] = [
  [117, 1],
  [125, 2],
  [345, 2],
  [762, 2],
  [1300, 4],
  [1500, 2],
  [2700, 5],
  [6000, 6],
  [6700, 6],
  [13_000, 7],
];

/** Columns of the activations with outliers: those of the published model nearest in size; at most seven were seen. */
export function outlierColumns(params: number): number {
  const away = ([millions]: readonly [number, number]) => Math.abs(Math.log(params / 1e6 / millions));
  const [nearest] = outliers.toSorted((a, b) => away(a) - away(b));
  return nearest?.[1] ?? 7;
}
