/** torchvision's operations on boxes: suppression, and features pooled from regions. */
import { Unknown } from "../../base/unknown.ts";
import { floorDivide, type Size, times } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Op, Refused } from "../op.ts";
import { size, tensor } from "../shared/arguments.ts";
import { fresh } from "../shared/making.ts";
import { mustEqual } from "../shared/spatial.ts";

/** `torchvision.nms(dets, scores, iou_threshold)`: the indices of the boxes that stay; how many depends on the data. */
const nms: Op = {
  name: "torchvision.nms",
  differentiable: false,
  result([boxes, scores]) {
    const [dets, values] = [boxesOf(boxes, 4), tensor(scores, "scores")];
    mustEqual(dets.shape[0], values.shape[0], (a, b) => `there are ${a} boxes, but ${b} scores`);
    return fresh([new Unknown("how many boxes nms keeps depends on the data")], "int64");
  },
};

/** `torchvision.roi_align(input, rois, spatial_scale, pooled_height, pooled_width, sampling_ratio, aligned)`: keeps the regions. */
const roiAlign: Op = {
  name: "torchvision.roi_align",
  work: 16,
  result([input, rois, , height, width]) {
    const [x, regions] = [imageOf(input), boxesOf(rois, 5)];
    return fresh([regions.shape[0] as Size, x.shape[1] as Size, size(height), size(width)], x.dtype);
  },
  saves: ([, rois]) => [tensor(rois)],
};

/** `torchvision.roi_pool(input, rois, spatial_scale, pooled_height, pooled_width)`: maxima and, as int32, where they stood. */
const roiPool: Op = {
  name: "torchvision.roi_pool",
  work: 16,
  result([input, rois, , height, width]) {
    const [x, regions] = [imageOf(input), boxesOf(rois, 5)];
    const shape = [regions.shape[0] as Size, x.shape[1] as Size, size(height), size(width)];
    return [fresh(shape, x.dtype), { ...fresh(shape, "int32"), detached: true }];
  },
  saves: ([, rois], [, places]) => [tensor(rois), places],
};

/** `torchvision.ps_roi_align` and `ps_roi_pool`: each output position has channels of its own, mapped in an int32 tensor. */
function positionSensitive(name: string): Op {
  return {
    name: `torchvision.${name}`,
    work: 16,
    result([input, rois, , height, width]) {
      const [x, regions] = [imageOf(input), boxesOf(rois, 5)];
      const channels = floorDivide(x.shape[1] as Size, times(size(height), size(width)));
      const shape = [regions.shape[0] as Size, channels, size(height), size(width)];
      return [fresh(shape, x.dtype), { ...fresh(shape, "int32"), detached: true }];
    },
    saves: ([, rois], [, mapping]) => [tensor(rois), mapping],
  };
}

const regions: readonly Op[] = [
  nms,
  roiAlign,
  roiPool,
  positionSensitive("ps_roi_align"),
  positionSensitive("ps_roi_pool"),
];
export default regions;

function imageOf(arg: Arg | undefined): Tensor {
  const x = tensor(arg);
  if (x.shape.length !== 4) throw new Refused(`regions are pooled from 4 axes, but the input has ${x.shape.length}`);
  return x;
}

function boxesOf(arg: Arg | undefined, columns: number): Tensor {
  const boxes = tensor(arg, "boxes");
  if (boxes.shape.length !== 2) throw new Refused(`boxes must have 2 axes, but it has ${boxes.shape.length}`);
  mustEqual(boxes.shape[1], columns, (a, b) => `boxes have ${a} columns, but ${b} are needed`);
  return boxes;
}
