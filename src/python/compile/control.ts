/** Branches, loops, `with` and `try`. */
import { Unknown } from "../../base/unknown.ts";
import type { Expression, Statement } from "../../syntax/ast.ts";
import { walk } from "../../syntax/walk.ts";
import { call, specialMethod } from "../calls.ts";
import { Completion, type Execute, type Frame } from "../code.ts";
import { PyError, raise } from "../errors.ts";
import type { Loop, LoopPlan } from "../interpreter.ts";
import { iterate, unknownItems } from "../iteration.ts";
import { truth } from "../operators.ts";
import { typeOf } from "../types.ts";
import { PyClass, PyTuple, type Value } from "../values.ts";
import { complaint, decide } from "./decide.ts";
import { compileExpression } from "./expressions.ts";
import { loopPlan } from "./loopPlan.ts";
import { compileForget, compileHas, compileStore, type Store } from "./names.ts";
import { boundNames } from "./scan.ts";
import type { Scope } from "./scope.ts";
import { compileBlock } from "./statements.ts";
import { compileTarget } from "./targets.ts";

type If = Statement & { kind: "If" };

export function compileIf(node: If, scope: Scope): Execute {
  const test = compileExpression(node.test, scope);
  const body = compileBlock(node.body, scope);
  const orelse = compileBlock(node.orelse, scope);
  const choose = branchChoice(node, scope);
  const complains = complaint(node.body) ?? (node.orelse.length > 0 ? complaint(node.orelse) : undefined);
  const doubtful = complains ? [] : boundNames([...node.body, ...node.orelse]);
  return (f) => {
    f.at = node;
    const answer = truth(f.py, test(f));
    if (!(answer instanceof Unknown)) return answer ? body(f) : orelse(f);
    if (!f.names || doubtful.length === 0) return choose(f, answer) ? body(f) : orelse(f);
    // In a module or class: what the branches define is not known. The first is run for what it imports.
    const how = body(f);
    for (const name of doubtful) f.names.set(name, answer);
    return how;
  };
}

/** What to do where the condition is unknown: skip a branch that only complains, else take the first and say so. */
export function branchChoice(node: If, scope: Scope): (f: Frame, unknown: Unknown) => boolean {
  const first = complaint(node.body);
  const other = first || node.orelse.length === 0 ? undefined : complaint(node.orelse);
  const names = (first ?? other ?? []).map((name) => compileHas(name, scope));
  return (f, unknown) => {
    const skips = (first || other) && !names.some((has) => has(f));
    return skips ? !first : decide(f, unknown, node, "the first branch");
  };
}

export function compileFor(node: Statement & { kind: "For" }, scope: Scope): Execute {
  const iter = compileExpression(node.iter, scope);
  const store = compileTarget(node.target, scope);
  const body = compileBlock(node.body, scope);
  const orelse = compileBlock(node.orelse, scope);
  const costs = lazily(() => node.body.some(calls));
  const begin = loops(node.body, node.target);
  return (f) => {
    f.at = node;
    const source = iter(f);
    f.temporaries.push(source);
    const depth = f.temporaries.length;
    const next = iterate(f.py, source);
    if (next === unknownItems && costs()) passOver(f);
    const loop = begin(f);
    const round = (one: Value) => {
      store(f, one);
      return body(f);
    };
    for (let item = next(); item !== undefined; item = next()) {
      f.py.budget.step();
      const how = loop ? loop.round(item, round) : round(item);
      if (how === Completion.Break || how === Completion.Return) {
        f.temporaries.length = depth - 1;
        return how === Completion.Return ? how : Completion.Next;
      }
      f.at = node;
    }
    f.temporaries.length = depth - 1;
    return orelse(f);
  };
}

/** What tells whoever follows loops that one begins; in functions only, whose variables are slots. */
function loops(body: readonly Statement[], target: Expression | undefined): (f: Frame) => Loop | undefined {
  let plan: { readonly found: LoopPlan | undefined } | undefined;
  return (f) => {
    if (f.names || !f.py.hooks.loop) return undefined;
    plan ??= { found: loopPlan(body, target, f.code) };
    return plan.found && f.py.hooks.loop(f, plan.found);
  };
}

/** A loop over what is not known is not run: what its body would have cost is not known either. */
function passOver(f: Frame): void {
  const reason = f.py.notes.at(-1)?.reason ?? "";
  f.py.hooks.unknownCall(
    f.py,
    f.py.unknown(reason),
    f.slots.flatMap((value) => (value === undefined ? [] : [value])),
  );
}

function calls(node: Statement): boolean {
  let found = false;
  walk(node, ({ kind }) => {
    found ||= kind === "Call" || kind === "BinOp";
    return !found;
  });
  return found;
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

export function compileWhile(node: Statement & { kind: "While" }, scope: Scope): Execute {
  const test = compileExpression(node.test, scope);
  const body = compileBlock(node.body, scope);
  const orelse = compileBlock(node.orelse, scope);
  const begin = loops(node.body, undefined);
  return (f) => {
    const loop = begin(f);
    const round = () => body(f);
    for (;;) {
      f.at = node;
      f.py.budget.step();
      const answer = truth(f.py, test(f));
      if (answer instanceof Unknown) {
        f.py.note("unknown-loop", `how often the loop runs is not known: ${answer.reason}`);
        const how = body(f);
        return how === Completion.Return ? how : Completion.Next;
      }
      if (!answer) return orelse(f);
      const how = loop ? loop.round(null, round) : body(f);
      if (how === Completion.Break) return Completion.Next;
      if (how === Completion.Return) return how;
    }
  };
}

export function compileWith(node: Statement & { kind: "With" }, scope: Scope): Execute {
  const items = node.items.map(({ value, target }) => ({
    value: compileExpression(value, scope),
    store: target ? compileTarget(target, scope) : undefined,
  }));
  const body = compileBlock(node.body, scope);
  const enter = (f: Frame, depth: number): Completion => {
    const item = items[depth];
    if (!item) return body(f);
    const leave = openContext(f, item.value(f), item.store);
    return inContext(leave, () => enter(f, depth + 1));
  };
  return (f) => {
    f.at = node;
    const depth = f.temporaries.length;
    const how = enter(f, 0);
    f.temporaries.length = depth;
    return how;
  };
}

/** Enters a context: what leaves it, told of the exception; gives whether that is swallowed. */
export function openContext(
  f: Frame,
  context: Value,
  store: Store | undefined,
): (error: PyError | undefined) => boolean {
  if (context instanceof Unknown) {
    store?.(f, context);
    return () => false;
  }
  const enter = specialMethod(f.py, context, "__enter__") ?? specialMethod(f.py, context, "__aenter__");
  const exit = specialMethod(f.py, context, "__exit__") ?? specialMethod(f.py, context, "__aexit__");
  if (enter === undefined || exit === undefined)
    return raise("TypeError", `'${typeOf(context).name}' object does not support the context manager protocol`);
  f.temporaries.push(context);
  const value = call(f.py, enter, []);
  store?.(f, value);
  return (error) => {
    const answer = truth(f.py, call(f.py, exit, error ? [error.type, error.exception, null] : [null, null, null]));
    return answer === true;
  };
}

function inContext(leave: (error: PyError | undefined) => boolean, run: () => Completion): Completion {
  let how: Completion;
  try {
    how = run();
  } catch (error) {
    if (error instanceof PyError && leave(error)) return Completion.Next;
    throw error;
  }
  leave(undefined);
  return how;
}

type Try = Statement & { kind: "Try" };

export function compileTry(node: Try, scope: Scope): Execute {
  const body = compileBlock(node.body, scope);
  const { handle, guardsImports } = compileExcepts(node, scope);
  const orelse = compileBlock(node.orelse, scope);
  const finalbody = compileBlock(node.finalbody, scope);
  const handlers = node.handlers.map(({ body: statements }) => compileBlock(statements, scope));
  const guarded = (f: Frame): Completion => {
    const depth = f.temporaries.length;
    let how: Completion;
    if (guardsImports) f.py.importGuards++;
    try {
      how = body(f);
    } catch (error) {
      if (!(error instanceof PyError)) throw error;
      f.temporaries.length = depth;
      const match = handle(f, error);
      if (!match) throw error;
      const before = f.handling;
      f.handling = error;
      try {
        return (handlers[match.index] as Execute)(f);
      } finally {
        f.handling = before;
        match.forget();
      }
    } finally {
      if (guardsImports) f.py.importGuards--;
    }
    return how === Completion.Next ? orelse(f) : how;
  };
  if (node.finalbody.length === 0) return guarded;
  return (f) => {
    let how: Completion;
    try {
      how = guarded(f);
    } catch (error) {
      if (!(error instanceof PyError)) throw error;
      const last = finalbody(f);
      if (last !== Completion.Next) return last;
      throw error;
    }
    const { result } = f;
    const last = finalbody(f);
    if (last !== Completion.Next) return last;
    f.result = result;
    return how;
  };
}

/** Which handler takes an exception; its name is bound, and forgotten after it. */
export function compileExcepts(
  node: Try,
  scope: Scope,
): { handle: (f: Frame, error: PyError) => { index: number; forget: () => void } | undefined; guardsImports: boolean } {
  const handlers = node.handlers.map(({ type, name }) => ({
    type: type ? compileExpression(type, scope) : undefined,
    store: name ? compileStore(name, scope) : undefined,
    forget: name ? compileForget(name, scope) : undefined,
  }));
  const handle = (f: Frame, error: PyError) => {
    for (const [index, { type, store, forget }] of handlers.entries()) {
      if (type && !catches(type(f), error)) continue;
      store?.(f, error.exception);
      return {
        index,
        forget: () => {
          try {
            forget?.(f);
          } catch {
            // The handler deleted the name itself.
          }
        },
      };
    }
    return undefined;
  };
  return { handle, guardsImports: node.handlers.some(({ type }) => type === null || namesImportError(type)) };
}

function namesImportError(type: Expression): boolean {
  if (type.kind === "Name")
    return ["ImportError", "ModuleNotFoundError", "Exception", "BaseException"].includes(type.id);
  return type.kind === "Tuple" && type.elts.some(namesImportError);
}

function catches(type: Value, error: PyError): boolean {
  if (type instanceof PyTuple) return type.items.some((one) => catches(one, error));
  return type instanceof PyClass && error.type.isSubclassOf(type);
}
