/** Proves that a mask is triangular: which half of the scores it names, for any number of queries and keys. */
import type { Expression, FunctionDef } from "../../syntax/ast.ts";
import {
  argument,
  attributeValues,
  type Called,
  called,
  integerIn,
  onlyValue,
  type Scope,
  selfAttribute,
  textOf,
} from "./code.ts";

/** True on and below the diagonal, or true strictly above it. */
export type Triangle = "lower" | "upper";

/** The half on which an expression is true, or not zero; nothing where that is not certain. */
export function triangleOf(node: Expression, scope: Scope): Triangle | undefined {
  if (node.kind === "Name") {
    const given = onlyValue(scope.func, node.id);
    return given && given.index === undefined ? triangleOf(given.value, scope) : undefined;
  }
  if (node.kind === "UnaryOp" && node.op === "~") return other(triangleOf(node.operand, scope));
  if (node.kind === "BinOp" && node.op === "-" && node.left.kind === "Int" && node.left.value === 1)
    return other(triangleOf(node.right, scope));
  if (node.kind === "Compare" && node.ops.length === 1)
    return compared(node.left, node.ops[0]!, node.comparators[0]!, scope);
  if (node.kind === "Subscript") return isTopLeft(node.slice) ? triangleOf(node.value, scope) : undefined;
  const name = selfAttribute(node);
  if (name !== undefined) {
    const values = attributeValues(scope, name);
    return values.length === 1 ? triangleOf(values[0]!.value, inside(scope, values[0]!.func)) : undefined;
  }
  const call = called(node, scope);
  return call && triangleOfCall(call, scope);
}

function triangleOfCall(call: Called, scope: Scope): Triangle | undefined {
  const [first] = call.args;
  switch (call.name) {
    case "tril":
      return isAllOnes(first, scope) &&
        (argument(call, 1, "diagonal") === undefined || integerIn(argument(call, 1, "diagonal")) === 0)
        ? "lower"
        : undefined;
    case "triu":
      return isAllOnes(first, scope) && integerIn(argument(call, 1, "diagonal")) === 1 ? "upper" : undefined;
    case "logical_not":
      return first && other(triangleOf(first, scope));
    case "bool":
    case "float":
    case "int":
    case "byte":
    case "to":
    case "type":
    case "cuda":
    case "contiguous":
    case "clone":
    case "detach":
      return first && triangleOf(first, scope);
    case "unsqueeze":
      return first && isLeading(call, scope) ? triangleOf(first, scope) : undefined;
    case "view":
    case "reshape":
      return first && isFramed(call.args.slice(1), scope) ? triangleOf(first, scope) : undefined;
    default:
      return undefined;
  }
}

/** A bias that is minus infinity strictly above the diagonal and zero elsewhere: `torch.triu(torch.full((T, T), -inf), 1)`. */
export function isCausalBias(node: Expression, scope: Scope): boolean {
  if (node.kind === "Name") {
    const given = onlyValue(scope.func, node.id);
    return given !== undefined && given.index === undefined && isCausalBias(given.value, scope);
  }
  if (node.kind === "Subscript") return isTopLeft(node.slice) && isCausalBias(node.value, scope);
  const name = selfAttribute(node);
  if (name !== undefined) {
    const values = attributeValues(scope, name);
    return values.length === 1 && isCausalBias(values[0]!.value, inside(scope, values[0]!.func));
  }
  const call = called(node, scope);
  if (call?.name !== "triu" || integerIn(argument(call, 1, "diagonal")) !== 1) return false;
  const full = call.args[0] && called(call.args[0], scope);
  const value = full?.name === "full" ? argument(full, 1, "fill_value") : undefined;
  return (
    value !== undefined &&
    /^(-float\(["']inf["']\)|float\(["']-inf["']\)|-(torch|math|np)\.inf)$/.test(
      textOf(value, scope).replaceAll(/\s/g, ""),
    )
  );
}

/** The same class seen from another of its methods. */
function inside(scope: Scope, func: FunctionDef): Scope {
  return { ...scope, func };
}

function other(triangle: Triangle | undefined): Triangle | undefined {
  return triangle && (triangle === "lower" ? "upper" : "lower");
}

/** `mask == 0` names the other half, `mask != 0` and `mask == 1` the same. */
function compared(left: Expression, op: string, right: Expression, scope: Scope): Triangle | undefined {
  const value =
    right.kind === "Int" || right.kind === "Float"
      ? right.value
      : right.kind === "Singleton" && typeof right.value === "boolean"
        ? Number(right.value)
        : undefined;
  const triangle = triangleOf(left, scope);
  const same =
    (value === 0 && (op === "!=" || op === ">")) || (value === 1 && op === "==") || (value === 0.5 && op === ">");
  const turned =
    (value === 0 && op === "==") || (value === 1 && (op === "!=" || op === "<")) || (value === 0.5 && op === "<");
  return same ? triangle : turned ? other(triangle) : undefined;
}

/** `[:, :, :T, :T]`, `[:T, :T]`, `[None, None]`: what is left begins at the first row and the first column. */
function isTopLeft(slice: Expression): boolean {
  const parts = slice.kind === "Tuple" ? slice.elts : [slice];
  const isNew = (part: Expression) => part.kind === "Singleton" && part.value === null;
  const isEllipsis = (part: Expression) => part.kind === "Singleton" && part.value === "...";
  const isPrefix = (part: Expression) =>
    part.kind === "Slice" && (part.lower === null || integerIn(part.lower) === 0) && part.step === null;
  // A new axis behind a slice would come to stand between rows and columns.
  const firstSlice = parts.findIndex((part) => !isNew(part));
  return parts.every((part, i) =>
    isNew(part) ? firstSlice < 0 || i < firstSlice : isEllipsis(part) || isPrefix(part),
  );
}

/** `unsqueeze(0)`, or `unsqueeze(1)` of what has a leading axis already. */
function isLeading(call: Called, scope: Scope): boolean {
  const dim = integerIn(argument(call, 1, "dim"));
  if (dim === 0) return true;
  const before = call.args[0] && called(call.args[0], scope);
  return dim === 1 && before?.name === "unsqueeze" && integerIn(argument(before, 1, "dim")) === 0;
}

/** `view(1, 1, n, n)`: only axes of one are added. */
function isFramed(sizes: readonly Expression[], scope: Scope): boolean {
  const all = sizes.length === 1 && sizes[0]!.kind === "Tuple" ? sizes[0]!.elts : sizes;
  if (all.length < 2) return false;
  const [rows, columns] = [all.at(-2)!, all.at(-1)!];
  return all.slice(0, -2).every((size) => integerIn(size) === 1) && textOf(rows, scope) === textOf(columns, scope);
}

/** `torch.ones(n, n)` and what only changes its type. */
function isAllOnes(node: Expression | undefined, scope: Scope): boolean {
  if (node?.kind === "Name") {
    const given = onlyValue(scope.func, node.id);
    return given !== undefined && given.index === undefined && isAllOnes(given.value, scope);
  }
  const call = node && called(node, scope);
  if (!call) return false;
  if (call.name === "ones") return true;
  if (call.name === "full") {
    const value = argument(call, 1, "fill_value");
    return integerIn(value) === 1 || (value?.kind === "Singleton" && value.value === true);
  }
  return /^(bool|float|int|byte|to|type)$/.test(call.name) && isAllOnes(call.args[0], scope);
}
