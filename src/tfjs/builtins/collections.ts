import { Unknown } from "../../base/unknown.ts";
import { SymInt } from "../../tensor/size.ts";
import { call, listed } from "../language/calls.ts";
import type { Machine } from "../language/machine.ts";
import { Accessor, JsArray, JsMap, type JsObject, JsSet, type Native, type Value } from "../language/values.ts";
import { methods, nativeClass } from "./globals.ts";

/** `Map`, `Set`, and their weak forms. */
export function installCollections(machine: Machine): void {
  const { map, set } = machine.prototypes;
  const key = (value: Value) => (value instanceof SymInt ? value.hint : value);
  const filled = <T extends JsObject>(made: T, args: readonly Value[], add: (item: Value) => void): T => {
    const [from] = args;
    const items = from === undefined || from === null ? [] : listed(machine, from);
    if (items instanceof Unknown) made.otherwise = items;
    else items.forEach(add);
    return made;
  };
  for (const name of ["Map", "WeakMap"]) {
    nativeClass(
      machine,
      name,
      map,
      () => undefined,
      (args) => {
        const made = new JsMap(map);
        return filled(made, args, (item) => {
          if (item instanceof JsArray) made.entries.set(key(item.items[0]), item.items[1]);
        });
      },
    );
  }
  for (const name of ["Set", "WeakSet"]) {
    nativeClass(
      machine,
      name,
      set,
      () => undefined,
      (args) => {
        const made = new JsSet(set);
        return filled(made, args, (item) => void made.members.add(key(item)));
      },
    );
  }
  const onMap =
    (use: (entries: Map<Value, Value>, args: readonly Value[], self: JsMap) => Value): Native =>
    (self, args) =>
      self instanceof JsMap ? (self.opaque ?? use(self.entries, args, self)) : undefined;
  const onSet =
    (use: (members: Set<Value>, args: readonly Value[], self: JsSet) => Value): Native =>
    (self, args) =>
      self instanceof JsSet ? (self.opaque ?? use(self.members, args, self)) : undefined;
  methods(machine, map, {
    get: onMap((entries, [name]) => (name instanceof Unknown ? name : entries.get(key(name)))),
    set: onMap((entries, [name, value], self) => {
      entries.set(key(name), value);
      return self;
    }),
    has: onMap((entries, [name]) => (name instanceof Unknown ? name : entries.has(key(name)))),
    delete: onMap((entries, [name]) => entries.delete(key(name))),
    keys: onMap((entries) => machine.array([...entries.keys()])),
    values: onMap((entries) => machine.array([...entries.values()])),
    entries: onMap((entries) => machine.array([...entries].map((one) => machine.array(one)))),
    forEach: onMap((entries, [func]) => {
      for (const [name, value] of entries) call(machine, func, undefined, [value, name]);
      return undefined;
    }),
  });
  methods(machine, set, {
    add: onSet((members, [value], self) => {
      members.add(key(value));
      return self;
    }),
    has: onSet((members, [value]) => (value instanceof Unknown ? value : members.has(key(value)))),
    delete: onSet((members, [value]) => members.delete(key(value))),
    values: onSet((members) => machine.array([...members])),
    forEach: onSet((members, [func]) => {
      for (const value of members) call(machine, func, undefined, [value, value]);
      return undefined;
    }),
  });
  map.props.set(
    "size",
    new Accessor(
      machine.native(
        "size",
        onMap((entries) => entries.size),
      ),
      undefined,
    ),
  );
  set.props.set(
    "size",
    new Accessor(
      machine.native(
        "size",
        onSet((members) => members.size),
      ),
      undefined,
    ),
  );
}
