/** The second form of statements: for functions that yield, on JavaScript's generators. */
import { Unknown } from "../../base/unknown.ts";
import type { Expression, Statement } from "../../syntax/ast.ts";
import { Completion, type Execute, type ExecuteGenerator } from "../code.ts";
import { PyError } from "../errors.ts";
import { iterate } from "../iteration.ts";
import { truth } from "../operators.ts";
import { branchChoice, compileExcepts, openContext } from "./control.ts";
import { compileExpression } from "./expressions.ts";
import type { Scope } from "./scope.ts";
import { compileStatement } from "./statements.ts";
import { compileTarget } from "./targets.ts";
import { compileYields, expressionsOf, yieldsOf } from "./yields.ts";

export function compileGeneratorBlock(statements: readonly Statement[], scope: Scope): ExecuteGenerator {
  const parts = statements.map((node) => compileOne(node, scope));
  return function* (f) {
    for (const { plain, generator } of parts) {
      const how = plain ? plain(f) : yield* (generator as ExecuteGenerator)(f);
      if (how !== Completion.Next) return how;
    }
    return Completion.Next;
  };
}

function compileOne(node: Statement, scope: Scope): { plain?: Execute; generator?: ExecuteGenerator } {
  const yields = yieldsOf(...expressionsOf(node));
  if (yields.length > 0) {
    const run = compileYields(yields, scope);
    const plain = compileStatement(node, scope);
    return {
      *generator(f) {
        f.at = node;
        yield* run(f);
        return plain(f);
      },
    };
  }
  if (!holdsYield(node)) return { plain: compileStatement(node, scope) };
  switch (node.kind) {
    case "If":
      return { generator: compileIf(node, scope) };
    case "For":
      return { generator: compileFor(node, scope) };
    case "While":
      return { generator: compileWhile(node, scope) };
    case "With":
      return { generator: compileWith(node, scope) };
    case "Try":
      return { generator: compileTry(node, scope) };
    default:
      return { plain: compileStatement(node, scope) };
  }
}

/** Whether a compound statement has a yield somewhere in its own function. */
function holdsYield(node: Statement): boolean {
  const any = (...nodes: readonly (Expression | null)[]) => yieldsOf(...nodes).length > 0;
  switch (node.kind) {
    case "If":
    case "While":
      return any(node.test) || [...node.body, ...node.orelse].some(holdsYield);
    case "For":
      return any(node.iter) || [...node.body, ...node.orelse].some(holdsYield);
    case "With":
      return node.items.some(({ value }) => any(value)) || node.body.some(holdsYield);
    case "Try":
      return [...node.body, ...node.orelse, ...node.finalbody, ...node.handlers.flatMap(({ body }) => body)].some(
        holdsYield,
      );
    default:
      return any(...expressionsOf(node));
  }
}

/** An expression that may hold yields of its own, run first. */
function compileWithYields(node: Expression, scope: Scope) {
  const run = compileYields(yieldsOf(node), scope);
  const value = compileExpression(node, scope);
  return { run, value };
}

function compileIf(node: Statement & { kind: "If" }, scope: Scope): ExecuteGenerator {
  const test = compileWithYields(node.test, scope);
  const body = compileGeneratorBlock(node.body, scope);
  const orelse = compileGeneratorBlock(node.orelse, scope);
  const choose = branchChoice(node, scope);
  return function* (f) {
    f.at = node;
    yield* test.run(f);
    const answer = truth(f.py, test.value(f));
    return yield* ((answer instanceof Unknown ? choose(f, answer) : answer) ? body : orelse)(f);
  };
}

function compileFor(node: Statement & { kind: "For" }, scope: Scope): ExecuteGenerator {
  const iter = compileWithYields(node.iter, scope);
  const store = compileTarget(node.target, scope);
  const body = compileGeneratorBlock(node.body, scope);
  const orelse = compileGeneratorBlock(node.orelse, scope);
  return function* (f) {
    f.at = node;
    yield* iter.run(f);
    const source = iter.value(f);
    f.temporaries.push(source);
    const depth = f.temporaries.length;
    const next = iterate(f.py, source);
    for (let item = next(); item !== undefined; item = next()) {
      f.py.budget.step();
      store(f, item);
      const how = yield* body(f);
      if (how === Completion.Break || how === Completion.Return) {
        f.temporaries.length = depth - 1;
        return how === Completion.Return ? how : Completion.Next;
      }
    }
    f.temporaries.length = depth - 1;
    return yield* orelse(f);
  };
}

function compileWhile(node: Statement & { kind: "While" }, scope: Scope): ExecuteGenerator {
  const test = compileWithYields(node.test, scope);
  const body = compileGeneratorBlock(node.body, scope);
  const orelse = compileGeneratorBlock(node.orelse, scope);
  return function* (f) {
    for (;;) {
      f.at = node;
      f.py.budget.step();
      yield* test.run(f);
      const answer = truth(f.py, test.value(f));
      if (answer instanceof Unknown)
        f.py.note("unknown-loop", `how often the loop runs is not known: ${answer.reason}`);
      if (answer === false) return yield* orelse(f);
      const how = yield* body(f);
      if (how === Completion.Return) return how;
      if (how === Completion.Break || answer instanceof Unknown) return Completion.Next;
    }
  };
}

function compileWith(node: Statement & { kind: "With" }, scope: Scope): ExecuteGenerator {
  const items = node.items.map(({ value, target }) => ({
    ...compileWithYields(value, scope),
    store: target ? compileTarget(target, scope) : undefined,
  }));
  const body = compileGeneratorBlock(node.body, scope);
  const enter = (depth: number): ExecuteGenerator =>
    function* (f) {
      const item = items[depth];
      if (!item) return yield* body(f);
      yield* item.run(f);
      const leave = openContext(f, item.value(f), item.store);
      let how: Completion;
      try {
        how = yield* enter(depth + 1)(f);
      } catch (error) {
        if (error instanceof PyError && leave(error)) return Completion.Next;
        throw error;
      }
      leave(undefined);
      return how;
    };
  return enter(0);
}

function compileTry(node: Statement & { kind: "Try" }, scope: Scope): ExecuteGenerator {
  const body = compileGeneratorBlock(node.body, scope);
  const { handle } = compileExcepts(node, scope);
  const handlers = node.handlers.map(({ body: statements }) => compileGeneratorBlock(statements, scope));
  const orelse = compileGeneratorBlock(node.orelse, scope);
  const finalbody = compileGeneratorBlock(node.finalbody, scope);
  const guarded: ExecuteGenerator = function* (f) {
    let how: Completion;
    try {
      how = yield* body(f);
    } catch (error) {
      if (!(error instanceof PyError)) throw error;
      const match = handle(f, error);
      if (!match) throw error;
      const before = f.handling;
      f.handling = error;
      try {
        return yield* (handlers[match.index] as ExecuteGenerator)(f);
      } finally {
        f.handling = before;
        match.forget();
      }
    }
    return how === Completion.Next ? yield* orelse(f) : how;
  };
  if (node.finalbody.length === 0) return guarded;
  return function* (f) {
    let how: Completion;
    try {
      how = yield* guarded(f);
    } catch (error) {
      if (!(error instanceof PyError)) throw error;
      const last = yield* finalbody(f);
      if (last !== Completion.Next) return last;
      throw error;
    }
    const last = yield* finalbody(f);
    return last === Completion.Next ? how : last;
  };
}
