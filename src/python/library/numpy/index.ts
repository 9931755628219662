/** The part of NumPy that models use while they are built. */
import "./methods.ts";
import { Unknown } from "../../../base/unknown.ts";
import { Float } from "../../../tensor/scalar.ts";
import { float } from "../../builtins/plain.ts";
import { callMethod } from "../../calls.ts";
import { importModule } from "../../imports.ts";
import type { Interpreter } from "../../interpreter.ts";
import { toArray } from "../../iteration.ts";
import { native } from "../../native.ts";
import { asIndex, intOf, numberOf, plain } from "../../numbers.ts";
import { binary } from "../../operators.ts";
import { nativeClass, types } from "../../types.ts";
import { type NativeFunction, PyInstance, PyList, PyModule, PyTuple, type Value } from "../../values.ts";
import { functions, type NativeModule, nativeModule, otherNames } from "../nativeModule.ts";
import { asArray, dtypeNamed, made, NdArray, shapeFrom } from "./array.ts";
import { dtypeObject, scalarTypes } from "./dtypes.ts";
import { broadcastShape, combine, onEach, type Rule, rules, spread, unaries } from "./elementwise.ts";
import { making } from "./making.ts";
import { matrixProduct } from "./products.ts";
import { scalarOf } from "./scalars.ts";
import "./scalarMethods.ts";
import { numpyRandom } from "./random.ts";
import { concatenated, reduce, reductions, reshaped, transposed } from "./reductions.ts";

const ruleNames = Object.entries({ ...rules, true_divide: rules.divide, remainder: rules.mod }) as [string, Rule][];

/** A function that asks the array's own method. */
const asMethod = (name: string, parameters: string): NativeFunction =>
  native(`${name}(a, ${parameters})`, (py, a, ...rest) => {
    const array = asArray(py, a);
    return array instanceof Unknown ? array : callMethod(py, array, name, ...rest.filter((one) => one !== null));
  });

const shaping: readonly NativeFunction[] = [
  native("concatenate(arrays, axis=0, **kwargs)", (py, arrays, axis) =>
    concatenated(py, toArray(py, arrays), asIndex(py, axis)),
  ),
  native("stack(arrays, axis=0, **kwargs)", (py, arrays, axis) => {
    const all = toArray(py, arrays).map((one) => asArray(py, one));
    const unknown = all.find((one) => one instanceof Unknown);
    if (unknown) return unknown;
    const at = asIndex(py, axis);
    const grown = (all as NdArray[]).map((one) => {
      const shape = [...one.shape];
      shape.splice(at < 0 ? shape.length + 1 + at : at, 0, 1);
      return reshaped(one, shape);
    });
    return concatenated(py, grown, at);
  }),
  native("hstack(arrays)", (py, arrays) => {
    const all = toArray(py, arrays);
    const first = asArray(py, all[0] ?? null);
    return concatenated(py, all, first instanceof NdArray && first.shape.length > 1 ? 1 : 0);
  }),
  native("vstack(arrays)", (py, arrays) => {
    const rows = toArray(py, arrays).map((one) => {
      const array = asArray(py, one);
      return array instanceof NdArray && array.shape.length < 2 ? reshaped(array, [1, -1]) : array;
    });
    return concatenated(py, rows, 0);
  }),
  native("expand_dims(a, axis)", (py, a, axis) => {
    const array = asArray(py, a);
    if (array instanceof Unknown) return array;
    const shape = [...array.shape];
    const at = asIndex(py, axis);
    shape.splice(at < 0 ? shape.length + 1 + at : at, 0, 1);
    return reshaped(array, shape);
  }),
  native("broadcast_to(array, shape)", (py, value, shape) => {
    const array = asArray(py, value);
    const sizes = shapeFrom(py, shape);
    if (array instanceof Unknown) return array;
    if (sizes instanceof Unknown) return sizes;
    const to = broadcastShape(array.shape, sizes);
    return new NdArray(to, array.dtype, array.data && spread(array, to));
  }),
  native("transpose(a, axes=None)", (py, a, axes) => {
    const array = asArray(py, a);
    if (array instanceof Unknown) return array;
    return transposed(
      array,
      axes === null
        ? array.shape.map((_, i) => array.shape.length - 1 - i)
        : toArray(py, axes).map((axis) => asIndex(py, axis)),
    );
  }),
  native("where(condition, x=None, y=None)", (py, condition, x, y) => {
    const test = asArray(py, condition);
    if (test instanceof Unknown) return test;
    if (x === null || y === null) return py.unknown("the positions where a condition holds");
    const chosen = combine(py, { run: (a, b) => (a ? b : 0) }, test, x);
    const rest = combine(py, { run: (a, b) => (a ? 0 : b) }, test, y);
    return combine(py, rules.add as Rule, chosen, rest);
  }),
  native("clip(a, a_min=None, a_max=None, **kwargs)", (py, a, low, high) => {
    const raised = low === null ? a : combine(py, rules.maximum as Rule, a, low);
    return high === null ? raised : combine(py, rules.minimum as Rule, raised, high);
  }),
  native("cumsum(a, axis=None, dtype=None)", (py, a, axis) => {
    const array = asArray(py, a);
    if (array instanceof Unknown) return array;
    if (axis !== null && array.shape.length > 1) return new NdArray(array.shape, array.dtype, undefined);
    let total = 0;
    return new NdArray(
      [array.shape.reduce((x, y) => x * y, 1)],
      array.dtype,
      array.data?.map((value) => (total += value)),
    );
  }),
  native("diff(a, n=1, axis=-1)", (py, a) => {
    const array = asArray(py, a);
    if (array instanceof Unknown) return array;
    const { data } = array;
    return new NdArray(
      [...array.shape.slice(0, -1), (array.shape.at(-1) ?? 1) - 1],
      array.dtype,
      array.shape.length === 1 ? data?.slice(1).map((value, i) => value - (data[i] as number)) : undefined,
    );
  }),
  native("argsort(a, axis=-1, **kwargs)", (py, a) => {
    const array = asArray(py, a);
    if (array instanceof Unknown) return array;
    const { data } = array;
    const order =
      array.shape.length === 1 && data
        ? data.map((_, i) => i).sort((i, j) => (data[i] as number) - (data[j] as number))
        : undefined;
    return new NdArray(array.shape, "int64", order);
  }),
  native("sort(a, axis=-1)", (py, a) => {
    const array = asArray(py, a);
    return array instanceof Unknown
      ? array
      : new NdArray(
          array.shape,
          array.dtype,
          array.shape.length === 1 ? array.data?.toSorted((x, y) => x - y) : undefined,
        );
  }),
  native("unique(ar, **kwargs)", (py, a) => {
    const array = asArray(py, a);
    if (array instanceof Unknown) return array;
    if (!array.data) return py.unknown("how many different elements an array has");
    const values = [...new Set(array.data)].sort((x, y) => x - y);
    return new NdArray([values.length], array.dtype, values);
  }),
  native("array_split(ary, sections)", (py, a, sections) => {
    const array = asArray(py, a);
    const count = intOf(sections);
    if (array instanceof Unknown || count === undefined || !array.data || array.shape.length !== 1)
      return array instanceof Unknown ? array : py.unknown("the parts of an array");
    const length = array.data.length;
    const edges = Array.from(
      { length: count + 1 },
      (_, i) => i * Math.floor(length / count) + Math.min(i, length % count),
    );
    return new PyList(
      edges
        .slice(1)
        .map((end, i) => new NdArray([end - (edges[i] as number)], array.dtype, array.data?.slice(edges[i], end))),
    );
  }),
  native("shape(a)", (py, a) => {
    const array = asArray(py, a);
    return array instanceof Unknown ? array : new PyTuple(array.shape);
  }),
  native("ndim(a)", (py, a) => {
    const array = asArray(py, a);
    return array instanceof Unknown ? array : array.shape.length;
  }),
  native("array_equal(a, b)", (py, a, b) => {
    const [x, y] = [asArray(py, a), asArray(py, b)];
    if (x instanceof Unknown) return x;
    if (y instanceof Unknown) return y;
    if (x.shape.join() !== y.shape.join()) return false;
    return x.data && y.data
      ? x.data.every((value, i) => value === y.data?.[i])
      : py.unknown("whether two arrays are equal");
  }),
];

const finfoClass = nativeClass("finfo", "object", types.object, "numpy");
const limits: Readonly<Record<string, readonly [number, number]>> = {
  float64: [Number.MAX_VALUE, Number.EPSILON],
  float32: [3.4028234663852886e38, 2 ** -23],
  float16: [65504, 2 ** -10],
};

function integerLimits(name: string): readonly [number, number] {
  const bits = Number(/\d+$/.exec(name)?.[0] ?? 64);
  return name.startsWith("u") ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

/** A product of ints, sizes with their expressions; arrays go the general way. */
function productOf(py: Interpreter, a: Value, axis: Value): Value {
  const items = a instanceof PyList || a instanceof PyTuple ? a.items : undefined;
  if (!items || axis !== null || items.some((one) => numberOf(one) === undefined))
    return reduce(py, "prod", a, axis, false);
  const product = items.reduce((total, one) => binary(py, "*", total, plain(one)), 1 as Value);
  if (typeof product === "number") return scalarOf(product, items.length === 0 ? "float64" : "int64");
  return product instanceof Float ? scalarOf(product, "float64") : product;
}

/** Names that are no natives: submodules, and what is written in Python. */
const furtherNames = native("__getattr__(name)", (py, name) => {
  const text = String(name);
  if (text === "linalg" || text === "fft") return importModule(py, `numpy.${text}`);
  const further = importModule(py, "_numpy");
  const value = further instanceof PyModule && !text.startsWith("_") ? further.attrs.get(text) : undefined;
  return value ?? py.unknown(`numpy.${text} is not interpreted`);
});

export const numpy: readonly NativeModule[] = [
  nativeModule("numpy", (py) => ({
    pi: float(Math.PI),
    e: float(Math.E),
    inf: float(Infinity),
    nan: float(Number.NaN),
    newaxis: null,
    __version__: py.environment.versions.numpy ?? "2.0.0",
    ...scalarTypes,
    ...functions(
      ...making,
      ...shaping,
      ...Object.keys(unaries).map((name) => native(`${name}(x, **kwargs)`, (at, x) => onEach(at, name, x))),
      ...ruleNames.map(([name, rule]) => native(`${name}(x1, x2, **kwargs)`, (at, a, b) => combine(at, rule, a, b))),
      ...Object.keys(reductions)
        .filter((name) => name !== "prod")
        .map((name) =>
          native(`${name}(a, axis=None, dtype=None, out=None, keepdims=False)`, (at, a, axis, _dtype, _out, keep) =>
            reduce(at, name, a, axis, keep === true),
          ),
        ),
      native("prod(a, axis=None, **kwargs)", (at, a, axis) => productOf(at, a, axis)),
      native("round(a, decimals=0)", (at, a, decimals) => {
        const array = asArray(at, a);
        if (array instanceof Unknown) return array;
        const scale = 10 ** asIndex(at, decimals);
        return made(
          array.shape,
          array.dtype,
          array.data?.map((x) => Math.round(x * scale) / scale),
          at,
        );
      }),
      ...["matmul", "dot"].map((name) => native(`${name}(a, b)`, (at, a, b) => matrixProduct(at, a, b))),
      ...[
        asMethod("reshape", "shape, order=None"),
        asMethod("squeeze", "axis=None"),
        asMethod("ravel", "order=None"),
        asMethod("swapaxes", "axis1, axis2"),
      ],
      native("finfo(dtype)", (_at, dtype) => {
        const name = dtypeNamed(dtype) ?? "float64";
        const [max, eps] = limits[name] ?? [Number.MAX_VALUE, Number.EPSILON];
        return new PyInstance(
          finfoClass,
          new Map<string, Value>([
            ["max", float(max)],
            ["min", float(-max)],
            ["eps", float(eps)],
            ["dtype", dtypeObject(name)],
          ]),
        );
      }),
      native("iinfo(dtype)", (_at, dtype) => {
        const [min, max] = integerLimits(dtypeNamed(dtype) ?? "int64");
        return new PyInstance(
          finfoClass,
          new Map<string, Value>([
            ["max", max],
            ["min", min],
          ]),
        );
      }),
      native("isscalar(x)", (_at, x) => numberOf(x) !== undefined || typeof x === "string"),
      ...["set_printoptions", "save", "savez", "savez_compressed", "seterr"].map((name) =>
        native(`${name}(*args, **kwargs)`, () => null, { lenient: true }),
      ),
      ...["load", "loadtxt", "fromfile", "genfromtxt"].map((name) =>
        native(`${name}(*args, **kwargs)`, (at) => at.unknown("an array read from a file")),
      ),
      furtherNames,
    ),
    random: py.modules.get("numpy.random") ?? numpyRandom.module(py),
  })),
  numpyRandom,
  ...["fft", "typing", "testing", "ma", "core", "lib"].map((name) =>
    nativeModule(`numpy.${name}`, () => functions(otherNames(`numpy.${name}`))),
  ),
];
