/** `match` statements. */
import { Unknown } from "../../base/unknown.ts";
import type { Pattern, Statement } from "../../syntax/ast.ts";
import { findAttribute } from "../attributes.ts";
import { Completion, type Execute, type Frame } from "../code.ts";
import { equal } from "../comparisons.ts";
import { toArray } from "../iteration.ts";
import { dictGet, keyOf } from "../keys.ts";
import { truth } from "../operators.ts";
import { isInstance, typeOf } from "../types.ts";
import { PyClass, PyDict, PyList, PyTuple, type Value } from "../values.ts";
import { decide } from "./decide.ts";
import { compileExpression } from "./expressions.ts";
import { compileStore } from "./names.ts";
import type { Scope } from "./scope.ts";
import { compileBlock } from "./statements.ts";

type Match = (f: Frame, value: Value) => boolean;

export function compileMatch(node: Statement & { kind: "Match" }, scope: Scope): Execute {
  const subject = compileExpression(node.subject, scope);
  const cases = node.cases.map(({ pattern, guard, body }) => ({
    matches: compilePattern(pattern, scope),
    guard: guard ? compileExpression(guard, scope) : undefined,
    body: compileBlock(body, scope),
  }));
  return (f) => {
    f.at = node;
    const value = subject(f);
    if (value instanceof Unknown) decide(f, value, node, "the first case");
    for (const { matches, guard, body } of cases) {
      if (!(value instanceof Unknown) && !matches(f, value)) continue;
      if (guard && truth(f.py, guard(f)) !== true) continue;
      return body(f);
    }
    return Completion.Next;
  };
}

function compilePattern(pattern: Pattern, scope: Scope): Match {
  switch (pattern.kind) {
    case "MatchValue": {
      const value = compileExpression(pattern.value, scope);
      return (f, subject) => equal(f.py, subject, value(f));
    }
    case "MatchSingleton":
      return (_, subject) => subject === pattern.value;
    case "MatchAs": {
      const inner = pattern.pattern ? compilePattern(pattern.pattern, scope) : undefined;
      const store = pattern.name ? compileStore(pattern.name, scope) : undefined;
      return (f, subject) => {
        if (inner && !inner(f, subject)) return false;
        store?.(f, subject);
        return true;
      };
    }
    case "MatchOr": {
      const choices = pattern.patterns.map((one) => compilePattern(one, scope));
      return (f, subject) => choices.some((choice) => choice(f, subject));
    }
    case "MatchStar":
      return () => true;
    case "MatchSequence":
      return compileSequence(pattern.patterns, scope);
    case "MatchMapping":
      return compileMapping(pattern, scope);
    case "MatchClass":
      return compileClassPattern(pattern, scope);
  }
}

function compileSequence(patterns: readonly Pattern[], scope: Scope): Match {
  const star = patterns.findIndex(({ kind }) => kind === "MatchStar");
  const parts = patterns.map((one) => compilePattern(one, scope));
  const starred = patterns[star];
  const store = starred?.kind === "MatchStar" && starred.name ? compileStore(starred.name, scope) : undefined;
  return (f, subject) => {
    if (!(subject instanceof PyList || subject instanceof PyTuple)) return false;
    const items = toArray(f.py, subject);
    const after = star < 0 ? 0 : parts.length - star - 1;
    if (star < 0 ? items.length !== parts.length : items.length < parts.length - 1) return false;
    for (const [i, part] of parts.entries()) {
      if (i === star) store?.(f, new PyList(items.slice(star, items.length - after)));
      else if (!part(f, items[star >= 0 && i > star ? items.length - (parts.length - i) : i] as Value)) return false;
    }
    return true;
  };
}

function compileMapping(pattern: Pattern & { kind: "MatchMapping" }, scope: Scope): Match {
  const keys = pattern.keys.map((key) => compileExpression(key, scope));
  const parts = pattern.patterns.map((one) => compilePattern(one, scope));
  const rest = pattern.rest ? compileStore(pattern.rest, scope) : undefined;
  return (f, subject) => {
    if (!(subject instanceof PyDict)) return false;
    const taken = new Set<unknown>();
    for (const [i, key] of keys.entries()) {
      const name = key(f);
      const value = dictGet(f.py, subject, name);
      if (value === undefined || !parts[i]?.(f, value)) return false;
      taken.add(keyOf(f.py, name));
    }
    rest?.(f, new PyDict(new Map([...subject.entries].filter(([key]) => !taken.has(key)))));
    return true;
  };
}

function compileClassPattern(pattern: Pattern & { kind: "MatchClass" }, scope: Scope): Match {
  const cls = compileExpression(pattern.cls, scope);
  const parts = pattern.patterns.map((one) => compilePattern(one, scope));
  const keywords = pattern.keywords.map(({ name, pattern: one }) => ({ name, matches: compilePattern(one, scope) }));
  return (f, subject) => {
    const type = cls(f);
    if (!(type instanceof PyClass) || !isInstance(subject, type)) return false;
    const names = findAttribute(f.py, type, "__match_args__");
    const positional = names === undefined ? [] : toArray(f.py, names);
    for (const [i, part] of parts.entries()) {
      const name = positional[i];
      // int(x), str(x) and their like match the value itself.
      const value =
        typeof name === "string"
          ? findAttribute(f.py, subject, name)
          : i === 0 && typeOf(subject).layout !== "object"
            ? subject
            : undefined;
      if (value === undefined || !part(f, value)) return false;
    }
    return keywords.every(({ name, matches }) => {
      const value = findAttribute(f.py, subject, name);
      return value !== undefined && matches(f, value);
    });
  };
}
