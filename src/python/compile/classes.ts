/** Class bodies. */
import type { ClassDef } from "../../syntax/ast.ts";
import { call } from "../calls.ts";
import { buildClass } from "../classes.ts";
import { type Code, Completion, type Execute, type Frame } from "../code.ts";
import { type Attributes, PyCell, PyClass, type Value } from "../values.ts";
import { blockOf } from "./comprehensions.ts";
import { compileExpression } from "./expressions.ts";
import { docOf } from "./functions.ts";
import { compileItems } from "./items.ts";
import { compileStore } from "./names.ts";
import { type Layout, Scope } from "./scope.ts";
import { compileBlock } from "./statements.ts";

export function compileClass(node: ClassDef, scope: Scope): Execute {
  const block = blockOf(node, scope);
  const layout: Layout = { slots: [], cells: [], free: scope.freeOf(block), chunk: scope.layout.chunk };
  const inner = new Scope(block, scope, layout);
  const classCell = inner.classCell();
  const body = compileBlock(node.body, inner);
  const code: Code = {
    name: node.name,
    chunk: layout.chunk,
    span: node,
    parameters: [],
    positional: 0,
    simple: true,
    isAsync: false,
    doc: docOf(node.body),
    node: undefined,
    free: layout.free,
    prepare: undefined,
    slots: layout.slots,
    cells: layout.cells,
    run: body,
    runGenerator: undefined,
  };
  const bases = compileItems(node.bases, scope);
  const keywords = node.keywords.map(({ arg, value }) => ({ arg, run: compileExpression(value, scope) }));
  const decorators = node.decorators.map((decorator) => compileExpression(decorator, scope));
  const store = compileStore(node.name, scope);
  const free = layout.free.map((name) => scope.resolve(name));
  return (f) => {
    const wrappers = decorators.map((decorator) => decorator(f));
    const parents = bases(f);
    const words = new Map<string, Value>();
    for (const { arg, run } of keywords) if (arg !== null) words.set(arg, run(f));
    const metaclass = words.get("metaclass") ?? null;
    words.delete("metaclass");
    const outside =
      f.names && f.names !== f.module.attrs
        ? `${String(f.names.get("__qualname__") ?? "")}.`
        : f.func
          ? `${f.func.qualname}.<locals>.`
          : "";
    const names: Attributes = new Map<string, Value>([
      ["__module__", f.module.name],
      ["__qualname__", outside + node.name],
    ]);
    if (code.doc !== null) names.set("__doc__", code.doc);
    const cells = [
      ...free.map((where) =>
        where.kind === "slot" || where.kind === "global"
          ? new PyCell()
          : ((where.kind === "cell"
              ? f.cells[where.index]
              : where.cell === undefined
                ? undefined
                : f.cells[where.cell]) ?? new PyCell()),
      ),
      ...layout.cells.map(() => new PyCell()),
    ];
    const frame: Frame = {
      py: f.py,
      code,
      module: f.module,
      func: undefined,
      slots: new Array(layout.slots.length).fill(undefined),
      cells,
      names,
      at: node,
      result: null,
      temporaries: [],
      owned: undefined,
      handling: undefined,
      back: f,
    };
    runBody(frame);
    f.at = node;
    let cls: Value = buildClass(f.py, metaclass, node.name, parents, names, words.size > 0 ? words : null);
    if (cls instanceof PyClass) {
      (cells[classCell] as PyCell).value = cls;
      definitions.set(cls, { node, chunk: layout.chunk });
    }
    for (const wrapper of wrappers.reverse()) cls = call(f.py, wrapper, [cls]);
    if (cls instanceof PyClass && !definitions.has(cls)) definitions.set(cls, { node, chunk: layout.chunk });
    store(f, cls);
    return Completion.Next;
  };
}

/** Where each class is defined. */
export const definitions = new WeakMap<PyClass, { node: ClassDef; chunk: Layout["chunk"] }>();

function runBody(frame: Frame): void {
  const { py } = frame;
  const { back } = frame;
  py.budget.enter();
  py.frame = frame;
  try {
    (frame.code.run as Execute)(frame);
  } finally {
    py.budget.leave();
    py.frame = back;
  }
}
