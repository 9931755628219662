/** Activation functions and softmaxes of `torch.nn.functional`. */
import type { Interpreter } from "../../python/interpreter.ts";
import { PyTuple, type Value } from "../../python/values.ts";
import { Float } from "../../tensor/scalar.ts";
import { rankOf } from "../arguments.ts";
import { defineFunctions, direct, InPlace, planned, run } from "../table.ts";
import { TensorObject } from "../tensorObject.ts";

direct(`
  F relu(input, inplace=False)
  F relu_(input, inplace=True) -> relu(input)
  F sigmoid(input)
  F tanh(input)
  F silu(input, inplace=False)
  F mish(input, inplace=False)
  F hardswish(input, inplace=False)
  F hardsigmoid(input, inplace=False)
  F elu(input, alpha=1.0, inplace=False) -> elu(input, alpha)
  F celu(input, alpha=1.0, inplace=False)
  ti celu(input, alpha=1.0)
  F selu(input, inplace=False)
  ti selu(input)
  F gelu(input, approximate='none')
  F leaky_relu(input, negative_slope=0.01, inplace=False)
  F leaky_relu_(input, negative_slope=0.01, inplace=True) -> leaky_relu(input, negative_slope)
  F elu_(input, alpha=1.0, inplace=True) -> elu(input, alpha)
  F hardtanh(input, min_val=-1.0, max_val=1.0, inplace=False)
  F hardtanh_(input, min_val=-1.0, max_val=1.0, inplace=True) -> hardtanh(input, min_val, max_val)
  F threshold(input, threshold, value, inplace=False)
  ti threshold(input, threshold, value)
  F hardshrink(input, lambd=0.5)
  F softshrink(input, lambd=0.5)
  F softplus(input, beta=1, threshold=20)
  F glu(input, dim=-1)
  Ftm prelu(input, weight)
`);

defineFunctions(
  {
    "F softmax(input, dim=None, _stacklevel=3, dtype=None)": (
      _py,
      input: Value,
      dim: Value,
      _level: Value,
      dtype: Value,
    ) => planned("softmax", input, softmaxAxis(input, dim), dtype),
    "tms softmax(input, dim, dtype=None)": (_py, input: Value, dim: Value, dtype: Value) =>
      planned("softmax", input, dim, dtype),
    "F log_softmax(input, dim=None, _stacklevel=3, dtype=None)": (
      _py,
      input: Value,
      dim: Value,
      _level: Value,
      dtype: Value,
    ) => planned("log_softmax", input, softmaxAxis(input, dim), dtype),
    "tms log_softmax(input, dim, dtype=None)": (_py, input: Value, dim: Value, dtype: Value) =>
      planned("log_softmax", input, dim, dtype),
    "F softmin(input, dim=None, _stacklevel=3, dtype=None)": (
      py,
      input: Value,
      dim: Value,
      _level: Value,
      dtype: Value,
    ) => planned("softmax", run(py, "neg", input), softmaxAxis(input, dim), dtype),
    "F tanhshrink(input)": (py, input: Value) => planned("sub", input, run(py, "tanh", input), 1),
    "F logsigmoid(input)": (py, input: Value) => {
      const pair = run(py, "log_sigmoid_forward", input);
      return pair instanceof PyTuple ? (pair.items[0] as Value) : pair;
    },
    "F softsign(input)": (py, input: Value) => planned("div", input, run(py, "add", run(py, "abs", input), 1, 1), null),
    "F relu6(input, inplace=False)": (_py, input: Value, inplace: Value) =>
      inPlaceWhere(inplace, planned("hardtanh", input, new Float(0), new Float(6))),
    "Ft rrelu(input, lower=0.125, upper=0.3333333333333333, training=False, inplace=False)": (
      py,
      input: Value,
      lower: Value,
      upper: Value,
      training: Value,
      inplace: Value,
    ) => rrelu(py, input, lower, upper, training, inplace),
    "F rrelu_(input, lower=0.125, upper=0.3333333333333333, training=False)": (
      py,
      input: Value,
      lower: Value,
      upper: Value,
      training: Value,
    ) => rrelu(py, input, lower, upper, training, true),
  },
  { lenient: true },
);

/** The axis that a softmax without one takes: 0 for 0, 1 and 3 axes, otherwise 1. */
function softmaxAxis(input: Value, dim: Value): Value {
  if (dim !== null || !(input instanceof TensorObject)) return dim;
  return [0, 1, 3].includes(rankOf(input)) ? 0 : 1;
}

export function inPlaceWhere(inplace: Value, plan: ReturnType<typeof planned>) {
  return inplace === true ? new InPlace(plan) : plan;
}

/** Random slopes in training, which autograd keeps; their mean otherwise. */
function rrelu(py: Interpreter, input: Value, lower: Value, upper: Value, training: Value, inplace: Value) {
  if (training === true)
    return inPlaceWhere(inplace, planned("rrelu_with_noise", input, run(py, "empty_like", input), lower, upper, true));
  const [a, b] = [lower, upper].map((one) => (one instanceof Float ? one.value : Number(one)));
  return inPlaceWhere(inplace, planned("leaky_relu", input, new Float(((a as number) + (b as number)) / 2)));
}
