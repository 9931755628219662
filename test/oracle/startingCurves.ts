/** Where the fit of `fitTimes.ts` begins: round figures, of which those that rows are measured for are replaced. */
import type {
  AttentionCurve,
  ConvolutionCurve,
  Curves,
  DepthwiseCurve,
  ProductCurve,
  StreamCurve,
} from "../../src/cost/time/curves/curves.ts";

/** Microseconds to start, share of the memory's rate, elements per second, seconds per row, elements of a lane per second. */
function stream(start: number, memoryShare: number, itemsPerSecond: number, rowSeconds = 0, lane = 2e9): StreamCurve {
  return { startSeconds: start * 1e-6, memoryShare, itemsPerSecond, rowSeconds, laneItemsPerSecond: lane };
}

function product(start: number, share: number, half: number, tile = 0.5): ProductCurve {
  return { startSeconds: start * 1e-6, share, half, memoryShare: 0.85, tileSeconds: tile * 1e-6 };
}

function convolution(share: number): ConvolutionCurve {
  return { ...product(3, share, 20, 1), memoryShare: 0.8, layoutShare: 0.45, layoutStartSeconds: 4e-6 };
}

function depthwise(start: number, output: number, mac: number): DepthwiseCurve {
  return { startSeconds: start * 1e-6, outputSeconds: output * 1e-12, macSeconds: mac * 1e-12 };
}

function attention(start: number, share: number, half: number): AttentionCurve {
  return { startSeconds: start * 1e-6, share, half, memoryShare: 0.8, blockSeconds: 5e-7, skipped: 0.9 };
}

export const startingCurves: Omit<Curves, "device" | "measured" | "peaks" | "errors" | "host" | "optimizer"> = {
  cacheShare: 0.4,
  cacheBytesPerSecond: 9e12,
  gapSeconds: 1.3e-6,
  streams: {
    "element-wise": stream(1.3, 0.88, 2e12),
    "heavy element-wise": stream(1.5, 0.88, 0.78e12),
    "mixed element-wise": stream(2.2, 0.88, 0.3e12),
    "strided element-wise": stream(1.8, 0.88, 0.39e12),
    "transposed copy": stream(2.5, 0.88, 0.17e12),
    join: stream(1.9, 0.85, 1e12),
    "strided join": stream(2, 0.85, 0.22e12),
    "layer norm": stream(3, 0.88, 0.6e12, 1e-9),
    "layer norm backward": stream(4.5, 0.8, 0.4e12, 0.5e-9),
    "rms norm": stream(2.3, 0.88, 1.1e12, 0.5e-9),
    "rms norm backward": stream(4.5, 0.8, 0.4e12, 0.5e-9),
    "batch norm": stream(3, 0.8, 0.4e12, 0.5e-9, 1.5e9),
    "batch norm backward": stream(3, 0.8, 0.4e12, 0.5e-9, 1e9),
    "cudnn batch norm": stream(3, 0.8, 0.4e12, 0.5e-9, 1.5e9),
    "cudnn batch norm backward": stream(3, 0.8, 0.4e12, 0.5e-9, 1.5e9),
    "folded batch norm": stream(1.8, 0.85, 1e12, 0.5e-9),
    "folded batch norm half": stream(4, 0.85, 0.4e12, 0.5e-9),
    "group norm": stream(5, 0.8, 0.4e12, 0.5e-9, 1.5e9),
    "group norm backward": stream(7, 0.8, 0.4e12, 0.5e-9, 1.5e9),
    softmax: stream(2, 0.85, 0.66e12, 0.1e-9, 1e10),
    "long softmax": stream(3, 0.85, 0.4e12, 0.1e-9, 8e9),
    "softmax backward": stream(2.5, 0.8, 0.4e12, 0.1e-9, 8e9),
    dropout: stream(2.5, 0.85, 0.55e12),
    "embedding backward": stream(40, 0.85, 0.07e12),
    gather: stream(1.8, 0.8, 1e12, 0.1e-9),
    scatter: stream(8, 0.6, 0.1e12, 0.1e-9),
    "index put": stream(20, 0.8, 0.3e12),
    sort: stream(30, 0.5, 0.05e12, 1e-9, 1e9),
    scan: stream(8, 0.6, 0.2e12, 1e-9, 1e9),
    pool: stream(2.5, 0.85, 0.3e12),
    "pool backward": stream(4, 0.85, 0.2e12),
    "adaptive pool": stream(2, 0.85, 0.6e12, 0.2e-9),
    interpolation: stream(3, 0.85, 0.4e12),
    "linear interpolation": stream(3, 0.8, 0.4e12, 2e-7),
    "interpolation backward": stream(3, 0.85, 0.4e12),
    loss: stream(2.5, 0.8, 1e12),
    recurrent: stream(20, 0.5, 100e12, 5e-6),
    roll: stream(3, 0.8, 0.12e12),
    fill: stream(1.1, 0.85, 2e12),
    reduction: stream(2.5, 0.85, 1.6e12, 0.2e-9),
    "outer reduction": stream(4, 0.75, 1e12, 0.1e-9),
    "math attention": stream(30, 0.8, 0.05e12),
    "math attention backward": stream(30, 0.8, 0.05e12),
  },
  products: {
    product: product(3, 0.95, 15),
    "even product": product(4, 0.3, 15),
    "odd product": product(4, 0.14, 15),
    "fp32 product": product(3, 0.95, 12),
    "grouped product": product(10, 0.9, 20),
  },
  convolutions: {
    "half convolution": convolution(0.8),
    "half convolution backward": convolution(0.7),
    "fp32 convolution": convolution(0.8),
    "fp32 convolution backward": convolution(0.5),
    "few-channel half convolution": convolution(0.2),
    "few-channel half convolution backward": convolution(0.2),
    "few-channel fp32 convolution": convolution(0.2),
    "few-channel fp32 convolution backward": convolution(0.2),
  },
  depthwise: {
    "depthwise convolution": depthwise(2, 3.8, 0.62),
    "depthwise convolution backward": depthwise(5, 15, 2),
    "channels-last half depthwise convolution": depthwise(3, 3, 0.15),
    "channels-last fp32 depthwise convolution": depthwise(3, 3, 0.4),
  },
  attention: {
    "cudnn attention": attention(4, 0.9, 100),
    "cudnn attention backward": attention(8, 0.7, 100),
    "cudnn attention decode": attention(5, 0.9, 100),
    "flash attention": attention(4, 0.6, 100),
    "flash attention backward": attention(8, 0.5, 100),
    "efficient attention": attention(4, 0.3, 100),
    "efficient attention backward": attention(8, 0.25, 100),
    "efficient fp32 attention": attention(5, 0.15, 50),
    "efficient fp32 attention backward": attention(10, 0.13, 50),
  },
};
