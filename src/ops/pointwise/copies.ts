/** Copies: to another type or memory order, and over another tensor. Autograd keeps nothing of them. */

import { integer, type Size } from "../../tensor/size.ts";
import { isContiguous, type Tensor } from "../../tensor/tensor.ts";
import type { BackwardCall, Made, Op } from "../op.ts";
import { Refused } from "../op.ts";
import { dtypeOr, tensor } from "../shared/arguments.ts";
import { constants, fewElements, foldedEach, inType, numberOf } from "../shared/folding.ts";
import { elementwise, passes } from "../shared/gradients.ts";
import { channelsLastStrides, likeInFormat } from "../shared/layout.ts";
import { broadcastShapes, isKnown, showShape, view } from "../shared/making.ts";

/** _to_copy(self, dtype, layout, device, pin_memory, non_blocking, memory_format): always a copy. */
const toCopy: Op = {
  name: "aten._to_copy",
  result([self, dtype, , , , , format]) {
    const input = tensor(self);
    return copied(input, likeInFormat(input, dtypeOr(dtype, input.dtype), format));
  },
  backward: passes,
};

/** clone(self, memory_format="preserve_format") */
const clone: Op = {
  name: "aten.clone",
  result([self, format]) {
    const input = tensor(self);
    return copied(input, likeInFormat(input, input.dtype, format));
  },
  backward: passes,
};

/** contiguous(self, memory_format="contiguous_format"): the tensor itself where it lies so already. */
const contiguous: Op = {
  name: "aten.contiguous",
  result([self, format]) {
    const input = tensor(self);
    const wanted = typeof format === "string" ? format : "contiguous_format";
    if (liesAs(input, wanted)) return view(input, input.shape, input.strides, input.data);
    return copied(input, likeInFormat(input, input.dtype, wanted));
  },
  backward: passes,
};

/** copy(self, src): what `self.copy_(src)` leaves in self. */
const copy: Op = {
  name: "aten.copy",
  result([self, src]) {
    const [input, source] = [tensor(self), tensor(src, "src")];
    mustFitInto(source.shape, input.shape);
    const data = foldedEach(input.shape, input.dtype, [source], (x) => x);
    return { ...likeInFormat(input, input.dtype, null), data };
  },
  backward: ([grad], call) => [call.needs[0] ? zeroed(grad, call) : undefined, call.needs[1] ? grad : undefined],
};

/** fill(self, value) and zero(self): what the in-place forms leave in self. */
const fill: Op = {
  name: "aten.fill",
  result: ([self, value]) => filled(tensor(self), numberOf(value)),
  backward: ([grad], call) => [zeroed(grad, call)],
};
const zero: Op = {
  name: "aten.zero",
  result: ([self]) => filled(tensor(self), 0),
  backward: ([grad], call) => [zeroed(grad, call)],
};

/** What was overwritten has no part in the result. */
function zeroed(grad: Tensor | undefined, call: BackwardCall): Tensor {
  return elementwise(call, "zeros_like", [grad]);
}

const copies: readonly Op[] = [toCopy, clone, contiguous, copy, fill, zero];
export default copies;

function copied(input: Tensor, made: Made): Made {
  return { ...made, data: input.data && (made.dtype === input.dtype ? input.data : inType(input.data, made.dtype)) };
}

function liesAs(input: Tensor, format: string): boolean {
  if (format === "contiguous_format") return isContiguous(input.shape, input.strides);
  if (format === "preserve_format") return true;
  const wanted = channelsLastStrides(input.shape, format);
  return input.shape.every(
    (size, i) => integer(size) === 1 || (input.strides ?? contiguousSteps(input))[i] === wanted[i],
  );
}

function contiguousSteps({ shape }: Tensor): number[] {
  let step = 1;
  const steps: number[] = new Array(shape.length).fill(1);
  for (let i = shape.length - 1; i >= 0; i--) {
    steps[i] = step;
    step *= integer(shape[i] as Size);
  }
  return steps;
}

function mustFitInto(from: readonly Size[], to: readonly Size[]): void {
  const common = broadcastShapes(from, to);
  const same =
    common.length === to.length &&
    to.every(
      (size, i) => !isKnown(size) || !isKnown(common[i] as Size) || integer(size) === integer(common[i] as Size),
    );
  if (!same) throw new Refused(`${showShape(from)} cannot be copied into ${showShape(to)}`);
}

function filled(input: Tensor, value: number | undefined): Made {
  const made = likeInFormat(input, input.dtype, null);
  const total = value === undefined ? undefined : fewElements(input.shape);
  const [one] = value === undefined ? [] : (inType([value], input.dtype) ?? []);
  return {
    ...made,
    data: total === undefined || one === undefined ? undefined : constants(total, one),
  };
}
