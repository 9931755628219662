/** Images resized to a size or by factors; nothing is kept, since only sizes are needed on the way back. */
import { floorDivide, integer, type Size, times } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Op, Refused } from "../op.ts";
import { isSize, tensor } from "../shared/arguments.ts";
import { numberOf } from "../shared/folding.ts";
import { contiguous } from "../shared/gradients.ts";
import { fresh, isKnown } from "../shared/making.ts";
import { eachAxis, image } from "../shared/spatial.ts";

interface Method {
  readonly name: string;
  readonly rank: number;
  /** Whether `align_corners` stands between size and factors. */
  readonly aligned: boolean;
  /** The order of axes of the result; nearest-neighbour kernels leave thin images contiguous. */
  readonly layout: "kept" | "contiguous" | "kept from 4 channels";
  readonly work: number;
}

const methods: readonly Method[] = [
  ...["upsample_nearest", "_upsample_nearest_exact"].flatMap((name) => [
    { name: `${name}1d`, rank: 1, aligned: false, layout: "contiguous" as const, work: 1 },
    { name: `${name}2d`, rank: 2, aligned: false, layout: "kept from 4 channels" as const, work: 1 },
    { name: `${name}3d`, rank: 3, aligned: false, layout: "contiguous" as const, work: 1 },
  ]),
  { name: "upsample_linear1d", rank: 1, aligned: true, layout: "contiguous", work: 4 },
  { name: "upsample_bilinear2d", rank: 2, aligned: true, layout: "kept", work: 8 },
  { name: "upsample_trilinear3d", rank: 3, aligned: true, layout: "kept", work: 16 },
  { name: "upsample_bicubic2d", rank: 2, aligned: true, layout: "kept", work: 32 },
  { name: "_upsample_bilinear2d_aa", rank: 2, aligned: true, layout: "kept", work: 16 },
  { name: "_upsample_bicubic2d_aa", rank: 2, aligned: true, layout: "kept", work: 32 },
];

/** `aten.upsample_*(input, output_size, [align_corners], scale_factors)`: one of size and factors is given. */
const upsampling: readonly Op[] = methods.map(({ name, rank, aligned, layout, work }) => ({
  name: `aten.${name}`,
  work,
  result([input, size, ...rest]) {
    const x = tensor(input);
    if (x.shape.length !== rank + 2)
      throw new Refused(`${name} takes ${rank + 2} axes, but the input has ${x.shape.length}`);
    const along = resized(x, rank, size, rest[aligned ? 1 : 0]);
    const shape = [...x.shape.slice(0, 2), ...along];
    const channels = x.shape[1] as Size;
    const thin = layout === "kept from 4 channels" && isKnown(channels) && integer(channels) < 4;
    return layout === "contiguous" || thin ? fresh(shape, x.dtype) : image(shape, x.dtype, x);
  },
  saves: () => [],
  backward: ([grad], call) => {
    const x = tensor(call.args[0]);
    const own = contiguous(grad as Tensor, call, call.out[0]);
    return call.kernel(`aten.${name}_backward`, [own], [image(x.shape, x.dtype, own)], { work });
  },
}));
export default upsampling;

function resized(x: Tensor, rank: number, size: Arg | undefined, factors: Arg | undefined): readonly Size[] {
  const own = x.shape.slice(-rank);
  if (size !== null && size !== undefined) return eachAxis(size, rank, own, "output_size");
  const list = Array.isArray(factors) ? factors : [factors];
  return own.map((length, i) => {
    const factor = list.length === 1 ? list[0] : list[i];
    if (isSize(factor)) return times(length, factor);
    return scaled(length, numberOf(factor as Arg));
  });
}

/** `floor(length · factor)`, with its expression where the factor is a ratio of small numbers. */
function scaled(length: Size, factor: number | undefined): Size {
  if (factor === undefined || factor <= 0) {
    throw new Refused("either size or a positive scale_factor must be given", "wrong-argument");
  }
  for (let denominator = 1; denominator <= 64; denominator++) {
    const numerator = factor * denominator;
    if (Number.isInteger(numerator)) return floorDivide(times(length, numerator), denominator);
  }
  return Number.isInteger(1 / factor) ? floorDivide(length, 1 / factor) : Math.floor(integer(length) * factor);
}
