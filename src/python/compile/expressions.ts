/** Expressions made into closures. */
import { Unknown } from "../../base/unknown.ts";
import type { Expression } from "../../syntax/ast.ts";
import { Complex, Float } from "../../tensor/scalar.ts";
import { getAttribute } from "../attributes.ts";
import type { Evaluate, Frame } from "../code.ts";
import { compare } from "../comparisons.ts";
import { raise } from "../errors.ts";
import { iterate } from "../iteration.ts";
import { dictSet, setAdd } from "../keys.ts";
import { binary, truth, unary } from "../operators.ts";
import { stored } from "../stored.ts";
import { getItem } from "../subscripts.ts";
import { ellipsis } from "../types.ts";
import { PyBytes, PyDict, PyList, PySet, PySlice, PyTuple, type Value } from "../values.ts";
import { compileCall } from "./calls.ts";
import { compileComprehension } from "./comprehensions.ts";
import { decide } from "./decide.ts";
import { compileGeneratorExpression, compileLambda } from "./functions.ts";
import { compileItems } from "./items.ts";
import { compileJoined } from "./joined.ts";
import { compileLoad, compileStore } from "./names.ts";
import type { Scope } from "./scope.ts";
import { yielded } from "./yields.ts";

export function compileExpression(node: Expression, scope: Scope): Evaluate {
  switch (node.kind) {
    case "Name":
      return compileLoad(node, scope);
    case "Int":
    case "Str":
      return constant(node.value);
    case "BigInt":
      return constant(BigInt(node.digits));
    case "Float":
      return constant(new Float(node.value));
    case "Imaginary":
      return constant(new Complex(0, node.value));
    case "Bytes":
      return constant(new PyBytes(node.value));
    case "Singleton":
      return constant(node.value === "..." ? ellipsis : node.value);
    case "JoinedStr":
      return compileJoined(node, scope);
    case "Tuple": {
      const items = compileItems(node.elts, scope);
      return (f) => new PyTuple(items(f));
    }
    case "List": {
      const items = compileItems(node.elts, scope);
      return (f) => {
        const list = items(f);
        for (const item of list) stored(item);
        return new PyList(list);
      };
    }
    case "Set": {
      const items = compileItems(node.elts, scope);
      return (f) => {
        const set = new PySet();
        for (const item of items(f)) setAdd(f.py, set, item);
        return set;
      };
    }
    case "Dict":
      return compileDict(node, scope);
    case "BinOp": {
      const { op } = node;
      const left = compileExpression(node.left, scope);
      const right = compileExpression(node.right, scope);
      return pair(node, left, right, node.right, (f, a, b) => binary(f.py, op, a, b));
    }
    case "UnaryOp": {
      const { op } = node;
      const operand = compileExpression(node.operand, scope);
      return (f) => {
        const value = operand(f);
        f.at = node;
        return unary(f.py, op, value);
      };
    }
    case "BoolOp":
      return compileBoolean(node, scope);
    case "Compare":
      return compileCompare(node, scope);
    case "Call":
      return compileCall(node, scope);
    case "Starred":
      return () => raise("SyntaxError", "can't use starred expression here");
    case "Attribute": {
      const value = compileExpression(node.value, scope);
      const { attr } = node;
      return (f) => {
        const object = value(f);
        f.at = node;
        return getAttribute(f.py, object, attr);
      };
    }
    case "Subscript": {
      const value = compileExpression(node.value, scope);
      const slice = compileExpression(node.slice, scope);
      return pair(node, value, slice, node.slice, (f, container, index) => getItem(f.py, container, index));
    }
    case "Slice": {
      const [lower, upper, step] = [node.lower, node.upper, node.step].map((part) =>
        part ? compileExpression(part, scope) : () => null,
      ) as [Evaluate, Evaluate, Evaluate];
      return (f) => new PySlice(lower(f), upper(f), step(f));
    }
    case "Lambda":
      return compileLambda(node, scope);
    case "IfExp":
      return compileConditional(node, scope);
    case "ListComp":
    case "SetComp":
    case "DictComp":
      return compileComprehension(node, scope);
    case "GeneratorExp":
      return compileGeneratorExpression(node, scope);
    case "NamedExpr": {
      const value = compileExpression(node.value, scope);
      const store = compileStore(node.target, scope);
      return (f) => {
        const result = value(f);
        store(f, result);
        return result;
      };
    }
    case "Yield":
    case "YieldFrom":
      return yielded(node, scope);
    case "Await":
      return compileExpression(node.value, scope);
    case "BrokenExpression":
      return (f) => {
        f.at = node;
        return f.py.unknown("this part does not parse");
      };
  }
}

function constant(value: Value): Evaluate {
  return () => value;
}

/** Whether evaluating it can run an operation, so that what was evaluated before must be held meanwhile. */
export function mayRun(node: Expression): boolean {
  switch (node.kind) {
    case "Name":
    case "Int":
    case "BigInt":
    case "Float":
    case "Str":
    case "Singleton":
    case "Bytes":
    case "Imaginary":
    case "Lambda":
      return false;
    case "Attribute":
      return mayRun(node.value);
    case "UnaryOp":
      return node.operand.kind !== "Int" && node.operand.kind !== "Float";
    case "Slice":
      return [node.lower, node.upper, node.step].some((part) => part !== null && mayRun(part));
    case "Tuple":
      return node.elts.some(mayRun);
    default:
      return true;
  }
}

/** Evaluates two operands in order, holding the first while the second runs. */
function pair(
  at: Expression,
  left: Evaluate,
  right: Evaluate,
  rightNode: Expression,
  run: (f: Frame, a: Value, b: Value) => Value,
): Evaluate {
  if (!mayRun(rightNode)) {
    return (f) => {
      const a = left(f);
      const b = right(f);
      f.at = at;
      return run(f, a, b);
    };
  }
  return (f) => {
    const a = left(f);
    f.temporaries.push(a);
    const b = right(f);
    f.temporaries.pop();
    f.at = at;
    return run(f, a, b);
  };
}

function compileDict(node: Expression & { kind: "Dict" }, scope: Scope): Evaluate {
  const pairs = node.values.map((value, i) => {
    const key = node.keys[i];
    return { key: key ? compileExpression(key, scope) : undefined, value: compileExpression(value, scope) };
  });
  return (f) => {
    const dict = new PyDict();
    f.temporaries.push(dict);
    for (const { key, value } of pairs) {
      if (key) {
        const name = key(f);
        const item = value(f);
        if (!(name instanceof Unknown)) dictSet(f.py, dict, name, item);
      } else {
        const other = value(f);
        if (other instanceof PyDict) for (const [name, item] of other.entries.values()) dictSet(f.py, dict, name, item);
        else if (!(other instanceof Unknown)) {
          const next = iterate(f.py, other);
          for (let name = next(); name !== undefined; name = next())
            dictSet(f.py, dict, name, getItem(f.py, other, name));
        }
      }
    }
    f.temporaries.pop();
    return dict;
  };
}

function compileBoolean(node: Expression & { kind: "BoolOp" }, scope: Scope): Evaluate {
  const values = node.values.map((value) => compileExpression(value, scope));
  const stop = node.op === "or";
  return (f) => {
    let doubt: Unknown | undefined;
    let last: Value = null;
    for (const value of values) {
      last = value(f);
      const answer = truth(f.py, last);
      if (answer === stop) return last;
      if (answer instanceof Unknown) doubt ??= answer;
    }
    return doubt ?? last;
  };
}

function compileCompare(node: Expression & { kind: "Compare" }, scope: Scope): Evaluate {
  const left = compileExpression(node.left, scope);
  const rights = node.comparators.map((one) => compileExpression(one, scope));
  const [op] = node.ops;
  const [right] = rights;
  const [rightNode] = node.comparators;
  if (rights.length === 1 && op && right && rightNode)
    return pair(node, left, right, rightNode, (f, a, b) => compare(f.py, op, a, b));
  return (f) => {
    let a = left(f);
    let result: Value = true;
    for (const [i, run] of rights.entries()) {
      const b = run(f);
      f.at = node;
      result = compare(f.py, node.ops[i] as (typeof node.ops)[number], a, b);
      const answer = truth(f.py, result);
      if (answer !== true) return answer instanceof Unknown ? answer : result;
      a = b;
    }
    return result;
  };
}

function compileConditional(node: Expression & { kind: "IfExp" }, scope: Scope): Evaluate {
  const test = compileExpression(node.test, scope);
  const body = compileExpression(node.body, scope);
  const orelse = compileExpression(node.orelse, scope);
  const plainParts = !mayRun(node.body) && !mayRun(node.orelse);
  return (f) => {
    const answer = truth(f.py, test(f));
    if (!(answer instanceof Unknown)) return answer ? body(f) : orelse(f);
    // Two plain values: which one is not known, and nothing is lost until somebody needs it.
    if (plainParts) return answer;
    return decide(f, answer, node, "the first value of the conditional") ? body(f) : orelse(f);
  };
}
