/** Conversions of dtype and device. A device is taken to be the one where the model runs: moving there copies nothing. */
import type { Interpreter } from "../../python/interpreter.ts";
import type { PyDict, PyTuple, Value } from "../../python/values.ts";
import type { DType } from "../../tensor/dtype.ts";
import { dtypeName, wordOf } from "../arguments.ts";
import { tensorArray } from "../arrays.ts";
import { isInFormat } from "../functions/views.ts";
import { legacyDType } from "../legacy.ts";
import { defineFunctions, run } from "../table.ts";
import { dtypeObject, TensorObject } from "../tensorObject.ts";

const names: Readonly<Record<string, DType>> = {
  float: "float32",
  double: "float64",
  half: "float16",
  bfloat16: "bfloat16",
  long: "int64",
  int: "int32",
  short: "int16",
  char: "int8",
  byte: "uint8",
  bool: "bool",
  cfloat: "complex64",
  cdouble: "complex128",
};

for (const [name, dtype] of Object.entries(names)) {
  defineFunctions({
    [`m ${name}(input, *, memory_format=None)`]: (py, input: TensorObject) => converted(py, input, dtype),
  });
}

defineFunctions(
  {
    "m to(input, *args, dtype=None, device=None, other=None, non_blocking=False, copy=False, memory_format=None)": (
      py,
      input: Value,
      star: PyTuple,
      dtype: Value,
      _device: Value,
      other: Value,
      _nonBlocking: Value,
      copy: Value,
      format: Value,
    ) => {
      if (!(input instanceof TensorObject)) return input;
      const like = [...star.items, other].find((one) => one instanceof TensorObject);
      const named = [...star.items, dtype].map(dtypeName).find((one) => one !== undefined);
      const wanted = like instanceof TensorObject ? like.value.dtype : named;
      return converted(py, input, wanted ?? input.value.dtype, copy === true, format);
    },
    "m type(input, dtype=None, non_blocking=False)": (py, input: Value, dtype: Value) => {
      if (!(input instanceof TensorObject)) return input;
      if (dtype === null) return `torch.cuda.${legacyName(input.value.dtype)}Tensor`;
      return converted(py, input, dtypeName(dtype) ?? legacyDType(dtype) ?? input.value.dtype);
    },
    "m type_as(input, other)": (py, input: Value, other: Value) =>
      input instanceof TensorObject && other instanceof TensorObject ? converted(py, input, other.value.dtype) : input,
    "m cpu,cuda,xpu,mps,npu,ipu,pin_memory,share_memory_,to_dense,coalesce,dequantize(input, *args, **kwargs)": (
      _py,
      input: Value,
      _star: PyTuple,
      _rest: PyDict,
    ) => input,
    "m numpy(input, *, force=False)": (_py, input: Value) =>
      input instanceof TensorObject ? tensorArray(input.value) : input,
    "m __array__(input, dtype=None)": (_py, input: Value) =>
      input instanceof TensorObject ? tensorArray(input.value) : input,
    "m to_sparse,to_sparse_csr,to_sparse_coo,to_mkldnn,to_padded_tensor(input, *args, **kwargs)": (py) =>
      py.unknown("sparse tensors are not followed"),
  },
  { lenient: true },
);

/** The tensor in another dtype, or itself where it is in that already. */
export function converted(
  py: Interpreter,
  input: TensorObject,
  dtype: DType,
  copy = false,
  format: Value = null,
): Value {
  const word = format === null ? undefined : wordOf(format);
  const lies = word === undefined || word === "preserve_format" || isInFormat(input, word);
  if (!copy && lies && input.value.dtype === dtype) return input;
  return run(py, "_to_copy", input, dtypeObject(dtype), null, null, null, false, word ?? null);
}

const legacyNames: Partial<Record<DType, string>> = {
  float32: "Float",
  float64: "Double",
  float16: "Half",
  bfloat16: "BFloat16",
  int64: "Long",
  int32: "Int",
  int16: "Short",
  int8: "Char",
  uint8: "Byte",
  bool: "Bool",
};

function legacyName(dtype: DType): string {
  return legacyNames[dtype] ?? dtype;
}
