/** The contract of a curves record: what was fitted to one measured device. */
import type { Rate } from "../../devices/device.ts";

/**
 * Kernels that stream over their operands: seconds = start + the longest of what the memory takes, what the units take for
 * items and rows, and what the busiest lane takes.
 */
export interface StreamCurve {
  readonly startSeconds: number;
  /** Of the memory's peak rate. */
  readonly memoryShare: number;
  /** Elements that all units together work on in a second; Infinity: never the limit. */
  readonly itemsPerSecond: number;
  /** What each row costs beside its elements. */
  readonly rowSeconds: number;
  /** Elements that one lane (a channel, a group) works on in a second, where lanes are few. */
  readonly laneItemsPerSecond: number;
  /** The same where they come from the memory. */
  readonly laneFarItemsPerSecond: number;
}

/** Products by tiles: a tile of a × b elements reaches `share` · a·b/(a+b) / (a·b/(a+b) + `half`) of its unit's peak. */
export interface ProductCurve {
  readonly startSeconds: number;
  readonly share: number;
  readonly half: number;
  readonly memoryShare: number;
  /** What a tile takes beside its multiply-adds. */
  readonly tileSeconds: number;
}

/**
 * Half types whose rows begin at multiples of 8 elements, of 2 or 4, at any: the libraries have kernels of their own for
 * each, and where any and both operands are read by rows; fp32 without rounding; products of several groups of rows.
 */
export type ProductKind =
  | "product"
  | "even product"
  | "odd product"
  | "odd row product"
  | "fp32 product"
  | "grouped product";

/** Attention by blocks of 128 queries (backward: keys): width w reaches `share` · w / (w + `half`) of a unit's peak. */
export interface AttentionCurve {
  readonly startSeconds: number;
  readonly share: number;
  readonly half: number;
  readonly memoryShare: number;
  readonly blockSeconds: number;
  /** Share of a causal mask's skipped work that is really skipped. */
  readonly skipped: number;
}

export interface ConvolutionCurve extends ProductCurve {
  /** Bytes per second at which an operand is brought into channels-last order, as a share of the memory's peak. */
  readonly layoutShare: number;
  /** To start each of the kernels that do so. */
  readonly layoutStartSeconds: number;
}

export interface DepthwiseCurve {
  readonly startSeconds: number;
  readonly outputSeconds: number;
  readonly macSeconds: number;
  /** An element of a window of an uncommon size, which are worked through one behind the other. */
  readonly stepSeconds: number;
}

/** What the CPU takes to ask for operations one by one, in seconds. */
export interface HostCurve {
  /** By kind of kernel, called from Python without gradients. */
  readonly kinds: Readonly<Record<string, number>>;
  /** A view, and a kernel of a kind that has no figure of its own. */
  readonly view: number;
  readonly other: number;
  /** The model's own Python between two operations, and around a module's. */
  readonly python: number;
  readonly moduleCall: number;
  /** More for an operation that autograd follows. */
  readonly followed: number;
  /** The backward pass asks for an operation in this share of its seconds, and this much more. */
  readonly backwardShare: number;
  readonly backwardNode: number;
  /** For each gradient that a parameter gets. */
  readonly gradient: number;
  /** More for an operation that runs again in the backward pass. */
  readonly recomputed: number;
  /** An optimizer's step, and each of its tensors. */
  readonly step: number;
  readonly stepTensor: number;
}

export interface CurveError {
  readonly rows: number;
  readonly median: number;
  /** Nine of ten rows err less. */
  readonly most: number;
}

export interface Curves {
  /** The device that was measured; its peaks are those of its record. */
  readonly device: string;
  readonly measured: string;
  readonly peaks: {
    readonly units: number;
    readonly memoryBytesPerSecond: number;
    readonly flopsPerSecond: Readonly<Partial<Record<Rate, number>>>;
    readonly lastLevelCacheBytes: number;
  };
  /** How much of the last-level cache keeps what was used last, and what it gives in a second. */
  readonly cacheShare: number;
  readonly cacheBytesPerSecond: number;
  /** Between two kernels that are handed over one by one. */
  readonly gapSeconds: number;
  readonly streams: Readonly<Record<string, StreamCurve>>;
  readonly products: Readonly<Record<ProductKind, ProductCurve>>;
  readonly convolutions: Readonly<Record<string, ConvolutionCurve>>;
  readonly depthwise: Readonly<Record<string, DepthwiseCurve>>;
  readonly attention: Readonly<Record<string, AttentionCurve>>;
  readonly optimizer: { readonly startSeconds: number; readonly memoryShare: number };
  readonly host: HostCurve;
  /** By kind of kernel, over the measured rows. */
  readonly errors: Readonly<Record<string, CurveError>>;
}

/**
 * Microseconds to start, share of the memory's rate, elements per second, nanoseconds per row, elements of a lane per second
 * from the cache and from the memory.
 */
export function stream(
  start: number,
  memoryShare: number,
  items: number,
  row = 0,
  lane = 2e9,
  laneFar = lane,
): StreamCurve {
  return {
    startSeconds: start * 1e-6,
    memoryShare,
    itemsPerSecond: items,
    rowSeconds: row * 1e-9,
    laneItemsPerSecond: lane,
    laneFarItemsPerSecond: laneFar,
  };
}

/** Microseconds to start, share of the peak, elements at half of it, share of the memory's rate, microseconds per tile. */
export function product(start: number, share: number, half: number, memoryShare = 0.85, tile = 0.5): ProductCurve {
  return { startSeconds: start * 1e-6, share, half, memoryShare, tileSeconds: tile * 1e-6 };
}

/** The same, then the share of the memory's rate at which layouts change, and microseconds to start that. */
export function convolution(
  layout: readonly [share: number, start: number],
  ...tiles: Parameters<typeof product>
): ConvolutionCurve {
  return { ...product(...tiles), layoutShare: layout[0], layoutStartSeconds: layout[1] * 1e-6 };
}

/** Microseconds to start, picoseconds per output, and per output and element of the window, nanoseconds per element behind another. */
export function depthwise(start: number, output: number, mac: number, step = 0): DepthwiseCurve {
  return {
    startSeconds: start * 1e-6,
    outputSeconds: output * 1e-12,
    macSeconds: mac * 1e-12,
    stepSeconds: step * 1e-9,
  };
}

/** Microseconds to start, share of the peak, width at half of it, share of the memory's rate, microseconds per block, share skipped. */
export function attention(
  start: number,
  share: number,
  half: number,
  memoryShare = 0.8,
  block = 0.5,
  skipped = 0.9,
): AttentionCurve {
  return { startSeconds: start * 1e-6, share, half, memoryShare, blockSeconds: block * 1e-6, skipped };
}

export function error(rows: number, median: number, most: number): CurveError {
  return { rows, median, most };
}
