/** The constructors of old: `torch.FloatTensor(2, 3)`, `torch.Tensor([1, 2])`, `torch.LongTensor(list)`. */
import { Unknown } from "../base/unknown.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { NdArray } from "../python/library/numpy/array.ts";
import { defineStatic } from "../python/native.ts";
import { nativeClass } from "../python/types.ts";
import { PyClass, type PyTuple, type Value } from "../python/values.ts";
import type { DType } from "../tensor/dtype.ts";
import { isSequence, listOf, shapeArgument } from "./arguments.ts";
import { tensorOf } from "./constants.ts";
import { defaultType, make } from "./making.ts";
import { dtypeObject, sizeClass, TensorObject, tensorClass, wrap } from "./tensorObject.ts";

const legacyTypes: Readonly<Record<string, DType>> = {
  FloatTensor: "float32",
  DoubleTensor: "float64",
  HalfTensor: "float16",
  BFloat16Tensor: "bfloat16",
  LongTensor: "int64",
  IntTensor: "int32",
  ShortTensor: "int16",
  CharTensor: "int8",
  ByteTensor: "uint8",
  BoolTensor: "bool",
};

/** The old tensor types by name. */
export const legacyClasses: ReadonlyMap<string, PyClass> = new Map(
  Object.entries(legacyTypes).map(([name, dtype]) => {
    const cls = nativeClass(name, "foreign", undefined, "torch");
    defineStatic(
      cls,
      "__new__(cls, *args, **kwargs)",
      (py, _cls: Value, args: PyTuple) => constructed(py, args, dtype),
      { lenient: true },
    );
    return [name, cls];
  }),
);

/** The dtype that an old type, or its name as text, stands for. */
export function legacyDType(value: Value): DType | undefined {
  const name = value instanceof PyClass ? value.name : typeof value === "string" ? value.split(".").at(-1) : undefined;
  return name === undefined ? undefined : legacyTypes[name];
}

/** Sizes make a tensor without content, a list makes one of its numbers. */
export function constructed(py: Interpreter, args: PyTuple, dtype: DType = defaultType(py)): Value {
  const [first] = args.items;
  const options = { dtype: dtypeObject(dtype), device: null, requiresGrad: false };
  if (first instanceof Unknown) return first;
  if (first instanceof TensorObject) return first;
  if (
    args.items.length === 1 &&
    first !== undefined &&
    (first instanceof NdArray || (isSequence(first) && first.cls !== sizeClass))
  )
    return tensorOf(py, first, options);
  return make(py, "empty", [listOf(args.items.length === 0 ? [0] : shapeArgument(py, args))], options, dtype);
}

defineStatic(
  tensorClass,
  "__new__(cls, *args, **kwargs)",
  (py, cls: PyClass, args: PyTuple) => {
    const made = constructed(py, args);
    return made instanceof TensorObject ? wrap(py, made.value, cls) : made;
  },
  { lenient: true },
);
