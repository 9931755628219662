/** Tensors, dtypes and devices as Python objects. */
import { Unknown } from "../base/unknown.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { nativeClass, types } from "../python/types.ts";
import { type PyClass, PyObject, PyTuple, type Value } from "../python/values.ts";
import type { DType } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Tracer } from "../trace/tracer.ts";

/** `torch.Tensor`; `torch.nn.Parameter` and `Buffer` descend from it. */
export const tensorClass = nativeClass("Tensor", "foreign", types.object, "torch");
export const parameterClass = nativeClass("Parameter", "foreign", tensorClass, "torch.nn.parameter");
export const bufferClass = nativeClass("Buffer", "foreign", tensorClass, "torch.nn.parameter");
export const sizeClass = nativeClass("Size", "tuple", PyTuple.type, "torch");
export const dtypeClass = nativeClass("dtype", "foreign", types.object, "torch");
export const deviceClass = nativeClass("device", "foreign", types.object, "torch");

/** A tensor as Python sees it. In-place operations replace `value`; its storage stays. */
export class TensorObject extends PyObject {
  grad: Value = null;
  /** Whether something other than a variable may hold it. */
  stored = false;
  /** Whether its release was told. */
  released = false;
  constructor(
    public value: Tensor,
    public cls: PyClass = tensorClass,
  ) {
    super();
  }
}

export class DTypeObject extends PyObject {
  readonly cls = dtypeClass;
  constructor(readonly name: DType) {
    super();
  }
}

const dtypeObjects = new Map<DType, DTypeObject>();

/** `torch.float32` and its like: one object each. */
export function dtypeObject(name: DType): DTypeObject {
  const object = dtypeObjects.get(name) ?? new DTypeObject(name);
  dtypeObjects.set(name, object);
  return object;
}

export class DeviceObject extends PyObject {
  readonly cls = deviceClass;
  constructor(
    readonly type: string,
    readonly index: number | null = null,
  ) {
    super();
  }

  get text(): string {
    return this.index === null ? this.type : `${this.type}:${this.index}`;
  }
}

/** A tensor as a Python object, held by it. */
export function wrap(py: Interpreter, value: Tensor, cls: PyClass = tensorClass): TensorObject {
  const object = new TensorObject(value, cls);
  tracerOf(py).hold(value);
  if (py.frame) {
    if (py.frame.owned) py.frame.owned.push(object);
    else py.frame.owned = [object];
  }
  return object;
}

/** Gives a tensor object another value (an in-place operation, `.data = …`), with what it holds. */
export function replaceValue(py: Interpreter, object: TensorObject, value: Tensor): void {
  const before = object.value;
  tracerOf(py).hold(value);
  object.value = value;
  tracerOf(py).letGo(before);
}

/** `tensor.shape`: a `torch.Size` whose items keep their expressions. */
export function shapeValue(tensor: Tensor): PyTuple {
  return new PyTuple(tensor.shape as readonly Value[], sizeClass);
}

export function tracerOf(py: Interpreter): Tracer {
  return py.extensions.get("tracer") as Tracer;
}

/** The tensor of a tensor object; the unknown of an unknown; undefined for anything else. */
export function tensorOf(value: Value): Tensor | Unknown | undefined {
  if (value instanceof TensorObject) return value.value;
  return value instanceof Unknown ? value : undefined;
}
