/** Normalisation over the last axes: layer norm and RMS norm. */
import { itemBytes } from "../../tensor/dtype.ts";
import { count, type Size } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type BackwardCall, type Gradient, type Op, Refused, type Saved } from "../op.ts";
import { optionalTensor, sizes, tensor } from "../shared/arguments.ts";
import { elementwise } from "../shared/gradients.ts";
import { fresh, showShape } from "../shared/making.ts";
import { normGradients } from "../shared/normGradients.ts";
import { mustEqual } from "../shared/spatial.ts";
import { mustShareDType, statisticsType } from "../shared/statistics.ts";

/**
 * `aten.native_layer_norm(input, normalized_shape, weight, bias, eps)`: the result, mean and reciprocal deviation.
 *
 * On CUDA the statistics of half-precision inputs are float32. One formula gives all gradients, so all is kept.
 */
const layerNorm: Op = {
  name: "aten.native_layer_norm",
  work: 8,
  result([input, normalized, weight, bias]) {
    const x = tensor(input);
    const kept = statisticsShape(x, normalized, weight, bias);
    mustShareDType(x, weight, bias);
    const type = statisticsType(x.dtype);
    return [
      fresh(x.shape, x.dtype),
      { ...fresh(kept, type), detached: true },
      { ...fresh(kept, type), detached: true },
    ];
  },
  saves: ([input, , weight, bias], [, mean, rstd]) => [
    tensor(input),
    optionalTensor(weight),
    optionalTensor(bias),
    mean,
    rstd,
  ],
  backward: ([grad], call) => normGradients("native_layer_norm_backward", grad as Tensor, call, [0, 2, 3]),
};

/** `aten._fused_rms_norm(input, normalized_shape, weight, eps)`: the result and the reciprocal root mean square. */
const fusedRmsNorm: Op = {
  name: "aten._fused_rms_norm",
  work: 5,
  result([input, normalized, weight]) {
    const x = tensor(input);
    const kept = statisticsShape(x, normalized, weight, null);
    mustShareDType(x, weight);
    return [fresh(x.shape, x.dtype), { ...fresh(kept, statisticsType(x.dtype)), detached: true }];
  },
  saves: ([input, , weight], [, rstd]) => [tensor(input), optionalTensor(weight), rstd],
  backward: ([grad], call) => normGradients("_fused_rms_norm_backward", grad as Tensor, call, [0, 2]),
};

/**
 * `aten.rms_norm(input, normalized_shape, weight=None, eps=None)`: the fused kernel where input and weight share a dtype.
 *
 * Otherwise PyTorch composes it in the input's float type, and keeps the upcast input, its normalised form and the root.
 */
const rmsNorm: Op = {
  name: "aten.rms_norm",
  work: 5,
  result([input, normalized, weight]) {
    const x = tensor(input);
    statisticsShape(x, normalized, weight, null);
    return fresh(x.shape, x.dtype);
  },
  saves([input, normalized, weight], _out, needs) {
    const [x, w] = [tensor(input), optionalTensor(weight)];
    const wide = itemBytes(statisticsType(x.dtype));
    const rows = count(x.shape.slice(0, x.shape.length - sizes(normalized).length));
    const root = { extraBytes: rows * wide, what: "reciprocal root mean square" };
    if (!w || w.dtype === x.dtype) return [x, w, root];
    return composed(x, w, wide, root, needs);
  },
  backward([grad], call) {
    const [x, w] = [tensor(call.args[0]), optionalTensor(call.args[2])];
    if (!w || w.dtype === x.dtype) return normGradients("_fused_rms_norm_backward", grad as Tensor, call, [0, 2]);
    return composedGradients(grad as Tensor, x, w, call);
  },
};

const layerNorms: readonly Op[] = [layerNorm, fusedRmsNorm, rmsNorm];
export default layerNorms;

/** The composed form on its way back: the weight's product, then the norm's own in float32, and a cast. */
function composedGradients(grad: Tensor, x: Tensor, w: Tensor, call: BackwardCall): readonly Gradient[] {
  const type = statisticsType(x.dtype);
  const wide = elementwise(call, "_to_copy", [grad], { dtype: type });
  const toWeight = call.needs[2] ? elementwise(call, "mul", [wide, ...call.kept.slice(3)]) : undefined;
  if (!call.needs[0]) return [undefined, undefined, toWeight];
  const scaled = elementwise(call, "mul", [wide, w]);
  const product = elementwise(call, "mul", [scaled, ...call.kept.slice(0, 1)]);
  const mean = call.run("aten.sum", product, [-1], true);
  const second = elementwise(call, "mul", [scaled, mean]);
  return [
    elementwise(call, "add", [elementwise(call, "mul", [scaled, ...call.kept.slice(1, 2)]), second]),
    undefined,
    toWeight,
  ];
}

/** `upcast · rsqrt(mean(upcast²) + eps)` in float32, times the weight, cast back. */
function composed(x: Tensor, w: Tensor, wide: number, root: Saved, needs: readonly boolean[]): readonly Saved[] {
  const floats = { extraBytes: count(x.shape) * wide, what: "input in float32" };
  const upcast = wide === itemBytes(x.dtype) ? x : floats;
  return [needs[0] && upcast, needs[0] && root, needs[0] && w, needs[2] && { ...floats, what: "normalised input" }];
}

/** `input.shape` with 1 for each normalised axis. Refused where they differ from the last axes or from the weight. */
function statisticsShape(
  x: Tensor,
  arg: Arg | undefined,
  weight: Arg | undefined,
  bias: Arg | undefined,
): readonly Size[] {
  const normalized = sizes(arg, "normalized_shape");
  const outer = x.shape.length - normalized.length;
  if (outer < 0 || normalized.length === 0) {
    throw new Refused(`normalized_shape is ${showShape(normalized)}, but the input has ${x.shape.length} axes`);
  }
  normalized.forEach((n, i) => {
    const where = i === normalized.length - 1 ? "last axis" : `axis ${outer + i}`;
    mustEqual(
      x.shape[outer + i],
      n,
      (a, b) => `${where} is ${a}, but normalized_shape is ${showShape(normalized)} with ${b}`,
    );
  });
  for (const parameter of [weight, bias].map(optionalTensor)) {
    if (!parameter) continue;
    normalized.forEach((n, i) => {
      mustEqual(parameter.shape[i], n, (a, b) => `weight or bias has ${a} elements, but normalized_shape has ${b}`);
    });
  }
  return [...x.shape.slice(0, outer), ...normalized.map(() => 1)];
}
