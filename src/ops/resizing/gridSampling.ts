/** Images sampled at given places, and the places that an affine map gives. */
import type { Size } from "../../tensor/size.ts";
import { type Op, Refused } from "../op.ts";
import { sizes, tensor } from "../shared/arguments.ts";
import { fresh } from "../shared/making.ts";
import { savesFirst } from "../shared/saving.ts";
import { mustEqual } from "../shared/spatial.ts";

/** `aten.grid_sampler(input, grid, interpolation_mode, padding_mode, align_corners)`: image and grid are kept. */
const gridSampler: Op = {
  name: "aten.grid_sampler",
  work: 12,
  result([input, grid]) {
    const [x, places] = [tensor(input), tensor(grid, "grid")];
    const rank = x.shape.length - 2;
    if (places.shape.length !== x.shape.length) {
      throw new Refused(`grid has ${places.shape.length} axes, but the input has ${x.shape.length}`);
    }
    mustEqual(places.shape.at(-1), rank, (a, b) => `grid's last axis is ${a}, but places have ${b} coordinates`);
    mustEqual(places.shape[0], x.shape[0], (a, b) => `grid is for ${a} images, but there are ${b}`);
    return fresh([...x.shape.slice(0, 2), ...places.shape.slice(1, -1)], x.dtype);
  },
  saves: savesFirst(2),
};

/** `aten.affine_grid_generator(theta, size, align_corners)`: `[N, H, W, 2]`; its base grid needs no gradient, so nothing is kept. */
const affineGrid: Op = {
  name: "aten.affine_grid_generator",
  result([theta, size]) {
    const [map, shape] = [tensor(theta, "theta"), sizes(size, "size")];
    const rank = shape.length - 2;
    mustEqual(map.shape[0], shape[0], (a, b) => `theta is for ${a} images, but size has ${b}`);
    mustEqual(map.shape[1], rank, (a, b) => `theta has ${a} rows, but size has ${b} spatial axes`);
    return fresh([shape[0] as Size, ...shape.slice(2), rank], map.dtype);
  },
  saves: () => [],
};

const gridSampling: readonly Op[] = [gridSampler, affineGrid];
export default gridSampling;
