/** `list[int]` and `int | str`: types with arguments, and unions, as values. */
import { getAttribute } from "../attributes.ts";
import { call } from "../calls.ts";
import type { Interpreter } from "../interpreter.ts";
import { keyOf } from "../keys.ts";
import { define, defineClassMethod, defineProperty } from "../native.ts";
import { repr, str } from "../text.ts";
import { nativeClass, types } from "../types.ts";
import { PyClass, type PyDict, PyInstance, PyTuple, type Value } from "../values.ts";

export const aliasClass = nativeClass("GenericAlias", "object", types.object, "types");
export const unionClass = nativeClass("UnionType", "object", types.object, "types");

for (const cls of [types.list, types.tuple, types.dict, types.set, types.frozenset, types.type]) {
  defineClassMethod(cls, "__class_getitem__(cls, item)", (_py, origin: PyClass, item) => alias(origin, item), {
    lenient: true,
  });
}

/** `origin[item]`: calls and attributes go to the origin. */
export function alias(origin: Value, item: Value): PyInstance {
  const args = item instanceof PyTuple ? item : new PyTuple([item]);
  return new PyInstance(
    aliasClass,
    new Map<string, Value>([
      ["__origin__", origin],
      ["__args__", args],
    ]),
  );
}

define(
  aliasClass,
  {
    "__call__(self, *args, **kwargs)": (py, self: PyInstance, args: PyTuple, kwargs: PyDict) =>
      call(
        py,
        self.attrs.get("__origin__") as Value,
        args.items,
        new Map([...kwargs.entries.values()].map(([name, value]) => [String(name), value])),
      ),
    "__getitem__(self, item)": (_py, self: PyInstance, item) => alias(self.attrs.get("__origin__") as Value, item),
    "__mro_entries__(self, bases)": (_py, self: PyInstance) => new PyTuple([self.attrs.get("__origin__") as Value]),
    "__getattr__(self, name)": (py, self: PyInstance, name) =>
      getAttribute(py, self.attrs.get("__origin__") as Value, name),
    "__or__(self, other)": (py, self, other) => union(py, [self, other]),
    "__ror__(self, other)": (py, self, other) => union(py, [other, self]),
    "__eq__(self, other)": (py, self, other) => other instanceof PyInstance && repr(py, self) === repr(py, other),
    "__hash__(self)": (py, self) => repr(py, self).length,
    "__repr__(self)": (py, self: PyInstance) =>
      `${typeName(py, self.attrs.get("__origin__") as Value)}[${argumentNames(py, self)}]`,
  },
  { lenient: true },
);
defineProperty(aliasClass, "__parameters__", () => new PyTuple([]));

define(
  types.type,
  {
    "__or__(self, other)": (py, self, other) => union(py, [self, other]),
    "__ror__(self, other)": (py, self, other) => union(py, [other, self]),
  },
  { lenient: true },
);
define(
  unionClass,
  {
    "__or__(self, other)": (py, self, other) => union(py, [self, other]),
    "__ror__(self, other)": (py, self, other) => union(py, [other, self]),
    "__eq__(self, other)": (py, self, other) => other instanceof PyInstance && repr(py, self) === repr(py, other),
    "__hash__(self)": (py, self) => repr(py, self).length,
    "__repr__(self)": (py, self: PyInstance) =>
      membersOf(self)
        .map((member) => typeName(py, member))
        .join(" | "),
  },
  { lenient: true },
);

/** The types of a union (`int | None` holds NoneType); the value itself alone for anything else. */
export function membersOf(value: Value): readonly Value[] {
  const args = value instanceof PyInstance && value.cls === unionClass ? value.attrs.get("__args__") : undefined;
  return args instanceof PyTuple ? args.items : [value === null ? types.NoneType : value];
}

function union(py: Interpreter, parts: readonly Value[]): Value {
  const members = new Map(parts.flatMap(membersOf).map((member) => [keyOf(py, member), member]));
  const all = [...members.values()];
  if (all.length === 1) return all[0] as Value;
  return new PyInstance(
    unionClass,
    new Map<string, Value>([
      ["__args__", new PyTuple(all)],
      ["__origin__", unionClass],
    ]),
  );
}

function typeName(py: Interpreter, value: Value): string {
  if (value === types.NoneType) return "None";
  if (value instanceof PyClass)
    return value.module === "builtins" ? value.qualname : `${value.module}.${value.qualname}`;
  return value instanceof PyInstance ? str(py, value) : repr(py, value);
}

function argumentNames(py: Interpreter, self: PyInstance): string {
  const args = self.attrs.get("__args__") as PyTuple;
  return args.items.map((arg) => typeName(py, arg)).join(", ");
}
