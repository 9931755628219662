/** Fourier transforms: real to half-spectra and back, and over short windows. */
import { type DType, isComplex, itemBytes } from "../../tensor/dtype.ts";
import { count, floorDivide, integer, integers, minus, plus, type Size, showSize, times } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Op, Refused, type Saved } from "../op.ts";
import { axes, axis, flag, isSize, optionalTensor, size, tensor } from "../shared/arguments.ts";
import { partOf } from "../shared/dtypes.ts";
import { fresh, isKnown } from "../shared/making.ts";
import { savesSelf } from "../shared/saving.ts";

/** `aten._fft_r2c(self, dim, normalization, onesided)`: complex; the last of `dim` becomes `n // 2 + 1` where one-sided. */
const realToComplex: Op = {
  name: "aten._fft_r2c",
  work: 10,
  result([input, dim, , onesided]) {
    const x = tensor(input);
    const last = axes(dim, x.shape.length).at(-1) ?? 0;
    const shape = flag(onesided) ? x.shape.with(last, halved(x.shape[last] as Size)) : x.shape;
    return fresh(shape, complexOf(x.dtype));
  },
  saves: savesSelf,
};

/** `aten._fft_c2r(self, dim, normalization, last_dim_size)`. */
const complexToReal: Op = {
  name: "aten._fft_c2r",
  work: 10,
  result([input, dim, , length]) {
    const x = tensor(input);
    const last = axes(dim, x.shape.length).at(-1) ?? 0;
    return fresh(x.shape.with(last, size(length, "last_dim_size")), partOf(x.dtype));
  },
  saves: () => [],
};

/** `aten._fft_c2c(self, dim, normalization, forward)`. */
const complexToComplex: Op = {
  name: "aten._fft_c2c",
  work: 10,
  result([input, dim]) {
    const x = tensor(input);
    for (const one of Array.isArray(dim) ? dim : [dim]) axis(one as Arg, x.shape.length);
    return fresh(x.shape, complexOf(x.dtype));
  },
  saves: () => [],
};

/**
 * `aten.stft(self, n_fft, hop_length, win_length, window, normalized, onesided, return_complex)`: `[…, frequencies, frames]`.
 *
 * Centring pads the input before. Keeps the window and the windowed frames, and lies in memory frame after frame.
 */
const stft: Op = {
  name: "aten.stft",
  work: 10,
  result([input, fft, hop, , , , onesided]) {
    const x = tensor(input);
    const n = size(fft, "n_fft");
    const frames = frameCount(x, n, hop);
    const frequencies = flag(onesided, true) ? halved(n) : n;
    const shape = [...x.shape.slice(0, -1), frequencies, frames];
    const made = fresh(shape, complexOf(x.dtype));
    if (!shape.every(isKnown)) return made;
    const [high = 1, many = 1] = integers(shape.slice(-2));
    return { ...made, strides: [...x.shape.slice(0, -1).map(() => high * many), 1, high].slice(-shape.length) };
  },
  saves([input, fft, hop, , window]) {
    const x = tensor(input);
    const n = size(fft);
    const rows = count([...x.shape.slice(0, -1), frameCount(x, n, hop), n]);
    return [windowKept(window, n), { extraBytes: rows * itemBytes(x.dtype), what: "windowed frames" }];
  },
};

/** `aten.istft(self, n_fft, hop_length, win_length, window, center, normalized, onesided, length, return_complex)`: keeps the window and its envelope. */
const istft: Op = {
  name: "aten.istft",
  work: 10,
  result([input, fft, hop, , , center, , , length]) {
    const x = tensor(input);
    const n = size(fft, "n_fft");
    const whole = overlapped(x, n, hop);
    const cut = flag(center, true) ? minus(whole, times(2, floorDivide(n, 2))) : whole;
    return fresh([...x.shape.slice(0, -2), isSize(length) ? length : cut], partOf(x.dtype));
  },
  saves([input, fft, hop, , window]) {
    const x = tensor(input);
    const n = size(fft);
    const envelope = {
      extraBytes: integer(overlapped(x, n, hop)) * itemBytes(partOf(x.dtype)),
      what: "envelope of the windows",
    };
    return [windowKept(window, n), envelope];
  },
};

const transforms: readonly Op[] = [realToComplex, complexToReal, complexToComplex, stft, istft];
export default transforms;

function halved(n: Size): Size {
  return plus(floorDivide(n, 2), 1);
}

function complexOf(dtype: DType): DType {
  if (isComplex(dtype)) return dtype;
  return dtype === "float64" ? "complex128" : "complex64";
}

function stepOf(hop: Arg | undefined, n: Size): Size {
  return isSize(hop) ? hop : floorDivide(n, 4);
}

function frameCount(x: Tensor, n: Size, hop: Arg | undefined): Size {
  const length = x.shape.at(-1) as Size;
  if (isKnown(length) && isKnown(n) && integer(n) > integer(length)) {
    throw new Refused(`stft's input has ${showSize(length)} samples, but n_fft is ${showSize(n)}`);
  }
  return plus(floorDivide(minus(length, n), stepOf(hop, n)), 1);
}

/** `n_fft + hop·(frames - 1)`. */
function overlapped(x: Tensor, n: Size, hop: Arg | undefined): Size {
  return plus(n, times(stepOf(hop, n), minus(x.shape.at(-1) as Size, 1)));
}

/** The window itself, or a copy padded to `n_fft`. */
function windowKept(arg: Arg | undefined, n: Size): Saved {
  const window = optionalTensor(arg);
  if (window && count(window.shape) === integer(n)) return window;
  return { extraBytes: integer(n) * itemBytes(window?.dtype ?? "float32"), what: "window" };
}
