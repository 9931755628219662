/** Leaving the tensor world: numbers, lists and truth values of elements that are known, unknown where they are not. */
import { Unknown } from "../../base/unknown.ts";
import { raise } from "../../python/errors.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import { PyIterator, PyList, PyTuple, type Value } from "../../python/values.ts";
import { category } from "../../tensor/dtype.ts";
import { Float } from "../../tensor/scalar.ts";
import { integer, integers, type Size } from "../../tensor/size.ts";
import { showTensor } from "../../tensor/tensor.ts";
import { rankOf, sizeAt } from "../arguments.ts";
import { defineFunctions, run } from "../table.ts";
import { TensorObject } from "../tensorObject.ts";
import { getIndexed, setIndexed } from "./indexing.ts";

/** A list of unknown numbers is made up to this length. */
const longestUnknownList = 65536;

defineFunctions(
  {
    "m item,__item__(input)": (py, input: Value) => only(py, input, "item"),
    "m tolist(input)": (py, input: Value) => (input instanceof TensorObject ? nested(py, input) : input),
    "m __bool__(input)": (py, input: Value) => {
      const value = only(py, input, "truth");
      return value instanceof Float ? value.value !== 0 : value instanceof Unknown ? value : Boolean(value);
    },
    "m __int__,__index__(input)": (py, input: Value) => {
      const value = only(py, input, "integer");
      return value instanceof Float ? Math.trunc(value.value) : typeof value === "boolean" ? Number(value) : value;
    },
    "m __float__(input)": (py, input: Value) => {
      const value = only(py, input, "number");
      return typeof value === "number"
        ? new Float(value)
        : typeof value === "boolean"
          ? new Float(Number(value))
          : value;
    },
    "m __len__(input)": (_py, input: Value) => {
      if (!(input instanceof TensorObject)) return input;
      return rankOf(input) === 0 ? raise("TypeError", "len() of a 0-d tensor") : (sizeAt(input, 0) as Value);
    },
    "m __iter__(input)": (py, input: Value) => {
      if (!(input instanceof TensorObject)) return input;
      if (rankOf(input) === 0) return raise("TypeError", "iteration over a 0-d tensor");
      const parts = run(py, "unbind", input, 0);
      if (!(parts instanceof PyTuple)) return parts;
      let at = 0;
      return new PyIterator(() => parts.items[at++], parts);
    },
    "m __contains__(input, element)": (py, input: Value, element: Value) => {
      const found = run(py, "any", run(py, "eq", input, element), null, false);
      return found instanceof TensorObject && found.value.data
        ? found.value.data[0] !== 0
        : py.unknown("a tensor's value decides");
    },
    "m __getitem__(input, index)": (py, input: Value, index: Value) =>
      input instanceof TensorObject ? getIndexed(py, input, index) : input,
    "m __setitem__(input, index, value)": (py, input: Value, index: Value, value: Value) => {
      if (input instanceof TensorObject) setIndexed(py, input, index, value);
    },
    "m __repr__,__str__(input, *args)": (_py, input: Value) =>
      input instanceof TensorObject ? `tensor(${showTensor(input.value)})` : input,
    "m __format__(input, spec='')": (py, input: Value) => {
      if (!(input instanceof TensorObject)) return input;
      return rankOf(input) === 0 && !input.value.data
        ? py.unknown("a tensor's value as text")
        : `tensor(${showTensor(input.value)})`;
    },
    "m __hash__(input)": (_py, input: Value) => (input instanceof TensorObject ? identity(input) : 0),
  },
  { lenient: true },
);

/** The one element of a tensor. Raises where there are several. */
function only(py: Interpreter, input: Value, what: string): Value {
  if (!(input instanceof TensorObject)) return input;
  const { shape, data, dtype } = input.value;
  const known = shape.filter((size): size is Exclude<Size, Unknown> => !(size instanceof Unknown));
  if (known.length === shape.length && integers(known).reduce((a, b) => a * b, 1) !== 1) {
    const [a, b] =
      what === "truth"
        ? ["Boolean value of Tensor with more than one value is ambiguous", "RuntimeError"]
        : ["a Tensor with several elements cannot be converted to Scalar", "RuntimeError"];
    return raise(b as string, a as string);
  }
  const value = data?.[0];
  return value === undefined ? py.unknown(`the value of a tensor is not known (${what})`) : element(value, dtype);
}

function element(value: number, dtype: TensorObject["value"]["dtype"]): Value {
  const kind = category(dtype);
  return kind === 0 ? value !== 0 : kind === 1 ? value : new Float(value);
}

function nested(py: Interpreter, { value }: TensorObject): Value {
  const unknown = value.shape.find((size) => size instanceof Unknown);
  if (unknown !== undefined) return unknown;
  const sizes = integers(value.shape);
  const total = sizes.reduce((a, b) => a * b, 1);
  if (!value.data && total > longestUnknownList) return py.unknown("a long list of a tensor's values");
  py.budget.allocate(total);
  const filler = value.data ? undefined : py.unknown("a tensor's value");
  let at = 0;
  const level = (axis: number): Value => {
    if (axis === sizes.length) return filler ?? element(value.data?.[at++] as number, value.dtype);
    return new PyList(Array.from({ length: integer(sizes[axis] as number) }, () => level(axis + 1)));
  };
  return level(0);
}

const identities = new WeakMap<TensorObject, number>();
let lastIdentity = 0;

function identity(tensor: TensorObject): number {
  const known = identities.get(tensor);
  if (known !== undefined) return known;
  identities.set(tensor, ++lastIdentity);
  return lastIdentity;
}
