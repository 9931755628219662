/** Built-in functions that look at values: `isinstance`, `getattr`, `callable`, `hash`, `vars` … */
import { Unknown } from "../../base/unknown.ts";
import { deleteAttribute, findAttribute, getAttribute, setAttribute } from "../attributes.ts";
import { call, isCallable } from "../calls.ts";
import { raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { toArray } from "../iteration.ts";
import { identityOf, keyOf, namesDict } from "../keys.ts";
import { native } from "../native.ts";
import { unrepeatable } from "../remember/reads.ts";
import { format, repr } from "../text.ts";
import { typeOf } from "../types.ts";
import { type Attributes, NativeFunction, type PyDict, PyFunction, PyList, PyObject, type Value } from "../values.ts";
import { attributeNames } from "./attributeNames.ts";
import { isInstanceOf, isSubclass } from "./instances.ts";
import { liveDict } from "./liveDict.ts";
import { needText } from "./plain.ts";
import { sorted } from "./sorting.ts";
import { textHash } from "./str.ts";

const lenient = { lenient: true };

export const inspecting = [
  native("isinstance(obj, class_or_tuple)", (py, value, cls) => isInstanceOf(py, value, cls), lenient),
  native("issubclass(cls, class_or_tuple)", (py, sub, cls) => isSubclass(py, sub, cls), lenient),
  native("hasattr(obj, name)", (py, value, name) => {
    const found = findAttribute(py, value, needText(name));
    return found instanceof Unknown && isInherited(value, name) ? found : found !== undefined;
  }),
  native(
    "getattr(obj, name, *default)",
    (py, value, name, { items }) => {
      if (value instanceof Unknown || name instanceof Unknown) return value instanceof Unknown ? value : name;
      if (items[0] === undefined) return getAttribute(py, value, needText(name));
      const found = findAttribute(py, value, needText(name));
      return found === undefined ? items[0] : found;
    },
    lenient,
  ),
  native(
    "setattr(obj, name, value)",
    (py, target, name, value) => {
      if (name instanceof Unknown) py.note("assumption", `an attribute is set whose name is not known: ${name.reason}`);
      else setAttribute(py, target, needText(name), value);
    },
    lenient,
  ),
  native("delattr(obj, name)", (py, target, name) => deleteAttribute(py, target, needText(name))),
  native("callable(obj)", (_py, value) => isCallable(value) || (typeOf(value).unknownBase ?? false)),
  native("id(obj)", (py, value) => {
    unrepeatable("the identity of an object");
    return identityOf(py, value);
  }),
  native("hash(obj)", (py, value) => hashOf(py, value)),
  native("format(value, format_spec='')", (py, value, spec) => format(py, value, needText(spec))),
  native("repr(obj)", (py, value) => repr(py, value)),
  native("ascii(obj)", (py, value) =>
    repr(py, value).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`),
  ),
  native("dir(*obj)", (py, { items }) => {
    const [value] = items;
    if (value === undefined) return new PyList([...(py.frame ? localNames(py).keys() : [])].sort());
    const custom = typeOf(value).lookup("__dir__");
    if (custom instanceof NativeFunction || custom === undefined) return new PyList(attributeNames(value));
    return new PyList(sorted(py, toArray(py, call(py, custom, [value])), null, false));
  }),
  native(
    "vars(*obj)",
    (py, { items }) => (items[0] === undefined ? locals(py) : getAttribute(py, items[0], "__dict__")),
    lenient,
  ),
  native("locals()", (py) => locals(py)),
  native("globals()", (py) =>
    py.frame ? liveDict(py.frame.module.attrs) : raise("RuntimeError", "no module is running"),
  ),
];

/** Whether an attribute that came out unknown may as well be absent: it rests on an unknown base, not on a value set. */
function isInherited(value: Value, name: Value): boolean {
  if (!(value instanceof PyObject)) return value instanceof Unknown;
  return value.attrs?.get(String(name)) === undefined && typeOf(value).unknownBase !== undefined;
}

/** A number that equal values share. */
export function hashOf(py: Interpreter, value: Value): Value {
  const method = typeOf(value).lookup("__hash__");
  if (method instanceof PyFunction) return call(py, method, [value]);
  const key = keyOf(py, value);
  if (typeof key === "number") return Number.isInteger(key) ? key : textHash(String(key));
  if (typeof key === "bigint") return key;
  return typeof key === "string" ? textHash(key) : identityOf(py, key as Value);
}

function locals(py: Interpreter): PyDict {
  const { frame } = py;
  if (!frame) return raise("RuntimeError", "nothing is running");
  return frame.names ? liveDict(frame.names) : namesDict(localNames(py));
}

/** The names of the running function or module with their values. */
export function localNames(py: Interpreter): Attributes {
  const { frame } = py;
  if (!frame) return new Map();
  if (frame.names) return frame.names;
  const names: Attributes = new Map();
  const { code } = frame;
  for (const [i, name] of code.slots.entries()) {
    const value = frame.slots[i];
    if (value !== undefined) names.set(name, value);
  }
  for (const [i, name] of [...code.cells, ...code.free].entries()) {
    const value = frame.cells[i]?.value;
    if (value !== undefined && name !== "__class__") names.set(name, value);
  }
  return names;
}
