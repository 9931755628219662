/** Sliding windows as columns and back, and channels moved into space and back. */
import { floorDivide, integer, modulo, productOf, type Size, showSize, times } from "../../tensor/size.ts";
import { type Arg, type Op, Refused } from "../op.ts";
import { size, tensor } from "../shared/arguments.ts";
import { fresh, isKnown } from "../shared/making.ts";
import { eachAxis, image, mustEqual, windows } from "../shared/spatial.ts";

/** `aten.im2col(self, kernel_size, dilation, padding, stride)`, `F.unfold`: `[N, C·k, L]`. Keeps nothing. */
const im2col: Op = {
  name: "aten.im2col",
  result([input, kernel, dilation, padding, stride]) {
    const x = tensor(input);
    if (x.shape.length !== 3 && x.shape.length !== 4)
      throw new Refused(`unfold takes 3 or 4 axes, but the input has ${x.shape.length}`);
    const { blocks, window } = columns(x.shape.slice(-2), kernel, dilation, padding, stride);
    return fresh([...x.shape.slice(0, -3), times(x.shape.at(-3) as Size, window), blocks], x.dtype);
  },
  saves: () => [],
};

/** `aten.col2im(self, output_size, kernel_size, dilation, padding, stride)`, `F.fold`: overlapping values are summed. */
const col2im: Op = {
  name: "aten.col2im",
  result([input, outputSize, kernel, dilation, padding, stride]) {
    const x = tensor(input);
    if (x.shape.length !== 2 && x.shape.length !== 3)
      throw new Refused(`fold takes 2 or 3 axes, but the input has ${x.shape.length}`);
    const out = eachAxis(outputSize, 2, [], "output_size");
    const { blocks, window } = columns(out, kernel, dilation, padding, stride);
    const rows = x.shape.at(-2) as Size;
    if (isKnown(rows) && isKnown(window) && integer(modulo(rows, window)) !== 0) {
      throw new Refused(
        `fold's input has ${showSize(rows)} rows, which kernels of ${showSize(window)} elements do not divide`,
      );
    }
    mustEqual(x.shape.at(-1), blocks, (a, n) => `fold's input has ${a} columns, but there are ${n} windows`);
    return fresh([...x.shape.slice(0, -2), floorDivide(rows, window), ...out], x.dtype);
  },
  saves: () => [],
};

function columns(lengths: readonly Size[], ...settings: readonly (Arg | undefined)[]): { blocks: Size; window: Size } {
  const [kernel = [], dilation = [], padding = [], stride = []] = settings.map((one, i) =>
    eachAxis(one, 2, i === 2 ? 0 : 1, "kernel_size"),
  );
  const along = lengths.map((length, i) =>
    windows(length, {
      kernel: kernel[i] ?? 1,
      dilation: dilation[i] ?? 1,
      padding: padding[i] ?? 0,
      stride: stride[i] ?? 1,
    }),
  );
  return { blocks: productOf(along), window: productOf(kernel) };
}

/** `aten.pixel_shuffle(self, upscale_factor)`: `[…, C·r², H, W]` to `[…, C, H·r, W·r]`. */
const pixelShuffle: Op = {
  name: "aten.pixel_shuffle",
  result([input, factor]) {
    const x = tensor(input);
    const [channels, height, width] = lastThree(x.shape, "pixel_shuffle");
    const r = size(factor, "upscale_factor");
    mustDivide(channels, times(r, r), "channels");
    return fresh(
      [...x.shape.slice(0, -3), floorDivide(channels, times(r, r)), times(height, r), times(width, r)],
      x.dtype,
    );
  },
  saves: () => [],
};

/** `aten.pixel_unshuffle(self, downscale_factor)`: the way back. */
const pixelUnshuffle: Op = {
  name: "aten.pixel_unshuffle",
  result([input, factor]) {
    const x = tensor(input);
    const [channels, height, width] = lastThree(x.shape, "pixel_unshuffle");
    const r = size(factor, "downscale_factor");
    mustDivide(height, r, "rows");
    mustDivide(width, r, "columns");
    return fresh(
      [...x.shape.slice(0, -3), times(channels, times(r, r)), floorDivide(height, r), floorDivide(width, r)],
      x.dtype,
    );
  },
  saves: () => [],
};

/** `aten.channel_shuffle(self, groups)`: a permuted copy. */
const channelShuffle: Op = {
  name: "aten.channel_shuffle",
  result([input, groups]) {
    const x = tensor(input);
    if (x.shape.length < 3)
      throw new Refused(`channel_shuffle needs more than 2 axes, but the input has ${x.shape.length}`);
    mustDivide(x.shape[1] as Size, size(groups, "groups"), "channels");
    return fresh(x.shape, x.dtype);
  },
  saves: () => [],
};

function lastThree(shape: readonly Size[], name: string): [Size, Size, Size] {
  if (shape.length < 3) throw new Refused(`${name} needs at least 3 axes, but the input has ${shape.length}`);
  return shape.slice(-3) as [Size, Size, Size];
}

function mustDivide(whole: Size, part: Size, what: string): void {
  if (isKnown(whole) && isKnown(part) && integer(modulo(whole, part)) !== 0) {
    throw new Refused(`${showSize(whole)} ${what} cannot be divided by ${showSize(part)}`);
  }
}

/**
 * `torchvision.deform_conv2d(input, weight, offset, mask, bias, stride_h, stride_w, pad_h, pad_w, dil_h, dil_w, groups,
 * offset_groups, use_mask)`: the counter has no formula for it. Keeps every tensor.
 */
const deformConv2d: Op = {
  name: "torchvision.deform_conv2d",
  result([input, weight, offset, , , ...settings]) {
    const [x, w, moved] = [tensor(input), tensor(weight, "weight"), tensor(offset, "offset")];
    const at = (i: number, otherwise: Size) => size(settings[i] ?? otherwise);
    mustEqual(x.shape[1], times(w.shape[1] as Size, at(6, 1)), (a, n) => `expected ${n} channels, got ${a}`);
    const along = [0, 1].map((i) =>
      windows(x.shape[i + 2] as Size, {
        kernel: w.shape[i + 2] as Size,
        stride: at(i, 1),
        padding: at(i + 2, 0),
        dilation: at(i + 4, 1),
      }),
    );
    along.forEach((n, i) => {
      mustEqual(
        moved.shape[i + 2],
        n,
        (a, b) => `offset has ${a} positions along axis ${i + 2}, but the output has ${b}`,
      );
    });
    const perWindow = times(times(2, at(7, 1)), times(w.shape[2] as Size, w.shape[3] as Size));
    mustEqual(moved.shape[1], perWindow, (a, n) => `offset has ${a} channels, but the kernel needs ${n}`);
    return image([x.shape[0] as Size, w.shape[0] as Size, ...along], x.dtype);
  },
  saves: (args) => args.slice(0, 5).map((arg) => (arg === null ? null : tensor(arg))),
};

const folding: readonly Op[] = [im2col, col2im, pixelShuffle, pixelUnshuffle, channelShuffle, deformConv2d];
export default folding;
