/** Operators on values. What is unknown on either side makes the result unknown. */
import { Unknown } from "../../base/unknown.ts";
import { floorDivide, integer, minus, modulo, plus, type Size, SymInt, times } from "../../tensor/size.ts";
import { isNullish, JsArray, JsFunction, JsObject, JsThrow, type Value } from "./values.ts";

/** Whether a value counts as true; unknown where it is. */
export function truth(value: Value): boolean | Unknown {
  if (value instanceof Unknown) return value;
  if (value instanceof SymInt) return value.hint !== 0;
  return Boolean(value);
}

export function typeOf(value: Value): string {
  if (value instanceof SymInt) return "number";
  if (value instanceof JsFunction) return "function";
  return value instanceof JsObject ? "object" : typeof value;
}

/** The number that JavaScript makes of a value. */
export function toNumber(value: Value): number | SymInt | Unknown {
  if (value instanceof Unknown || value instanceof SymInt) return value;
  if (value instanceof JsArray) {
    const text = toText(value);
    return text instanceof Unknown ? text : Number(text);
  }
  return value instanceof JsObject ? Number.NaN : Number(value);
}

/** The text that JavaScript makes of a value. */
export function toText(value: Value, depth = 0): string | Unknown {
  if (value instanceof Unknown) return value;
  if (value instanceof SymInt) return String(value.hint);
  if (value instanceof JsArray) {
    if (depth > 8) return "";
    const parts = value.items.map((item) => (isNullish(item) ? "" : toText(item, depth + 1)));
    return parts.find((part) => part instanceof Unknown) ?? parts.join(",");
  }
  if (value instanceof JsFunction) return `function ${value.name}() { }`;
  if (value instanceof JsObject) {
    const message = value.find("message");
    return typeof message === "string" ? `${String(value.find("name") ?? "Error")}: ${message}` : "[object Object]";
  }
  return String(value);
}

export function binary(operator: string, left: Value, right: Value): Value {
  switch (operator) {
    case "===":
    case "==":
      return equal(left, right, operator === "==");
    case "!==":
    case "!=": {
      const same = equal(left, right, operator === "!=");
      return same instanceof Unknown ? same : !same;
    }
    case "+":
      return sum(left, right);
    case "in":
      return contains(left, right);
    case "instanceof":
      return isInstance(left, right);
    default:
      return arithmetic(operator, left, right);
  }
}

function equal(left: Value, right: Value, loose: boolean): boolean | Unknown {
  if (left instanceof Unknown) return left;
  if (right instanceof Unknown) return right;
  const [a, b] = [hint(left), hint(right)];
  if (!loose) return a === b;
  if (isNullish(a) || isNullish(b)) return isNullish(a) && isNullish(b);
  if (a instanceof JsObject && b instanceof JsObject) return a === b;
  if (typeof a === typeof b) return a === b;
  const [x, y] = [toNumber(a), toNumber(b)];
  return x === y;
}

function hint(value: Value): Value {
  return value instanceof SymInt ? value.hint : value;
}

function sum(left: Value, right: Value): Value {
  const isText = (value: Value) => typeof value === "string" || value instanceof JsObject;
  if (isText(left) || isText(right)) {
    const [a, b] = [toText(left), toText(right)];
    if (a instanceof Unknown) return a;
    return b instanceof Unknown ? b : a + b;
  }
  return arithmetic("+", left, right);
}

function contains(key: Value, object: Value): Value {
  if (object instanceof Unknown) return object;
  const name = toText(key);
  if (name instanceof Unknown) return name;
  if (!(object instanceof JsObject)) return false;
  if (object instanceof JsArray && /^\d+$/.test(name)) return Number(name) < object.items.length;
  return object.has(name);
}

function isInstance(value: Value, of: Value): Value {
  if (value instanceof Unknown) return value;
  if (of instanceof Unknown) return of;
  if (!(of instanceof JsFunction) || !(value instanceof JsObject)) return false;
  const prototype = of.find("prototype");
  for (let from = value.proto; from; from = from.proto) if (from === prototype) return true;
  return false;
}

function arithmetic(operator: string, left: Value, right: Value): Value {
  if (/^[<>]=?$/.test(operator) && typeof left === "string" && typeof right === "string")
    return compare(operator, left, right);
  const [a, b] = [toNumber(left), toNumber(right)];
  if (a instanceof Unknown) return a;
  if (b instanceof Unknown) return b;
  if (a instanceof SymInt || b instanceof SymInt) {
    const exact = onSizes(operator, a, b);
    if (exact !== undefined) return exact;
  }
  return onNumbers(operator, integer(a), integer(b));
}

/** Sums and products of sizes keep their expression; `undefined` for what makes no size. */
function onSizes(operator: string, a: Size, b: Size): Value {
  if (![a, b].every((one) => one instanceof SymInt || Number.isInteger(one))) return undefined;
  if (operator === "+") return plus(a, b);
  if (operator === "-") return minus(a, b);
  if (operator === "*") return times(a, b);
  if (integer(b) === 0) return undefined;
  if (operator === "/" && integer(a) % integer(b) === 0) return floorDivide(a, b);
  return operator === "%" && integer(a) >= 0 && integer(b) > 0 ? modulo(a, b) : undefined;
}

function onNumbers(operator: string, a: number, b: number): Value {
  switch (operator) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return a / b;
    case "%":
      return a % b;
    case "**":
      return a ** b;
    case "&":
      return a & b;
    case "|":
      return a | b;
    case "^":
      return a ^ b;
    case "<<":
      return a << b;
    case ">>":
      return a >> b;
    case ">>>":
      return a >>> b;
    default:
      return compare(operator, a, b);
  }
}

function compare<T extends number | string>(operator: string, a: T, b: T): Value {
  switch (operator) {
    case "<":
      return a < b;
    case ">":
      return a > b;
    case "<=":
      return a <= b;
    case ">=":
      return a >= b;
    default:
      throw new JsThrow(`${operator} is no operator`, `${operator} is no operator`);
  }
}

export function unary(operator: string, value: Value): Value {
  if (operator === "typeof") return value instanceof Unknown ? value : typeOf(value);
  if (operator === "void") return undefined;
  if (value instanceof Unknown) return value;
  if (operator === "!") {
    const known = truth(value);
    return known instanceof Unknown ? known : !known;
  }
  const number = toNumber(value);
  if (number instanceof Unknown) return number;
  if (operator === "+") return number;
  if (operator === "-") return number instanceof SymInt ? minus(0, number) : -number;
  return operator === "~" ? ~integer(number) : undefined;
}
