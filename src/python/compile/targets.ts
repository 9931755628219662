/** What stands left of `=`, behind `for`, `as` and `del`. */
import { Unknown } from "../../base/unknown.ts";
import type { Expression } from "../../syntax/ast.ts";
import { deleteAttribute, setAttribute } from "../attributes.ts";
import type { Frame } from "../code.ts";
import { raise } from "../errors.ts";
import { toArray } from "../iteration.ts";
import { deleteItem, setItem } from "../subscripts.ts";
import { PyList, type Value } from "../values.ts";
import { compileExpression } from "./expressions.ts";
import { compileForget, compileStore, type Store } from "./names.ts";
import type { Scope } from "./scope.ts";

export function compileTarget(node: Expression, scope: Scope): Store {
  switch (node.kind) {
    case "Name": {
      const store = compileStore(node.id, scope);
      return (f, value) => {
        store(f, value);
        if (f.py.assigned) f.py.assigned(f, node, undefined, value);
      };
    }
    case "Attribute": {
      const object = compileExpression(node.value, scope);
      const { attr } = node;
      return (f, value) => {
        f.temporaries.push(value);
        const owner = object(f);
        f.temporaries.pop();
        f.at = node;
        setAttribute(f.py, owner, attr, value);
        if (f.py.assigned) f.py.assigned(f, node, owner, value);
      };
    }
    case "Subscript": {
      const container = compileExpression(node.value, scope);
      const slice = compileExpression(node.slice, scope);
      return (f, value) => {
        f.temporaries.push(value);
        const owner = container(f);
        const index = slice(f);
        f.temporaries.pop();
        f.at = node;
        setItem(f.py, owner, index, value);
      };
    }
    case "Tuple":
    case "List":
      return compileUnpacking(node.elts, scope);
    case "Starred":
      return compileTarget(node.value, scope);
    default:
      return () => {};
  }
}

function compileUnpacking(nodes: readonly Expression[], scope: Scope): Store {
  const stores = nodes.map((node) => compileTarget(node, scope));
  const star = nodes.findIndex((node) => node.kind === "Starred");
  return (f, value) => {
    if (value instanceof Unknown) {
      for (const store of stores) store(f, value);
      return;
    }
    f.temporaries.push(value);
    const items = toArray(f.py, value);
    if (star < 0) {
      if (items.length !== stores.length) {
        raise(
          "ValueError",
          items.length > stores.length
            ? `too many values to unpack (expected ${stores.length})`
            : `not enough values to unpack (expected ${stores.length}, got ${items.length})`,
        );
      }
      for (let i = 0; i < stores.length; i++) (stores[i] as Store)(f, items[i] as Value);
    } else {
      const after = stores.length - star - 1;
      if (items.length < star + after)
        raise("ValueError", `not enough values to unpack (expected at least ${star + after}, got ${items.length})`);
      const middle = items.slice(star, items.length - after);
      for (let i = 0; i < star; i++) (stores[i] as Store)(f, items[i] as Value);
      (stores[star] as Store)(f, new PyList(middle));
      for (let i = 0; i < after; i++) (stores[star + 1 + i] as Store)(f, items[items.length - after + i] as Value);
    }
    f.temporaries.pop();
  };
}

export function compileDelete(node: Expression, scope: Scope): (f: Frame) => void {
  switch (node.kind) {
    case "Name":
      return compileForget(node.id, scope);
    case "Attribute": {
      const object = compileExpression(node.value, scope);
      return (f) => deleteAttribute(f.py, object(f), node.attr);
    }
    case "Subscript": {
      const container = compileExpression(node.value, scope);
      const slice = compileExpression(node.slice, scope);
      return (f) => deleteItem(f.py, container(f), slice(f));
    }
    case "Tuple":
    case "List": {
      const parts = node.elts.map((one) => compileDelete(one, scope));
      return (f) => {
        for (const part of parts) part(f);
      };
    }
    default:
      return () => {};
  }
}
