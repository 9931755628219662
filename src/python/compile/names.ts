/** Reading, setting and deleting variables. */
import type { Expression } from "../../syntax/ast.ts";
import type { Evaluate, Frame } from "../code.ts";
import { raise } from "../errors.ts";
import { readAttribute, reading, wrote } from "../remember/reads.ts";
import { stored } from "../stored.ts";
import type { PyCell, Value } from "../values.ts";
import type { Scope } from "./scope.ts";

export function compileLoad(node: Expression & { kind: "Name" }, scope: Scope): Evaluate {
  const { id } = node;
  const where = scope.resolve(id);
  switch (where.kind) {
    case "slot": {
      const { index } = where;
      return (f) => {
        const value = f.slots[index];
        return value === undefined ? unbound(f, node) : value;
      };
    }
    case "cell": {
      const { index } = where;
      return (f) => {
        const { value } = f.cells[index] as PyCell;
        return value === undefined ? unbound(f, node) : value;
      };
    }
    case "global":
      return (f) => global(f, node);
    default: {
      const { cell } = where;
      // None is a value: only `undefined` means that there is none.
      return (f) => {
        const own = f.names?.get(id);
        if (own !== undefined) return own;
        const outer = cell === undefined ? undefined : (f.cells[cell] as PyCell).value;
        return outer === undefined ? global(f, node) : outer;
      };
    }
  }
}

function global(f: Frame, node: Expression & { kind: "Name" }): Value {
  const { id } = node;
  const own = f.module.attrs.get(id);
  if (reading.now) readAttribute(f.module, id, own);
  if (own !== undefined) return own;
  const builtin = f.py.builtins.get(id);
  if (builtin !== undefined) return builtin;
  if (f.module.open) return f.module.open;
  f.at = node;
  return raise("NameError", `name '${id}' is not defined`);
}

function unbound(f: Frame, node: Expression & { kind: "Name" }): Value {
  f.at = node;
  return raise(
    "UnboundLocalError",
    `cannot access local variable '${node.id}' where it is not associated with a value`,
  );
}

export type Store = (f: Frame, value: Value) => void;

export function compileStore(name: string, scope: Scope): Store {
  const where = scope.resolve(name);
  switch (where.kind) {
    case "slot": {
      const { index } = where;
      return (f, value) => {
        f.slots[index] = value;
      };
    }
    case "cell": {
      const { index } = where;
      return (f, value) => {
        stored(value);
        const cell = f.cells[index] as PyCell;
        if (reading.now) wrote(cell);
        cell.value = value;
      };
    }
    case "global":
      return (f, value) => {
        stored(value, f.module);
        if (reading.now) wrote(f.module);
        f.module.attrs.set(name, value);
      };
    default:
      return (f, value) => {
        stored(value);
        f.names?.set(name, value);
      };
  }
}

/** Whether a name of the running code has a value. */
export function compileHas(name: string, scope: Scope): (f: Frame) => boolean {
  const where = scope.resolve(name);
  if (where.kind === "slot") return (f) => f.slots[where.index] !== undefined;
  if (where.kind === "cell") return (f) => f.cells[where.index]?.value !== undefined;
  return (f) => (f.names ?? f.module.attrs).has(name);
}

/** `del name`. Raises NameError where it has no value. */
export function compileForget(name: string, scope: Scope): (f: Frame) => void {
  const where = scope.resolve(name);
  return (f) => {
    let had: boolean;
    if (where.kind === "slot") {
      had = f.slots[where.index] !== undefined;
      f.slots[where.index] = undefined;
    } else if (where.kind === "cell") {
      const cell = f.cells[where.index] as PyCell;
      had = cell.value !== undefined;
      cell.value = undefined;
    } else had = (where.kind === "global" ? f.module.attrs : (f.names ?? f.module.attrs)).delete(name);
    if (!had) raise("NameError", `name '${name}' is not defined`);
  };
}
