/** The factor that scores are multiplied by, as `scaled_dot_product_attention` takes it. */
import type { Expression } from "../../syntax/ast.ts";
import { walk } from "../../syntax/walk.ts";
import { alike, atomText, called, integerIn, namesBound, namesRead, onlyValue, type Scope, textOf } from "./code.ts";
import type { Operand } from "./products.ts";

/** `scale=…` as text; "" where the code's own factor is the function's default, one over the root of the head's size. */
export function scaleText(op: "*" | "/", by: Expression, operands: readonly Operand[], scope: Scope): string {
  if (op === "/") return isRoot(by, operands, scope) ? "" : `1.0 / ${atomText(by, scope)}`;
  return isInverseRoot(by, operands, scope) ? "" : textOf(by, scope);
}

function isInverseRoot(node: Expression, operands: readonly Operand[], scope: Scope): boolean {
  if (node.kind === "Name") {
    const given = onlyValue(scope.func, node.id);
    return (
      given !== undefined &&
      given.index === undefined &&
      isInverseRoot(given.value, operands, scope) &&
      isUnchanged(given.value, given.statement.line, scope)
    );
  }
  if (node.kind !== "BinOp") return false;
  if (node.op === "/") return isOne(node.left) && isRoot(node.right, operands, scope);
  return node.op === "**" && isHalf(node.right, -1) && isHeadSize(node.left, operands, scope);
}

function isRoot(node: Expression, operands: readonly Operand[], scope: Scope): boolean {
  if (node.kind === "Name") {
    const given = onlyValue(scope.func, node.id);
    return (
      given !== undefined &&
      given.index === undefined &&
      isRoot(given.value, operands, scope) &&
      isUnchanged(given.value, given.statement.line, scope)
    );
  }
  if (node.kind === "BinOp") return node.op === "**" && isHalf(node.right, 1) && isHeadSize(node.left, operands, scope);
  const call = called(node, scope);
  return call?.name === "sqrt" && call.args.length === 1 && isHeadSize(call.args[0]!, operands, scope);
}

const isOne = (node: Expression) => (node.kind === "Int" || node.kind === "Float") && node.value === 1;

/** `0.5`, `(1 / 2)`, or their negatives. */
function isHalf(node: Expression, sign: 1 | -1): boolean {
  if (node.kind === "UnaryOp" && node.op === "-") return isHalf(node.operand, sign === 1 ? -1 : 1);
  if (node.kind === "Float") return node.value === 0.5 * sign;
  return sign === 1 && node.kind === "BinOp" && node.op === "/" && isOne(node.left) && integerIn(node.right) === 2;
}

/** The last axis of the queries or the keys: `k.size(-1)`, `q.shape[-1]`, or a name that was given that. */
function isHeadSize(node: Expression, operands: readonly Operand[], scope: Scope): boolean {
  if (node.kind === "Name") {
    const given = onlyValue(scope.func, node.id);
    if (!given) return false;
    const { value, statement, index } = given;
    if (index === undefined) return isHeadSize(value, operands, scope) && isUnchanged(value, statement.line, scope);
    const shape = shapeOwner(value, scope);
    return (
      index === -1 &&
      shape !== undefined &&
      isOperand(shape, operands, scope) &&
      isUnchanged(value, statement.line, scope)
    );
  }
  const call = called(node, scope);
  if (call?.name === "size") return integerIn(call.args[1]) === -1 && isOperand(call.args[0]!, operands, scope);
  if (node.kind !== "Subscript" || integerIn(node.slice) !== -1) return false;
  const owner = shapeOwner(node.value, scope);
  return owner !== undefined && isOperand(owner, operands, scope);
}

/** The tensor of `x.shape` and `x.size()`. */
function shapeOwner(node: Expression, scope: Scope): Expression | undefined {
  if (node.kind === "Attribute" && node.attr === "shape") return node.value;
  const call = called(node, scope);
  return call?.name === "size" && call.args.length === 1 ? call.args[0] : undefined;
}

function isOperand(node: Expression, operands: readonly Operand[], scope: Scope): boolean {
  return operands.some((operand) => operand.text === textOf(operand.node, scope) && alike(node, operand.node, scope));
}

/** Whether no name in an expression is given another value behind a line of the function. */
function isUnchanged(node: Expression, line: number, scope: Scope): boolean {
  return !isBoundBehind(node, line, scope);
}

function isBoundBehind(node: Expression, line: number, { func }: Scope): boolean {
  const read = namesRead(node);
  let is = false;
  for (const statement of func.body) {
    walk(statement, (one) => {
      if ((one.kind === "Assign" || one.kind === "AugAssign" || one.kind === "AnnAssign") && one.line > line) {
        for (const name of namesBound(one)) if (read.has(name)) is = true;
      }
    });
  }
  return is;
}
