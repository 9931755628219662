/** Normalisation by channel over the batch, or over each sample. */
import { itemBytes } from "../../tensor/dtype.ts";
import { count, type Size } from "../../tensor/size.ts";
import { isContiguous, type Tensor } from "../../tensor/tensor.ts";
import { type Arg, type Made, type Op, Refused, type Saved } from "../op.ts";
import { flag, optionalTensor, tensor } from "../shared/arguments.ts";
import { fresh, isKnown } from "../shared/making.ts";
import { normGradients } from "../shared/normGradients.ts";
import { image, mustEqual } from "../shared/spatial.ts";
import { statisticsType } from "../shared/statistics.ts";
import { readsChannelsLast } from "../shared/strided.ts";

const names = ["weight", "bias", "running_mean", "running_var"];

/**
 * `aten.native_batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps)`: the result, the
 * batch's mean and reciprocal deviation, in evaluation the running ones.
 */
const nativeBatchNorm: Op = {
  name: "aten.native_batch_norm",
  work: 4,
  result: (args) => [normalized(args), ...statistics(args, true)],
  saves: (args, out) => [...given(args), ...out.slice(1)],
  backward: ([grad], call) => normGradients("native_batch_norm_backward", grad as Tensor, call, [0, 1, 2]),
};

/** `aten.cudnn_batch_norm(input, weight, bias, running_mean, running_var, training, exponential_average_factor, epsilon)`; its reserve is empty, and in evaluation the statistics are too. */
const cudnnBatchNorm: Op = {
  name: "aten.cudnn_batch_norm",
  work: 4,
  result: (args) => [normalized(args), ...statistics(args, flag(args[5])), { ...fresh([0], "uint8"), detached: true }],
  saves: (args, out) => [...given(args), ...out.slice(1)],
  backward: ([grad], call) => normGradients("cudnn_batch_norm_backward", grad as Tensor, call, [0, 1, 2]),
};

/** `aten.batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, cudnn_enabled)`: the kernel that CUDA takes. */
const batchNorm: Op = {
  name: "aten.batch_norm",
  work: 4,
  result: normalized,
  saves(args) {
    const x = tensor(args[0]);
    const copied = takenByCudnn(args) && !readsChannelsLast(x) && !isContiguous(x.shape, x.strides);
    const input: Saved = copied
      ? { extraBytes: count(x.shape) * itemBytes(x.dtype), what: "contiguous copy of the input" }
      : x;
    return [input, ...given(args).slice(1), ...savedStatistics(args, count(x.shape.slice(1, 2)))];
  },
  backward: ([grad], call) =>
    normGradients(
      takenByCudnn(call.args) ? "cudnn_batch_norm_backward" : "native_batch_norm_backward",
      grad as Tensor,
      call,
      [0, 1, 2],
    ),
};

/**
 * `aten.instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, cudnn_enabled)`:
 * a batch norm over `[1, N·C, …]` with the parameters repeated for each sample.
 */
const instanceNorm: Op = {
  name: "aten.instance_norm",
  work: 4,
  result(args) {
    const { shape, dtype } = normalized(args);
    return fresh(shape, dtype);
  },
  saves(args) {
    const x = tensor(args[0]);
    const rows = count(x.shape.slice(0, 2));
    const copied = !isContiguous(x.shape, x.strides);
    const repeated = [args[1], args[3], args[4]].map((arg) => {
      const one = optionalTensor(arg);
      return one && { extraBytes: rows * itemBytes(one.dtype), what: "parameter repeated for each sample" };
    });
    const input = copied
      ? { extraBytes: count(x.shape) * itemBytes(x.dtype), what: "contiguous copy of the input" }
      : x;
    return [input, ...repeated, ...savedStatistics(args, rows)];
  },
  backward: ([grad], call) => normGradients("cudnn_batch_norm_backward", grad as Tensor, call, [0, 1, 2]),
};

const batchNorms: readonly Op[] = [nativeBatchNorm, cudnnBatchNorm, batchNorm, instanceNorm];
export default batchNorms;

function normalized(args: readonly Arg[]): Made {
  const x = tensor(args[0]);
  if (x.shape.length < 2) throw new Refused(`batch norm needs at least 2 axes, but the input has ${x.shape.length}`);
  names.forEach((name, i) => {
    const parameter = optionalTensor(args[i + 1]);
    mustEqual(
      x.shape[1],
      parameter?.shape[0],
      (a, n) => `expected ${n} channels, got ${a} (${name} has ${n} elements)`,
    );
  });
  return image(x.shape, x.dtype, x);
}

function statistics(args: readonly Arg[], filled: boolean): Made[] {
  const x = tensor(args[0]);
  const one: Made = { ...fresh([filled ? (x.shape[1] as Size) : 0], statisticsType(x.dtype)), detached: true };
  return [one, one];
}

/** Input, weight and running statistics: one formula gives all gradients, so all are kept. */
function given(args: readonly Arg[]): readonly Saved[] {
  return [tensor(args[0]), optionalTensor(args[1]), optionalTensor(args[3]), optionalTensor(args[4])];
}

/** cuDNN makes none in evaluation, PyTorch's own kernel always. */
function savedStatistics(args: readonly Arg[], channels: number): readonly Saved[] {
  const extraBytes = channels * itemBytes(statisticsType(tensor(args[0]).dtype));
  if (!flag(args[5]) && takenByCudnn(args)) return [];
  return ["mean of the batch", "reciprocal deviation of the batch"].map((what) => ({ extraBytes, what }));
}

/** ATen's `_select_batch_norm_backend`. */
function takenByCudnn([input, weight, bias, mean, variance, training]: readonly Arg[]): boolean {
  const [x, w] = [tensor(input), optionalTensor(weight)];
  if (!w || !optionalTensor(bias) || x.shape.length < 3 || !x.shape.every(isKnown)) return false;
  if (x.dtype === "bfloat16" || w.dtype === "bfloat16" || (x.dtype === "float16" && w.dtype !== "float32"))
    return false;
  const tracked = [mean, variance].filter((one) => optionalTensor(one)).length;
  const fits = count(x.shape) < 2 ** 31 - 1 && count(x.shape.slice(0, 1)) <= (flag(training) ? 880801 : 65535);
  return fits && (tracked === 2 || (tracked === 0 && flag(training)));
}
