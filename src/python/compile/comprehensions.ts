/** List, set and dict comprehensions, run in the frame around them; the loop that generator expressions share. */
import { Unknown } from "../../base/unknown.ts";
import type { Comprehension, Expression } from "../../syntax/ast.ts";
import type { Evaluate, Frame } from "../code.ts";
import { iterate } from "../iteration.ts";
import { dictSet, setAdd } from "../keys.ts";
import { truth } from "../operators.ts";
import { stored } from "../stored.ts";
import { PyCell, PyDict, PyList, PySet } from "../values.ts";
import type { Block } from "./blocks.ts";
import { compileExpression } from "./expressions.ts";
import { Scope } from "./scope.ts";
import { compileTarget } from "./targets.ts";

type Displayed = Expression & { kind: "ListComp" | "SetComp" | "DictComp" };

export function compileComprehension(node: Displayed, scope: Scope): Evaluate {
  const inner = new Scope(blockOf(node, scope), scope, scope.layout);
  const cells = inner.ownCells();
  const fresh = (f: Frame) => {
    for (const cell of cells) f.cells[cell] = new PyCell();
  };
  if (node.kind === "DictComp") {
    const key = compileExpression(node.key, inner);
    const value = compileExpression(node.value, inner);
    const loop = compileLoops(node.generators, scope, inner, fresh);
    return (f) => {
      const dict = new PyDict();
      f.temporaries.push(dict);
      const unknown = loop(f, () => {
        const name = key(f);
        if (!(name instanceof Unknown)) dictSet(f.py, dict, name, value(f));
      });
      f.temporaries.pop();
      return unknown ?? dict;
    };
  }
  const elt = compileExpression(node.elt, inner);
  const loop = compileLoops(node.generators, scope, inner, fresh);
  if (node.kind === "SetComp") {
    return (f) => {
      const set = new PySet();
      return loop(f, () => setAdd(f.py, set, elt(f))) ?? set;
    };
  }
  return (f) => {
    const list = new PyList();
    f.temporaries.push(list);
    const unknown = loop(f, () => {
      const item = elt(f);
      f.py.budget.allocate(1);
      stored(item);
      list.items.push(item);
    });
    f.temporaries.pop();
    return unknown ?? list;
  };
}

/** The block that the scan found for a node, in this scope or in the comprehension scopes around it. */
export function blockOf(node: object, scope: Scope): Block {
  for (let at: Scope | undefined = scope; at; at = at.parent) {
    const found = at.block.byNode.get(node);
    if (found) return found;
  }
  throw new Error("a block that was not scanned");
}

/**
 * The nested loops and conditions: `run` is called for each item that passes. What is iterated, or a condition, that is
 * not known is the loops' result.
 */
function compileLoops(
  generators: readonly Comprehension[],
  outer: Scope,
  inner: Scope,
  fresh: (f: Frame) => void,
): (f: Frame, run: () => void) => Unknown | undefined {
  const loops = generators.map(({ iter, target, ifs }, i) => ({
    iter: compileExpression(iter, i === 0 ? outer : inner),
    store: compileTarget(target, inner),
    tests: ifs.map((test) => compileExpression(test, inner)),
  }));
  const level = (f: Frame, depth: number, run: () => void): Unknown | undefined => {
    const loop = loops[depth];
    if (!loop) {
      run();
      return undefined;
    }
    const source = loop.iter(f);
    if (source instanceof Unknown) return source;
    f.temporaries.push(source);
    const next = iterate(f.py, source);
    let doubt: Unknown | undefined;
    items: for (let item = next(); item !== undefined; item = next()) {
      f.py.budget.step();
      if (depth === 0) fresh(f);
      loop.store(f, item);
      for (const test of loop.tests) {
        const answer = truth(f.py, test(f));
        if (answer instanceof Unknown) doubt ??= answer;
        if (answer !== true) continue items;
      }
      const unknown = level(f, depth + 1, run);
      doubt ??= unknown;
    }
    f.temporaries.pop();
    return doubt;
  };
  return (f, run) => level(f, 0, run);
}
