/** `torch._native`: what torch.nn's Python files need from the interpreter; and `assay`, for our own model definitions. */
import { Unknown } from "../base/unknown.ts";
import { raise } from "../python/errors.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { define, defineStatic, native } from "../python/native.ts";
import { nativeClass } from "../python/types.ts";
import { PyClass, PyList, type Value } from "../python/values.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { apply } from "./apply.ts";
import { isCapturing } from "./capture.ts";
import { isFastPathOn, setFastPath } from "./fastPath.ts";
import { allowedKernels, allowKernels } from "./kernels.ts";
import { moduleAttributes } from "./moduleAttributes.ts";
import { moduleCalls } from "./moduleCalls.ts";
import { bufferClass, parameterClass, TensorObject, tensorClass, wrap } from "./tensorObject.ts";

const uninitializedParameter = nativeClass("UninitializedParameter", "foreign", parameterClass, "torch.nn.parameter");
const uninitializedBuffer = nativeClass("UninitializedBuffer", "foreign", bufferClass, "torch.nn.parameter");

defineStatic(
  parameterClass,
  "__new__(cls, data=None, requires_grad=True)",
  (py, cls: Value, data: Value, wanted: Value) => kept(py, cls, data, wanted !== false, "parameter"),
  { lenient: true },
);
defineStatic(
  bufferClass,
  "__new__(cls, data=None, *, persistent=True)",
  (py, cls: Value, data: Value, persistent: Value) => {
    const buffer = kept(py, cls, data, false, "buffer");
    if (buffer instanceof TensorObject)
      buffer.attrs = new Map<string, Value>([...(buffer.attrs ?? []), ["persistent", persistent]]);
    return buffer;
  },
  { lenient: true },
);
for (const [cls, base] of [
  [uninitializedParameter, parameterClass],
  [uninitializedBuffer, bufferClass],
] as const) {
  defineStatic(
    cls,
    "__new__(cls, requires_grad=True, device=None, dtype=None)",
    (py, self: Value) =>
      kept(py, self, null, base === parameterClass, base === parameterClass ? "parameter" : "buffer"),
    { lenient: true },
  );
  define(cls, {
    "materialize(self, shape, device=None, dtype=None)": (py, self: TensorObject, shape: Value) => {
      const made = apply(py, "aten.empty", [shape]);
      if (made instanceof TensorObject) {
        made.value.storage.role = base === parameterClass ? "parameter" : "buffer";
        self.value = { ...made.value, requiresGrad: base === parameterClass };
      }
      self.cls = base;
      return null;
    },
  });
}

/** A tensor that a module keeps: a leaf over the same memory. */
function kept(py: Interpreter, cls: Value, data: Value, requiresGrad: boolean, role: "parameter" | "buffer"): Value {
  if (data instanceof Unknown) return data;
  const source = data === null ? apply(py, "aten.empty", [new PyList([0])]) : data;
  if (!(source instanceof TensorObject))
    return source instanceof Unknown ? source : raise("TypeError", `${role} data must be a tensor`);
  source.value.storage.role = role;
  const value: Tensor = { ...source.value, data: undefined, requiresGrad, node: undefined };
  const object = wrap(py, value, cls instanceof PyClass ? cls : role === "parameter" ? parameterClass : bufferClass);
  if (source.attrs) object.attrs = new Map(source.attrs);
  return object;
}

/** The module `torch._native`. */
export function nativeNames(): Record<string, Value> {
  const functions = [
    native("touch(tensor)", (_py, tensor: Value) => tensor, { lenient: true }),
    native("is_known(value)", (_py, value: Value) => !(value instanceof Unknown), { lenient: true }),
    native("is_meta()", () => false),
    native("is_capturing()", (py) => isCapturing(py)),
    native("get_fastpath_enabled()", (py) => isFastPathOn(py)),
    native("set_fastpath_enabled(value)", (py, value: Value) => setFastPath(py, value !== false)),
    native("allowed_kernels()", (py) => allowedKernels(py) ?? null),
    native("allow_kernels(names)", (py, names: Value) => {
      allowKernels(py, typeof names === "string" ? names : undefined);
    }),
    native(
      "is_input(tensor)",
      (_py, tensor: Value) => tensor instanceof TensorObject && tensor.value.storage.role === "input",
      {
        lenient: true,
      },
    ),
  ];
  return {
    Parameter: parameterClass,
    Buffer: bufferClass,
    UninitializedParameter: uninitializedParameter,
    UninitializedBuffer: uninitializedBuffer,
    Tensor: tensorClass,
    ...Object.fromEntries(functions.map((one) => [one.name, one])),
    ...moduleCalls(),
    ...moduleAttributes(),
  };
}
