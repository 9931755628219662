/** The built-in classes. Natives put their methods into them (builtins/*.ts); Python code cannot change them. */
import { Unknown } from "../base/unknown.ts";
import { Complex, Float } from "../tensor/scalar.ts";
import { SymInt } from "../tensor/size.ts";
import {
  BoundMethod,
  type Layout,
  NativeFunction,
  NativeProperty,
  PyBytes,
  PyClass,
  PyClassMethod,
  PyDict,
  PyFunction,
  PyGenerator,
  PyIterator,
  PyList,
  PyModule,
  PyObject,
  PyProperty,
  PyRange,
  PySet,
  PySlice,
  PyStaticMethod,
  PySuper,
  PyTuple,
  type Value,
} from "./values.ts";

const object = new PyClass("object", [], "object");
const type = new PyClass("type", [object], "type");
type.mro = [type, object];
PyClass.type = type;
object.cls = type;
type.cls = type;

/** Makes a native class: `make("dict", "dict")`. */
export function nativeClass(
  name: string,
  layout: Layout = "object",
  base: PyClass = object,
  module = "builtins",
): PyClass {
  const cls = new PyClass(name, [base], layout, new Map(), type, module);
  cls.mro = [cls, ...base.mro];
  return cls;
}

const int = nativeClass("int", "int");
export const types = {
  object,
  type,
  int,
  bool: nativeClass("bool", "int", int),
  float: nativeClass("float", "float"),
  complex: nativeClass("complex", "foreign"),
  str: nativeClass("str", "str"),
  bytes: nativeClass("bytes", "foreign"),
  bytearray: nativeClass("bytearray", "foreign"),
  tuple: nativeClass("tuple", "tuple"),
  list: nativeClass("list", "list"),
  dict: nativeClass("dict", "dict"),
  set: nativeClass("set", "set"),
  frozenset: nativeClass("frozenset", "set"),
  slice: nativeClass("slice", "foreign"),
  range: nativeClass("range", "foreign"),
  NoneType: nativeClass("NoneType", "foreign"),
  ellipsis: nativeClass("ellipsis", "foreign"),
  NotImplementedType: nativeClass("NotImplementedType", "foreign"),
  function: nativeClass("function", "foreign"),
  builtin: nativeClass("builtin_function_or_method", "foreign"),
  method: nativeClass("method", "foreign"),
  property: nativeClass("property", "foreign"),
  staticmethod: nativeClass("staticmethod", "foreign"),
  classmethod: nativeClass("classmethod", "foreign"),
  getset: nativeClass("getset_descriptor", "foreign"),
  super: nativeClass("super", "foreign"),
  module: nativeClass("module", "object"),
  iterator: nativeClass("iterator", "foreign"),
  generator: nativeClass("generator", "foreign"),
  coroutine: nativeClass("coroutine", "foreign"),
  /** The type of what is not known. */
  unknown: nativeClass("unknown", "foreign"),
};

PyTuple.type = types.tuple;
PyList.type = types.list;
PyDict.type = types.dict;
PySet.type = types.set;
PySet.frozenType = types.frozenset;
PyBytes.type = types.bytes;
PySlice.type = types.slice;
PyRange.type = types.range;
PyFunction.type = types.function;
NativeFunction.type = types.builtin;
BoundMethod.type = types.method;
PyProperty.type = types.property;
PyStaticMethod.type = types.staticmethod;
PyClassMethod.type = types.classmethod;
NativeProperty.type = types.getset;
PySuper.type = types.super;
PyModule.type = types.module;
PyIterator.type = types.iterator;
PyGenerator.type = types.generator;

/** The values `Ellipsis` and `NotImplemented`. */
class Singleton extends PyObject {
  constructor(readonly cls: PyClass) {
    super();
  }
}
export const ellipsis: PyObject = new Singleton(types.ellipsis);
export const notImplemented: PyObject = new Singleton(types.NotImplementedType);

/** Python's exception hierarchy, by name: `[name, base]`. */
const hierarchy: readonly (readonly [string, string])[] = [
  ["Exception", "BaseException"],
  ["KeyboardInterrupt", "BaseException"],
  ["SystemExit", "BaseException"],
  ["GeneratorExit", "BaseException"],
  ["StopIteration", "Exception"],
  ["StopAsyncIteration", "Exception"],
  ["ArithmeticError", "Exception"],
  ["OverflowError", "ArithmeticError"],
  ["ZeroDivisionError", "ArithmeticError"],
  ["FloatingPointError", "ArithmeticError"],
  ["AssertionError", "Exception"],
  ["AttributeError", "Exception"],
  ["BufferError", "Exception"],
  ["EOFError", "Exception"],
  ["ImportError", "Exception"],
  ["ModuleNotFoundError", "ImportError"],
  ["LookupError", "Exception"],
  ["IndexError", "LookupError"],
  ["KeyError", "LookupError"],
  ["MemoryError", "Exception"],
  ["NameError", "Exception"],
  ["UnboundLocalError", "NameError"],
  ["OSError", "Exception"],
  ["FileNotFoundError", "OSError"],
  ["FileExistsError", "OSError"],
  ["PermissionError", "OSError"],
  ["NotADirectoryError", "OSError"],
  ["IsADirectoryError", "OSError"],
  ["TimeoutError", "OSError"],
  ["ConnectionError", "OSError"],
  ["ReferenceError", "Exception"],
  ["RuntimeError", "Exception"],
  ["NotImplementedError", "RuntimeError"],
  ["RecursionError", "RuntimeError"],
  ["SyntaxError", "Exception"],
  ["SystemError", "Exception"],
  ["TypeError", "Exception"],
  ["ValueError", "Exception"],
  ["UnicodeError", "ValueError"],
  ["UnicodeDecodeError", "UnicodeError"],
  ["UnicodeEncodeError", "UnicodeError"],
  ["Warning", "Exception"],
  ["DeprecationWarning", "Warning"],
  ["PendingDeprecationWarning", "Warning"],
  ["RuntimeWarning", "Warning"],
  ["UserWarning", "Warning"],
  ["FutureWarning", "Warning"],
  ["ImportWarning", "Warning"],
  ["ResourceWarning", "Warning"],
  ["SyntaxWarning", "Warning"],
  ["UnicodeWarning", "Warning"],
  ["BytesWarning", "Warning"],
];
export const exceptionTypes = new Map<string, PyClass>([["BaseException", nativeClass("BaseException", "exception")]]);
for (const [name, base] of hierarchy)
  exceptionTypes.set(name, nativeClass(name, "exception", exceptionTypes.get(base)));

/** The class of any value. */
export function typeOf(value: Value): PyClass {
  switch (typeof value) {
    case "number":
    case "bigint":
      return types.int;
    case "string":
      return types.str;
    case "boolean":
      return types.bool;
    default:
      if (value === null) return types.NoneType;
      if (value instanceof Float) return types.float;
      if (value instanceof SymInt) return types.int;
      if (value instanceof Unknown) return types.unknown;
      if (value instanceof Complex) return types.complex;
      return value.cls;
  }
}

/** Whether the value is an instance of the class or of one that descends from it. */
export function isInstance(value: Value, cls: PyClass): boolean {
  return typeOf(value).isSubclassOf(cls);
}
