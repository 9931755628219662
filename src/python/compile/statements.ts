/** Statements made into closures. */
import { Unknown } from "../../base/unknown.ts";
import type { Statement } from "../../syntax/ast.ts";
import { getAttribute, setAttribute } from "../attributes.ts";
import { call, isCallable } from "../calls.ts";
import { Completion, type Execute } from "../code.ts";
import { exception, PyError, raise } from "../errors.ts";
import { binaryInPlace, truth } from "../operators.ts";
import { getItem, setItem } from "../subscripts.ts";
import { str } from "../text.ts";
import { exceptionTypes, typeOf } from "../types.ts";
import { PyClass, PyDict, PyInstance, type Value } from "../values.ts";
import { annotationValue } from "./annotations.ts";
import { compileClass } from "./classes.ts";
import { compileFor, compileIf, compileTry, compileWhile, compileWith } from "./control.ts";
import { compileExpression, mayRun } from "./expressions.ts";
import { compileFunction } from "./functions.ts";
import { compileImport, compileImportFrom } from "./imports.ts";
import { compileLoad, compileStore } from "./names.ts";
import { compileMatch } from "./patterns.ts";
import type { Scope } from "./scope.ts";
import { compileDelete, compileTarget } from "./targets.ts";

const next: Execute = () => Completion.Next;

/** Statements one after another, until one leaves. */
export function compileBlock(statements: readonly Statement[], scope: Scope): Execute {
  const parts = statements
    .filter((node) => node.kind !== "Pass" && node.kind !== "Global" && node.kind !== "Nonlocal")
    .map((node) => compileStatement(node, scope));
  const [first, second] = parts;
  if (!first) return next;
  if (!second) return first;
  return (f) => {
    for (let i = 0; i < parts.length; i++) {
      const how = (parts[i] as Execute)(f);
      if (how !== Completion.Next) return how;
    }
    return Completion.Next;
  };
}

export function compileStatement(node: Statement, scope: Scope): Execute {
  switch (node.kind) {
    case "ExpressionStatement": {
      if (node.value.kind === "Str" || node.value.kind === "Singleton") return next;
      const value = compileExpression(node.value, scope);
      return (f) => {
        f.at = node;
        value(f);
        return Completion.Next;
      };
    }
    case "Assign": {
      const value = compileExpression(node.value, scope);
      const stores = node.targets.map((target) => compileTarget(target, scope));
      const [only] = stores;
      if (stores.length === 1 && only) {
        return (f) => {
          f.at = node;
          only(f, value(f));
          return Completion.Next;
        };
      }
      return (f) => {
        f.at = node;
        const result = value(f);
        for (const store of stores) store(f, result);
        return Completion.Next;
      };
    }
    case "AugAssign":
      return compileAugmented(node, scope);
    case "AnnAssign":
      return compileAnnotated(node, scope);
    case "Return": {
      const value = node.value ? compileExpression(node.value, scope) : () => null;
      return (f) => {
        f.at = node;
        f.result = value(f);
        return Completion.Return;
      };
    }
    case "If":
      return compileIf(node, scope);
    case "For":
      return compileFor(node, scope);
    case "While":
      return compileWhile(node, scope);
    case "With":
      return compileWith(node, scope);
    case "Try":
      return compileTry(node, scope);
    case "Raise":
      return compileRaise(node, scope);
    case "Assert": {
      const test = compileExpression(node.test, scope);
      const message = node.msg ? compileExpression(node.msg, scope) : undefined;
      return (f) => {
        f.at = node;
        // An assertion that cannot be decided is taken to hold: its author says so.
        if (truth(f.py, test(f)) !== false) return Completion.Next;
        throw new PyError(exception("AssertionError", ...(message ? [message(f)] : [])));
      };
    }
    case "Delete": {
      const parts = node.targets.map((target) => compileDelete(target, scope));
      return (f) => {
        f.at = node;
        for (const part of parts) part(f);
        return Completion.Next;
      };
    }
    case "FunctionDef":
      return compileFunction(node, scope);
    case "ClassDef":
      return compileClass(node, scope);
    case "Import":
      return compileImport(node, scope);
    case "ImportFrom":
      return compileImportFrom(node, scope);
    case "Match":
      return compileMatch(node, scope);
    case "Break":
      return () => Completion.Break;
    case "Continue":
      return () => Completion.Continue;
    case "BrokenStatement":
      return (f) => {
        f.at = node;
        f.py.note("failure", "a part of the code does not parse");
        return Completion.Next;
      };
    default:
      return next;
  }
}

function compileAugmented(node: Statement & { kind: "AugAssign" }, scope: Scope): Execute {
  const { op, target } = node;
  const value = compileExpression(node.value, scope);
  const held = mayRun(node.value);
  if (target.kind === "Attribute") {
    const object = compileExpression(target.value, scope);
    return (f) => {
      f.at = node;
      const owner = object(f);
      const before = getAttribute(f.py, owner, target.attr);
      if (held) f.temporaries.push(owner, before);
      const change = value(f);
      if (held) f.temporaries.length -= 2;
      f.at = node;
      setAttribute(f.py, owner, target.attr, binaryInPlace(f.py, op, before, change));
      return Completion.Next;
    };
  }
  if (target.kind === "Subscript") {
    const container = compileExpression(target.value, scope);
    const slice = compileExpression(target.slice, scope);
    return (f) => {
      f.at = node;
      const owner = container(f);
      const index = slice(f);
      const before = getItem(f.py, owner, index);
      if (held) f.temporaries.push(owner, before);
      const change = value(f);
      if (held) f.temporaries.length -= 2;
      f.at = node;
      setItem(f.py, owner, index, binaryInPlace(f.py, op, before, change));
      return Completion.Next;
    };
  }
  if (target.kind !== "Name") return next;
  const load = compileLoad(target, scope);
  const store = compileStore(target.id, scope);
  return (f) => {
    f.at = node;
    const before = load(f);
    if (held) f.temporaries.push(before);
    const change = value(f);
    if (held) f.temporaries.pop();
    f.at = node;
    store(f, binaryInPlace(f.py, op, before, change));
    return Completion.Next;
  };
}

function compileAnnotated(node: Statement & { kind: "AnnAssign" }, scope: Scope): Execute {
  const value = node.value ? compileExpression(node.value, scope) : undefined;
  const store = value ? compileTarget(node.target, scope) : undefined;
  const { target } = node;
  const isClass = scope.block.kind === "class" && target.kind === "Name";
  const annotation = isClass ? compileExpression(node.annotation, scope) : undefined;
  return (f) => {
    f.at = node;
    if (value && store) store(f, value(f));
    if (annotation && f.names && target.kind === "Name") {
      const known = f.names.get("__annotations__");
      const annotations = known instanceof PyDict ? known : new PyDict();
      f.names.set("__annotations__", annotations);
      annotations.entries.set(target.id, [target.id, annotationValue(f, annotation, node.annotation)]);
    }
    return Completion.Next;
  };
}

function compileRaise(node: Statement & { kind: "Raise" }, scope: Scope): Execute {
  const value = node.exc ? compileExpression(node.exc, scope) : undefined;
  const cause = node.cause ? compileExpression(node.cause, scope) : undefined;
  return (f) => {
    f.at = node;
    if (!value) {
      if (f.handling) throw f.handling;
      return raise("RuntimeError", "No active exception to reraise");
    }
    const error = raised(f.py, value(f));
    const from = cause?.(f);
    if (from !== undefined) error.exception.attrs.set("__cause__", from);
    throw error;
  };
}

function raised(py: import("../interpreter.ts").Interpreter, value: Value): PyError {
  const made = value instanceof PyClass && isCallable(value) ? call(py, value, []) : value;
  if (made instanceof Unknown)
    return new PyError(exception("Exception", `something unknown is raised: ${made.reason}`));
  const base = exceptionTypes.get("BaseException") as PyClass;
  if (made instanceof PyInstance && made.cls.isSubclassOf(base)) return new PyError(made);
  return new PyError(
    exception("TypeError", `exceptions must derive from BaseException, not ${typeOf(made).name}: ${str(py, made)}`),
  );
}
