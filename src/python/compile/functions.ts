/** Functions, lambdas and generator expressions. */
import type { Span } from "../../base/place.ts";
import type { Expression, FunctionDef, Parameters, Statement } from "../../syntax/ast.ts";
import { call } from "../calls.ts";
import { type Code, type CodeParameter, Completion, type Evaluate, type Execute, type Frame } from "../code.ts";
import { iterate } from "../iteration.ts";
import { namesDict } from "../keys.ts";
import { truth } from "../operators.ts";
import { stored } from "../stored.ts";
import { PyCell, PyFunction, PyGenerator, type Value } from "../values.ts";
import { annotationValue } from "./annotations.ts";
import type { Block } from "./blocks.ts";
import { blockOf } from "./comprehensions.ts";
import { compileExpression } from "./expressions.ts";
import { compileGeneratorBlock } from "./generators.ts";
import { compileStore } from "./names.ts";
import { readBody, unreadBody } from "./scan.ts";
import { type Layout, Scope } from "./scope.ts";
import { compileBlock } from "./statements.ts";
import { compileTarget } from "./targets.ts";

export function compileFunction(node: FunctionDef, scope: Scope): Execute {
  const code = functionCode(node, node.name, node.args, blockOf(node, scope), scope, node);
  const make = closure(code, node.args, scope);
  const decorators = node.decorators.map((decorator) => compileExpression(decorator, scope));
  const store = compileStore(node.name, scope);
  const annotations = compileAnnotations(node, scope);
  return (f) => {
    const wrappers = decorators.map((decorator) => decorator(f));
    const func = make(f);
    if (annotations) func.annotate = () => annotations(f);
    let value: Value = func;
    for (const wrapper of wrappers.reverse()) {
      f.at = node;
      value = call(f.py, wrapper, [value]);
    }
    store(f, value);
    return Completion.Next;
  };
}

/** Annotations are compiled and evaluated only where somebody reads them. */
function compileAnnotations(node: FunctionDef, scope: Scope): ((f: Frame) => Value) | undefined {
  const annotated = [
    ...node.args.flatMap(({ name, annotation }) => (annotation ? [{ name, annotation }] : [])),
    ...(node.returns ? [{ name: "return", annotation: node.returns }] : []),
  ];
  if (annotated.length === 0) return undefined;
  return (f) =>
    namesDict(
      annotated.map(
        ({ name, annotation }) => [name, annotationValue(f, compileExpression(annotation, scope), annotation)] as const,
      ),
    );
}

export function compileLambda(node: Expression & { kind: "Lambda" }, scope: Scope): Evaluate {
  const code = functionCode(node, "<lambda>", node.args, blockOf(node, scope), scope, undefined, node.body);
  return closure(code, node.args, scope);
}

/** Code whose body is compiled at the first call. */
function functionCode(
  span: Span,
  name: string,
  args: Parameters,
  block: Block,
  outer: Scope,
  node: FunctionDef | undefined,
  result?: Expression,
): Code {
  const layout: Layout = { slots: [], cells: [], free: outer.freeOf(block), chunk: outer.layout.chunk };
  const deferred = unreadBody(block);
  let scope = deferred ? undefined : new Scope(block, outer, layout);
  const parameters = scope
    ? placed(args, scope)
    : args.map(({ name, kind }, slot) => ({ name, kind, slot, cell: undefined }));
  const positional = parameters.filter(({ kind }) => kind === "positional" || kind === "positional-only").length;
  const code: Code = {
    name,
    chunk: layout.chunk,
    span,
    parameters,
    positional,
    simple: positional === parameters.length && isInOrder(parameters),
    isAsync: node?.isAsync ?? false,
    doc: node && !deferred ? docOf(node.body) : null,
    node,
    free: layout.free,
    prepare: undefined,
    slots: layout.slots,
    cells: layout.cells,
    run: undefined,
    runGenerator: undefined,
  };
  if (deferred?.hasDoc) Object.defineProperty(code, "doc", { get: () => docOf((node as FunctionDef).body) });
  code.prepare = () => {
    code.prepare = undefined;
    if (!scope) {
      readBody(node as FunctionDef, block);
      scope = new Scope(block, outer, layout);
      code.parameters = placed(args, scope);
      code.simple &&= isInOrder(code.parameters);
    }
    if (result) {
      const value = compileExpression(result, scope);
      code.run = (f) => {
        f.result = value(f);
        return Completion.Return;
      };
    } else if (block.yields) code.runGenerator = compileGeneratorBlock((node as FunctionDef).body, scope);
    else code.run = compileBlock((node as FunctionDef).body, scope);
  };
  return code;
}

/** Where a function keeps its parameters. */
function placed(args: Parameters, scope: Scope): CodeParameter[] {
  return args.map(({ name, kind }) => {
    const where = scope.resolve(name);
    if (where.kind === "slot") return { name, kind, slot: where.index, cell: undefined };
    const cell = where.kind === "cell" ? where.index : undefined;
    return { name, kind, slot: scope.newSlot(name).index, cell };
  });
}

function isInOrder(parameters: readonly CodeParameter[]): boolean {
  return parameters.every(({ slot }, i) => slot === i);
}

export function docOf([first]: readonly Statement[]): string | null {
  return first?.kind === "ExpressionStatement" && first.value.kind === "Str" ? first.value.value : null;
}

/** Makes the function: its defaults evaluated now, its cells those of the frame. */
function closure(code: Code, args: Parameters, scope: Scope): (f: Frame) => PyFunction {
  const defaults = args.map(({ default: value }) => (value ? compileExpression(value, scope) : undefined));
  const cells = code.free.map((name) => {
    const where = scope.resolve(name);
    if (where.kind === "cell") return where.index;
    return where.kind === "names" && where.cell !== undefined ? where.cell : scope.classCell();
  });
  return (f) => {
    const prefix = f.func
      ? `${f.func.qualname}.<locals>.`
      : f.names && f.names !== f.module.attrs
        ? `${String(f.names.get("__qualname__") ?? "")}.`
        : "";
    return new PyFunction(
      code,
      f.module,
      defaults.map((value) => {
        const result = value?.(f);
        if (result !== undefined) stored(result);
        return result;
      }),
      cells.map((index) => f.cells[index] as PyCell),
      prefix + code.name,
    );
  };
}

export function compileGeneratorExpression(node: Expression & { kind: "GeneratorExp" }, scope: Scope): Evaluate {
  const block = blockOf(node, scope);
  const layout: Layout = { slots: [], cells: [], free: scope.freeOf(block), chunk: scope.layout.chunk };
  const inner = new Scope(block, scope, layout);
  const own = inner.ownCells();
  const first = compileExpression((node.generators[0] as (typeof node.generators)[number]).iter, scope);
  const loops = node.generators.map(({ target, iter, ifs }, i) => ({
    iter: i === 0 ? undefined : compileExpression(iter, inner),
    store: compileTarget(target, inner),
    tests: ifs.map((test) => compileExpression(test, inner)),
  }));
  const elt = compileExpression(node.elt, inner);
  const code: Code = {
    name: "<genexpr>",
    chunk: layout.chunk,
    span: node,
    parameters: [],
    positional: 0,
    simple: true,
    isAsync: false,
    doc: null,
    node: undefined,
    free: layout.free,
    prepare: undefined,
    slots: layout.slots,
    cells: layout.cells,
    run: undefined,
    runGenerator: undefined,
  };
  const outerCells = layout.free.map((name) => scope.resolve(name));
  function* level(f: Frame, depth: number, source: Value): Generator<Value, null, Value> {
    const loop = loops[depth] as (typeof loops)[number];
    f.temporaries.push(source);
    const next = iterate(f.py, source);
    items: for (let item = next(); item !== undefined; item = next()) {
      f.py.budget.step();
      if (depth === 0) for (const cell of own) f.cells[cell] = new PyCell();
      loop.store(f, item);
      for (const test of loop.tests) if (truth(f.py, test(f)) !== true) continue items;
      const deeper = loops[depth + 1];
      if (deeper?.iter) yield* level(f, depth + 1, deeper.iter(f));
      else yield elt(f);
    }
    f.temporaries.pop();
    return null;
  }
  return (f) => {
    const source = first(f);
    const cells = [
      ...outerCells.map((where) => (where.kind === "cell" ? (f.cells[where.index] as PyCell) : new PyCell())),
      ...layout.cells.map(() => new PyCell()),
    ];
    const frame: Frame = {
      py: f.py,
      code,
      module: f.module,
      func: f.func,
      slots: new Array(layout.slots.length).fill(undefined),
      cells,
      names: undefined,
      at: node,
      result: null,
      temporaries: [],
      owned: undefined,
      handling: undefined,
      back: f,
    };
    return new PyGenerator(level(frame, 0, source), frame);
  };
}
