/** Tensors made of Python numbers: `torch.tensor([[1, 2], [3, 4]])` and its kin. */
import { Unknown } from "../base/unknown.ts";
import { raise } from "../python/errors.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { toArray } from "../python/iteration.ts";
import { NdArray } from "../python/library/numpy/array.ts";
import { scalarDType } from "../python/library/numpy/scalars.ts";
import { intOf, numberOf } from "../python/numbers.ts";
import { PyIterator, PyList, PyRange, PyTuple, type Value } from "../python/values.ts";
import { type DType, isDType, promoteTypes } from "../tensor/dtype.ts";
import { Complex, Float } from "../tensor/scalar.ts";
import { type Size, SymInt } from "../tensor/size.ts";
import { dtypeName, listOf } from "./arguments.ts";
import { arrayTensor } from "./arrays.ts";
import { defaultType, type MakingOptions, make } from "./making.ts";
import { defineFunctions, run } from "./table.ts";
import { dtypeObject, TensorObject } from "./tensorObject.ts";

const options = "dtype=None, device=None, requires_grad=False, pin_memory=False";

defineFunctions(
  {
    [`t tensor(data, *, ${options})`]: (py, data: Value, dtype: Value, device: Value, requiresGrad: Value) =>
      tensorOf(py, data, { dtype, device, requiresGrad: requiresGrad === true }),
    "t as_tensor,asarray(data, dtype=None, device=None, *, copy=None, requires_grad=False)": (
      py,
      data: Value,
      dtype: Value,
      device: Value,
    ) => {
      if (data instanceof TensorObject) return dtype === null ? data : sameOrCopied(py, data, dtype);
      return tensorOf(py, data, { dtype, device, requiresGrad: false });
    },
    [`m new_tensor(input, data, *, ${options})`]: (
      py,
      input: Value,
      data: Value,
      dtype: Value,
      device: Value,
      requiresGrad: Value,
    ) => {
      if (!(input instanceof TensorObject)) return input;
      return tensorOf(py, data, {
        dtype: dtype ?? dtypeObject(input.value.dtype),
        device: device ?? input.value.storage.device,
        requiresGrad: requiresGrad === true,
      });
    },
    "t from_numpy,from_dlpack(data)": (py, data: Value) =>
      data instanceof TensorObject ? data : tensorOf(py, data, null),
    "t frombuffer,from_file(data, *args, **kwargs)": (py) => py.unknown("a tensor made of bytes"),
  },
  { lenient: true },
);

/** A tensor of nested lists of numbers; its elements are known where they are few. Unknown where a list is. */
export function tensorOf(py: Interpreter, data: Value, given: MakingOptions | null): Value {
  if (data instanceof Unknown) return data;
  const how = given ?? { dtype: null, device: null, requiresGrad: false };
  if (data instanceof TensorObject)
    return sameOrCopied(py, run(py, "clone", run(py, "detach", data), null) as TensorObject, how.dtype);
  if (data instanceof NdArray) return arrayTensor(py, data, how);
  const found: Found = { numbers: [], dtype: undefined, tensors: false };
  const shape = collect(py, data, found, 0);
  if (shape instanceof Unknown) return shape;
  const dtype = dtypeName(how.dtype) ?? inferred(py, found);
  const { numbers } = found;
  return make(py, "tensor", [numbers ? listOf(numbers.map((one) => new Float(one))) : null, listOf(shape)], how, dtype);
}

interface Found {
  /** In row-major order; undefined as soon as one is not known. */
  numbers: number[] | undefined;
  dtype: DType | undefined;
  tensors: boolean;
}

/** What `torch.tensor` infers: Python's floats give the default type. */
function inferred(py: Interpreter, { dtype, tensors }: Found): DType {
  if (dtype === undefined) return defaultType(py);
  return dtype === "float32" && !tensors ? defaultType(py) : dtype;
}

function collect(py: Interpreter, data: Value, found: Found, depth: number): readonly Size[] | Unknown {
  if (data instanceof PyList || data instanceof PyTuple || data instanceof PyRange || data instanceof PyIterator) {
    const items = toArray(py, data);
    let inner: readonly Size[] | undefined;
    for (const item of items) {
      const shape = collect(py, item, found, depth + 1);
      if (shape instanceof Unknown) return shape;
      if (inner && inner.length !== shape.length)
        return raise("ValueError", `expected sequence of length ${inner.length} at dim ${depth + 1}`);
      inner ??= shape;
    }
    return [items.length, ...(inner ?? [])];
  }
  if (data instanceof NdArray) {
    found.dtype = found.dtype ? promoteTypes(found.dtype, data.dtype as DType) : (data.dtype as DType);
    if (data.data) found.numbers?.push(...data.data);
    else found.numbers = undefined;
    found.tensors = true;
    return data.shape;
  }
  const dtype = dtypeOfNumber(data);
  if (dtype) {
    found.dtype = found.dtype ? promoteTypes(found.dtype, dtype) : dtype;
    if (data instanceof TensorObject) {
      found.tensors = true;
      if (data.value.data) found.numbers?.push(...data.value.data);
      else found.numbers = undefined;
      return data.value.shape;
    }
    const number = numberOf(data);
    if (number === undefined) found.numbers = undefined;
    else found.numbers?.push(number);
    return [];
  }
  if (!(data instanceof Unknown)) return py.unknown("a tensor made of something that is not a number");
  // An unknown inside a list is taken to be a number: lists of lists are written out.
  found.numbers = undefined;
  return [];
}

function dtypeOfNumber(value: Value): DType | undefined {
  if (typeof value === "boolean") return "bool";
  if (value instanceof Float) return "float32";
  if (value instanceof Complex) return "complex64";
  if (value instanceof TensorObject) return value.value.dtype;
  const scalar = scalarDType(value);
  if (scalar !== undefined && isDType(scalar)) return scalar;
  if (value instanceof SymInt || intOf(value) !== undefined) return "int64";
  return numberOf(value) === undefined ? undefined : "float32";
}

function sameOrCopied(py: Interpreter, data: TensorObject, dtype: Value): Value {
  const wanted = dtypeName(dtype);
  return wanted === undefined || wanted === data.value.dtype
    ? data
    : run(py, "_to_copy", data, dtypeObject(wanted), null, null, null, false, null);
}
