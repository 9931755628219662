import { setPlainAttribute } from "../attributes.ts";
import { alias, aliasClass, unionClass } from "../builtins/genericAlias.ts";
import { liveDict } from "../builtins/liveDict.ts";
import { needText } from "../builtins/plain.ts";
import { call } from "../calls.ts";
import { buildClass } from "../classes.ts";
import { equal } from "../comparisons.ts";
import type { Interpreter } from "../interpreter.ts";
import { define, defineStatic, native } from "../native.ts";
import { repr } from "../text.ts";
import { types as builtin, nativeClass } from "../types.ts";
import { type PyClass, PyDict, PyInstance, PyTuple, type Value } from "../values.ts";
import { functions, nativeModule } from "./nativeModule.ts";

const namespace = nativeClass("SimpleNamespace", "object", builtin.object, "types");
define(
  namespace,
  {
    "__init__(_self, *args, **kwargs)": (py, self: PyInstance, args: PyTuple, kwargs: PyDict) => {
      const [given] = args.items;
      for (const [name, value] of given instanceof PyDict ? given.entries.values() : [])
        setPlainAttribute(py, self, needText(name), value);
      for (const [name, value] of kwargs.entries.values()) setPlainAttribute(py, self, needText(name), value);
    },
    "__repr__(self)": (py, self: PyInstance) =>
      `${self.cls === namespace ? "namespace" : self.cls.name}(${[...self.attrs].map(([name, value]) => `${name}=${repr(py, value)}`).join(", ")})`,
    "__eq__(self, other)": (py, self: PyInstance, other: Value) =>
      other instanceof PyInstance &&
      other.cls.isSubclassOf(namespace) &&
      equal(py, liveDict(self.attrs), liveDict(other.attrs)),
  },
  { lenient: true },
);

/** Read-only views are given as the dict itself: nothing here writes to them. */
const proxy = nativeClass("mappingproxy", "dict", builtin.dict, "types");
defineStatic(
  proxy,
  "__new__(cls, mapping)",
  (_py, cls: PyClass, mapping: Value) => new PyDict(mapping instanceof PyDict ? mapping.entries : new Map(), cls),
);
define(proxy, { "__init__(self, mapping)": () => null });
for (const name of ["__setitem__", "__delitem__"]) proxy.dict.set(name, null);

const dynamicAttribute = nativeClass("DynamicClassAttribute", "foreign", builtin.property, "types");

export const types = nativeModule("types", () => ({
  SimpleNamespace: namespace,
  MappingProxyType: proxy,
  DynamicClassAttribute: dynamicAttribute,
  GenericAlias: aliasClass,
  UnionType: unionClass,
  FunctionType: builtin.function,
  LambdaType: builtin.function,
  BuiltinFunctionType: builtin.builtin,
  BuiltinMethodType: builtin.builtin,
  MethodType: builtin.method,
  ModuleType: builtin.module,
  GeneratorType: builtin.generator,
  CoroutineType: builtin.coroutine,
  NoneType: builtin.NoneType,
  EllipsisType: builtin.ellipsis,
  NotImplementedType: builtin.NotImplementedType,
  GetSetDescriptorType: builtin.getset,
  MemberDescriptorType: builtin.getset,
  ClassMethodDescriptorType: builtin.classmethod,
  WrapperDescriptorType: builtin.builtin,
  MethodWrapperType: builtin.builtin,
  MethodDescriptorType: builtin.builtin,
  CodeType: builtin.object,
  TracebackType: builtin.object,
  FrameType: builtin.object,
  CellType: builtin.object,
  ...functions(
    native("new_class(name, bases=(), kwds=None, exec_body=None)", (py, name, bases: PyTuple, words, body) => {
      const names = new PyDict();
      if (body !== null) call(py, body, [names]);
      const keywords =
        words instanceof PyDict
          ? new Map([...words.entries.values()].map(([key, value]) => [String(key), value]))
          : null;
      return buildClass(py, keywords?.get("metaclass") ?? null, needText(name), bases.items, namesIn(names), keywords);
    }),
    native("resolve_bases(bases)", (_py, bases) => bases),
    native("coroutine(func)", (_py, func) => func),
    native("get_original_bases(cls)", (_py: Interpreter, cls: PyClass) => new PyTuple(cls.bases)),
  ),
}));

defineStatic(aliasClass, "__new__(cls, origin, args)", (_py, _cls, origin: Value, args: Value) => alias(origin, args));

function namesIn(dict: PyDict): Map<string, Value> {
  return new Map([...dict.entries.values()].map(([name, value]) => [String(name), value]));
}
