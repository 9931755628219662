/** The methods and operators of arrays. */
import { Unknown } from "../../../base/unknown.ts";
import { raise } from "../../errors.ts";
import { define, defineProperty } from "../../native.ts";
import { asIndex } from "../../numbers.ts";
import { repr } from "../../text.ts";
import { PyIterator, PyTuple, type Value } from "../../values.ts";
import { cast, countOf, dtypeNamed, element, NdArray, nested, shapeFrom } from "./array.ts";
import { dtypeObject } from "./dtypes.ts";
import { combine, onEach, type Rule, rules } from "./elementwise.ts";
import { indexed } from "./indexing.ts";
import { matrixProduct } from "./products.ts";
import { axisOf, reduce, reductions, reshaped, transposed } from "./reductions.ts";
import { operators } from "./scalarMethods.ts";

const cls = NdArray.type;
for (const [name, rule] of Object.entries(operators)) {
  const of = rules[rule] as Rule;
  define(cls, {
    [`__${name}__(self, other)`]: (py, a, b) => combine(py, of, a, b),
    [`__r${name}__(self, other)`]: (py, a, b) => combine(py, of, b, a),
  });
}
define(cls, {
  "__neg__(self)": (py, self) => onEach(py, "negative", self),
  "__abs__(self)": (py, self) => onEach(py, "abs", self),
  "__invert__(self)": (py, self) => onEach(py, "logical_not", self),
  "__matmul__(self, other)": (py, a, b) => matrixProduct(py, a, b),
  "__getitem__(self, index)": (py, self: NdArray, index) => indexed(py, self, index),
  "__setitem__(self, index, value)": (_py, self: NdArray) => {
    // What was written where is not followed: the elements are not known from here on.
    (self as { data: readonly number[] | undefined }).data = undefined;
  },
  "__len__(self)": (_py, self: NdArray) => self.shape[0] ?? raise("TypeError", "len() of unsized object"),
  "__iter__(self)": (py, self: NdArray) => {
    let at = 0;
    const size = self.shape[0] ?? raise("TypeError", "iteration over a 0-d array");
    return new PyIterator(() => (at < size ? indexed(py, self, at++) : undefined), self);
  },
  "__bool__(self)": (py, self: NdArray) => only(self, "truth") ?? py.unknown("the truth of an array that is not known"),
  "__float__(self)": (py, self: NdArray) => only(self, "float") ?? py.unknown("a number of an array that is not known"),
  "__int__(self)": (py, self: NdArray) => only(self, "int") ?? py.unknown("a number of an array that is not known"),
  "__repr__(self)": (py, self: NdArray) =>
    self.data ? `array(${repr(py, nested(self, py))})` : `array(shape=(${self.shape.join(", ")}), dtype=${self.dtype})`,
  "__hash__(self)": () => raise("TypeError", "unhashable type: 'numpy.ndarray'"),
  "item(self, *args)": (py, self: NdArray) =>
    self.data?.length === 1
      ? element(self.data[0] as number, self.dtype)
      : py.unknown("a number of an array that is not known"),
  "tolist(self)": (py, self: NdArray) => nested(self, py),
  "copy(self)": (_py, self: NdArray) => new NdArray(self.shape, self.dtype, self.data),
  "astype(self, dtype, **kwargs)": (_py, self: NdArray, dtype) => cast(self, dtypeNamed(dtype) ?? self.dtype),
  "reshape(self, *shape, **kwargs)": (py, self: NdArray, { items }: PyTuple) => {
    const shape = shapeFrom(py, items.length === 1 ? (items[0] as Value) : new PyTuple(items));
    return shape instanceof Unknown ? shape : reshaped(self, shape);
  },
  "flatten(self, order='C')": (_py, self: NdArray) => reshaped(self, [-1]),
  "ravel(self, order='C')": (_py, self: NdArray) => reshaped(self, [-1]),
  "squeeze(self, axis=None)": (_py, self: NdArray) =>
    reshaped(
      self,
      self.shape.filter((size) => size !== 1),
    ),
  "transpose(self, *axes)": (py, self: NdArray, { items }: PyTuple) => {
    const given = items[0] instanceof PyTuple ? items[0].items : items;
    const count = self.shape.length;
    return transposed(
      self,
      given.length > 0
        ? given.map((axis) => axisOf(asIndex(py, axis), count))
        : self.shape.map((_, i) => count - 1 - i),
    );
  },
  "swapaxes(self, a, b)": (_py, self: NdArray, a, b) => {
    const order = self.shape.map((_, i) => i);
    [order[axisOf(a, order.length)], order[axisOf(b, order.length)]] = [
      axisOf(b, order.length),
      axisOf(a, order.length),
    ];
    return transposed(self, order);
  },
  "fill(self, value)": (_py, self: NdArray) => {
    (self as { data: readonly number[] | undefined }).data = undefined;
  },
  "clip(self, min=None, max=None)": (py, self: NdArray, low, high) => {
    const raised = low === null ? self : combine(py, rules.maximum as Rule, self, low);
    return high === null ? raised : combine(py, rules.minimum as Rule, raised, high);
  },
  "dot(self, other)": (py, self, other) => matrixProduct(py, self, other),
  "tobytes(self)": (py) => py.unknown("the bytes of an array"),
});
for (const name of Object.keys(reductions)) {
  define(cls, {
    [`${name}(self, axis=None, dtype=None, out=None, keepdims=False)`]: (py, self, axis, _dtype, _out, keep) =>
      reduce(py, name, self, axis, keep === true),
  });
}
defineProperty(cls, "shape", (_py, self: NdArray) => new PyTuple(self.shape));
defineProperty(cls, "ndim", (_py, self: NdArray) => self.shape.length);
defineProperty(cls, "size", (_py, self: NdArray) => countOf(self.shape));
defineProperty(cls, "dtype", (_py, self: NdArray) => dtypeObject(self.dtype));
defineProperty(cls, "T", (_py, self: NdArray) =>
  transposed(
    self,
    self.shape.map((_, i) => self.shape.length - 1 - i),
  ),
);
defineProperty(cls, "real", (_py, self: NdArray) => self);
defineProperty(
  cls,
  "nbytes",
  (_py, self: NdArray) => countOf(self.shape) * (Number(/\d+$/.exec(self.dtype)?.[0] ?? 8) / 8),
);

function only(array: NdArray, as: "truth" | "float" | "int"): Value | undefined {
  if (countOf(array.shape) !== 1)
    raise(
      as === "truth" ? "ValueError" : "TypeError",
      "only an array with one element can be converted to a Python scalar",
    );
  const value = array.data?.[0];
  if (value === undefined) return undefined;
  return as === "truth" ? value !== 0 : as === "int" ? Math.trunc(value) : element(value, "float64");
}
