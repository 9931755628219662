/** Functions that make tensors. */
import { Unknown } from "../../base/unknown.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import { intOf } from "../../python/numbers.ts";
import { PyTuple, type Value } from "../../python/values.ts";
import { isFloating } from "../../tensor/dtype.ts";
import { Complex, Float } from "../../tensor/scalar.ts";
import { floorDivide, plus, SymInt } from "../../tensor/size.ts";
import { knownData, listOf, shapeArgument } from "../arguments.ts";
import { defaultType, likeOptions, type MakingOptions, make } from "../making.ts";
import { defineFunctions, fromPython, run } from "../table.ts";
import { TensorObject } from "../tensorObject.ts";

const options = "dtype=None, layout=None, device=None, pin_memory=False, requires_grad=False";
const like = `*, ${options}, memory_format=None`;

/** The options of a call, as they stand at the end of its arguments. */
function given([dtype, , device, , requiresGrad]: readonly Value[]): MakingOptions {
  return { dtype: dtype ?? null, device: device ?? null, requiresGrad: requiresGrad === true };
}

/** A factory that takes a shape in any form: `zeros(2, 3)`, `zeros((2, 3))`, `zeros(size=…)`. */
function shaped(name: string) {
  return (
    py: Interpreter,
    star: PyTuple,
    size: Value,
    _generator: Value,
    _names: Value,
    _format: Value,
    ...rest: Value[]
  ) => {
    const shape = shapeArgument(py, star, size);
    return make(py, name, [listOf(shape)], given(rest), defaultType(py));
  };
}

const shapes = `*sizes, size=None, generator=None, names=None, memory_format=None, ${options}`;

for (const name of ["zeros", "ones", "empty", "rand", "randn"]) {
  defineFunctions({ [`t ${name}(${shapes})`]: shaped(name) }, { lenient: true });
}

/** A factory with the shape of a tensor: `zeros_like(x)`. */
for (const name of ["zeros_like", "ones_like", "empty_like", "rand_like", "randn_like"]) {
  const key = `t ${name}(input, ${like})`;
  defineFunctions(
    { [key]: (py, input: Value, ...rest: Value[]) => makeLike(py, name, input, [], rest) },
    { lenient: true },
  );
}

/** A factory with the dtype and device of a tensor: `x.new_zeros(2, 3)`. */
for (const name of ["zeros", "ones", "empty"]) {
  const key = `m new_${name}(input, *sizes, size=None, ${options})`;
  defineFunctions(
    {
      [key]: (py, input: Value, star: PyTuple, size: Value, ...rest: Value[]) => {
        if (!(input instanceof TensorObject)) return input;
        return make(
          py,
          name,
          [listOf(shapeArgument(py, star, size))],
          likeOptions(input, given(rest)),
          input.value.dtype,
        );
      },
    },
    { lenient: true },
  );
}

defineFunctions(
  {
    [`t full(size, fill_value, *, names=None, ${options})`]: (
      py,
      size: Value,
      fill: Value,
      _names: Value,
      ...rest: Value[]
    ) => make(py, "full", [listOf(shapeArgument(py, new PyTuple([size]))), fill], given(rest), typeOfNumber(py, fill)),
    [`t full_like(input, fill_value, ${like})`]: (py, input: Value, fill: Value, ...rest: Value[]) =>
      makeLike(py, "full_like", input, [fill], rest),
    [`t randint_like(input, low, high=None, ${like})`]: (
      py,
      input: Value,
      _low: Value,
      _high: Value,
      ...rest: Value[]
    ) => makeLike(py, "rand_like", input, [], rest),
    [`m new_full(input, size, fill_value, *, ${options})`]: (
      py,
      input: Value,
      size: Value,
      fill: Value,
      ...rest: Value[]
    ) =>
      input instanceof TensorObject
        ? make(
            py,
            "full",
            [listOf(shapeArgument(py, new PyTuple([size]))), fill],
            likeOptions(input, given(rest)),
            input.value.dtype,
          )
        : input,
    [`t randint(*bounds, low=None, high=None, size=None, generator=None, ${options})`]: (
      py,
      star: PyTuple,
      low: Value,
      high: Value,
      size: Value,
      _generator: Value,
      ...rest: Value[]
    ) => {
      const numbers = star.items.filter((one) => intOf(one) !== undefined || one instanceof Unknown);
      const shape = size ?? (star.items.at(-1) as Value);
      const [a = low ?? 0, b = high] = numbers.length > 1 ? numbers : [low ?? 0, numbers[0] ?? high];
      return make(
        py,
        "randint",
        [a as Value, b as Value, listOf(shapeArgument(py, new PyTuple([shape])))],
        given(rest),
        "int64",
      );
    },
    [`t randperm(n, *, generator=None, ${options})`]: (py, n: Value, _generator: Value, ...rest: Value[]) =>
      make(py, "randperm", [n], given(rest), "int64"),
    [`t eye(n, m=None, *, ${options})`]: (py, n: Value, m: Value, ...rest: Value[]) =>
      make(py, "eye", [n, m], given(rest), defaultType(py)),
    [`t arange(*bounds, start=None, end=None, step=None, ${options})`]: (
      py,
      star: PyTuple,
      start: Value,
      end: Value,
      step: Value,
      ...rest: Value[]
    ) => arange(py, star.items, start, end, step, given(rest)),
    [`t range(start=0, end=None, step=1, *, ${options})`]: (
      py,
      start: Value,
      end: Value,
      step: Value,
      ...rest: Value[]
    ) =>
      make(
        py,
        "arange",
        end === null ? [0, plusOne(start), step] : [start, plusOne(end), step],
        given(rest),
        defaultType(py),
      ),
    [`t linspace(start, end, steps=100, *, ${options})`]: (
      py,
      start: Value,
      end: Value,
      steps: Value,
      ...rest: Value[]
    ) => make(py, "linspace", [start, end, steps], given(rest), defaultType(py)),
    [`t logspace(start, end, steps=100, base=10.0, *, ${options})`]: (
      py,
      start: Value,
      end: Value,
      steps: Value,
      base: Value,
      ...rest: Value[]
    ) => make(py, "logspace", [start, end, steps, base], given(rest), defaultType(py)),
    [`t empty_strided(size, stride, *, ${options})`]: (py, size: Value, stride: Value, ...rest: Value[]) =>
      run(py, "as_strided", make(py, "empty", [size], given(rest), defaultType(py)), size, stride, 0),
    [`m new_empty_strided(input, size, stride, *, ${options})`]: (
      py,
      input: Value,
      size: Value,
      stride: Value,
      ...rest: Value[]
    ) =>
      input instanceof TensorObject
        ? run(
            py,
            "as_strided",
            make(py, "empty", [size], likeOptions(input, given(rest)), input.value.dtype),
            size,
            stride,
            0,
          )
        : input,
    [`t scalar_tensor(value, *, ${options})`]: (py, value: Value, ...rest: Value[]) =>
      make(py, "full", [listOf([]), value], given(rest), defaultType(py)),
    [`t tril_indices(row, col, offset=0, *, ${options})`]: (
      py,
      row: Value,
      col: Value,
      offset: Value,
      ...rest: Value[]
    ) => make(py, "tril_indices", [row, col, offset], given(rest), "int64"),
    [`t triu_indices(row, col, offset=0, *, ${options})`]: (
      py,
      row: Value,
      col: Value,
      offset: Value,
      ...rest: Value[]
    ) => make(py, "triu_indices", [row, col, offset], given(rest), "int64"),
  },
  { lenient: true },
);

for (const name of ["hann", "hamming", "blackman"]) {
  const key = `t ${name}_window(window_length, periodic=True, alpha=None, beta=None, *, ${options})`;
  defineFunctions({
    [key]: (py, length: Value, periodic: Value, _alpha: Value, _beta: Value, ...rest: Value[]) =>
      make(py, `${name}_window`, [length, periodic], given(rest), defaultType(py)),
  });
}
defineFunctions({
  [`t kaiser_window,bartlett_window(window_length, periodic=True, beta=12.0, *, ${options})`]: (
    py,
    length: Value,
    _periodic: Value,
    _beta: Value,
    ...rest: Value[]
  ) => make(py, "empty", [listOf([length])], given(rest), defaultType(py)),
  [`f fftfreq(n, d=1.0, *, ${options})`]: (py, n: Value, _d: Value, ...rest: Value[]) =>
    make(py, "empty", [listOf([n])], given(rest), defaultType(py)),
  [`f rfftfreq(n, d=1.0, *, ${options})`]: (py, n: Value, _d: Value, ...rest: Value[]) =>
    make(py, "empty", [listOf([halfOf(n)])], given(rest), defaultType(py)),
});

fromPython("torch._composites", "t sparse_coo_tensor sparse_csr_tensor");

/** The end of a range that is part of it. */
function plusOne(end: Value): Value {
  return end instanceof Float ? new Float(end.value + 1) : typeof end === "number" ? end + 1 : end;
}

function makeLike(py: Interpreter, op: string, input: Value, args: readonly Value[], rest: readonly Value[]): Value {
  if (!(input instanceof TensorObject)) return input;
  return make(py, op, [input, ...args], likeOptions(input, given(rest)), input.value.dtype, rest[5] ?? null);
}

/** The dtype that a number alone gives. */
function typeOfNumber(py: Interpreter, value: Value) {
  if (typeof value === "boolean") return "bool" as const;
  if (value instanceof Complex) return "complex64" as const;
  if (value instanceof TensorObject) return value.value.dtype;
  return value instanceof Float || value instanceof Unknown ? defaultType(py) : ("int64" as const);
}

function arange(
  py: Interpreter,
  items: readonly Value[],
  start: Value,
  end: Value,
  step: Value,
  how: MakingOptions,
): Value {
  const [a, b, c] = items;
  const from = items.length > 1 ? (a as Value) : (start ?? 0);
  const to = items.length > 1 ? (b as Value) : (a ?? end);
  const by = c ?? (items.length === 2 || items.length < 2 ? step : null) ?? 1;
  const bounds = [from, to as Value, by].map(numberOf);
  const whole = bounds.every(
    (one) => !(one instanceof Float) && !(one instanceof TensorObject && isFloating(one.value.dtype)),
  );
  return make(py, "arange", bounds, how, whole ? "int64" : defaultType(py));
}

/** A tensor of one known element as its number. */
function numberOf(value: Value): Value {
  if (!(value instanceof TensorObject)) return value;
  const [only] = knownData(value) ?? [];
  if (only === undefined) return new Unknown("the end of a range is a tensor's value");
  return isFloating(value.value.dtype) ? new Float(only) : only;
}

/** Frequencies of a real transform. */
function halfOf(n: Value): Value {
  return typeof n === "number" || n instanceof SymInt ? (plus(floorDivide(n, 2), 1) as Value) : n;
}
