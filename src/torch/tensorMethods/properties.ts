/** What a tensor says about itself, without an operation. */
import { Unknown } from "../../base/unknown.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import { defineProperty } from "../../python/native.ts";
import { nativeClass } from "../../python/types.ts";
import { PyInstance, PyTuple, type Value } from "../../python/values.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { integer, productOf, times } from "../../tensor/size.ts";
import { stridesOf } from "../../tensor/tensor.ts";
import { forgetGradient, gradientOf } from "../../trace/autograd.ts";
import { axisOf, rankOf, sizeAt, wordOf } from "../arguments.ts";
import { isInFormat } from "../functions/views.ts";
import { defineFunctions, run } from "../table.ts";
import {
  DeviceObject,
  dtypeObject,
  replaceValue,
  shapeValue,
  TensorObject,
  tensorClass,
  tracerOf,
  wrap,
} from "../tensorObject.ts";
import { strided } from "../words.ts";

type Self = TensorObject;

const nodeClass = nativeClass("Node", "object", undefined, "torch.autograd.graph");

const read: Readonly<Record<string, (py: Interpreter, self: Self) => Value>> = {
  shape: (_py, self) => shapeValue(self.value),
  dtype: (_py, self) => dtypeObject(self.value.dtype),
  device: (_py, self) => deviceOf(self),
  layout: () => strided,
  ndim: (_py, self) => rankOf(self),
  T: (py, self) => reversed(py, self),
  mT: (py, self) => run(py, "transpose", self, -2, -1),
  H: (py, self) => run(py, "transpose", self, -2, -1),
  mH: (py, self) => run(py, "transpose", self, -2, -1),
  itemsize: (_py, self) => itemBytes(self.value.dtype),
  nbytes: (_py, self) => times(productOf(self.value.shape), itemBytes(self.value.dtype)),
  is_leaf: (_py, self) => nodeOf(self) === undefined,
  grad_fn: (_py, self) => {
    const node = nodeOf(self);
    return node ? new PyInstance(nodeClass, new Map([["name", node.name]])) : null;
  },
  is_cuda: (_py, self) => self.value.storage.device.startsWith("cuda"),
  is_cpu: (_py, self) => self.value.storage.device === "cpu",
  is_meta: (_py, self) => self.value.storage.device === "meta",
  real: (py, self) => (self.value.dtype.startsWith("complex") ? run(py, "real", self) : self),
  imag: (py, self) => run(py, "imag", self),
  names: (_py, self) => new PyTuple(self.value.shape.map(() => null)),
};
for (const [name, get] of Object.entries(read)) defineProperty(tensorClass, name, get);
for (const name of [
  "is_sparse",
  "is_sparse_csr",
  "is_quantized",
  "is_mkldnn",
  "is_nested",
  "is_mps",
  "is_xpu",
  "is_ipu",
  "is_vulkan",
  "is_ort",
  "retains_grad",
  "volatile",
]) {
  defineProperty(tensorClass, name, () => false);
}
for (const name of ["_base", "name", "_backward_hooks"]) defineProperty(tensorClass, name, () => null);
for (const name of ["_version", "output_nr"]) defineProperty(tensorClass, name, () => 0);

defineProperty(
  tensorClass,
  "requires_grad",
  (_py, self: Self) => self.value.requiresGrad || nodeOf(self) !== undefined,
  (_py, self: Self, value) => {
    self.value = { ...self.value, requiresGrad: value === true };
  },
);
defineProperty(
  tensorClass,
  "grad",
  (py, self: Self) => {
    if (self.grad !== null) return self.grad;
    const found = gradientOf(tracerOf(py), self.value);
    return found ? wrap(py, found) : null;
  },
  (py, self: Self, value) => {
    self.grad = value;
    forgetGradient(tracerOf(py), self.value);
  },
);
defineProperty(
  tensorClass,
  "data",
  (py, self: Self) => run(py, "detach", self),
  (py, self: Self, value) => {
    if (!(value instanceof TensorObject)) return;
    const { requiresGrad, node } = self.value;
    replaceValue(py, self, { ...value.value, requiresGrad, node });
  },
);

defineFunctions(
  {
    "m size(input, dim=None)": (_py, input: Value, dim: Value) => {
      if (!(input instanceof TensorObject)) return input;
      if (dim instanceof Unknown) return dim;
      return dim === null ? shapeValue(input.value) : sizeAt(input, axisOf(dim, rankOf(input)));
    },
    "m dim,ndimension(input)": (_py, input: Value) => (input instanceof TensorObject ? rankOf(input) : input),
    "tm numel(input)": (_py, input: Value) => (input instanceof TensorObject ? productOf(input.value.shape) : input),
    "m nelement(input)": (_py, input: Value) => (input instanceof TensorObject ? productOf(input.value.shape) : input),
    "m stride(input, dim=None)": (_py, input: Value, dim: Value) => {
      if (!(input instanceof TensorObject)) return input;
      const unknown = input.value.shape.find((size) => size instanceof Unknown);
      if (unknown !== undefined) return unknown;
      const strides = stridesOf(input.value);
      return dim === null ? new PyTuple(strides) : (strides[axisOf(dim, rankOf(input))] as number);
    },
    "m element_size(input)": (_py, input: Value) =>
      input instanceof TensorObject ? itemBytes(input.value.dtype) : input,
    "m storage_offset(input)": () => 0,
    "m data_ptr(input)": (_py, input: Value) => (input instanceof TensorObject ? input.value.storage.id * 512 : input),
    "tm get_device(input)": (_py, input: Value) =>
      input instanceof TensorObject && input.value.storage.device.startsWith("cuda") ? 0 : -1,
    "m is_contiguous(input, memory_format=None)": (_py, input: Value, format: Value) => {
      if (!(input instanceof TensorObject)) return input;
      if (input.value.shape.some((size) => size instanceof Unknown)) return input.value.strides === null;
      return isInFormat(input, (format === null ? undefined : wordOf(format)) ?? "contiguous_format");
    },
    "tm is_same_size(input, other)": (_py, input: Self, other: Self) =>
      rankOf(input) === rankOf(other) &&
      input.value.shape.every((size, i) => integer(size) === integer(sizeAt(other, i))),
    "m is_pinned,is_shared,is_coalesced,is_set_to,is_distributed,has_names(input, *args)": () => false,
    "m storage,untyped_storage,storage_type(input)": (py) => py.unknown("a tensor's storage as an object"),
  },
  { lenient: true },
);

/** What made it: an operation, or one that wrote into its storage. */
function nodeOf({ value }: Self) {
  return value.node ?? value.storage.writer;
}

function deviceOf({ value }: Self): DeviceObject {
  const { device } = value.storage;
  return new DeviceObject(device, device === "cuda" ? 0 : null);
}

function reversed(py: Interpreter, self: Self): Value {
  const rank = rankOf(self);
  if (rank === 2) return run(py, "t", self);
  return run(py, "permute", self, new PyTuple([...Array(rank).keys()].reverse()));
}
