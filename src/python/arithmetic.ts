/** Arithmetic of Python's numbers: ints of any size, sized ints with their expressions, floats, complex numbers. */
import { Unknown } from "../base/unknown.ts";
import type { BinaryOperator } from "../syntax/ast.ts";
import { Complex, Float } from "../tensor/scalar.ts";
import { floorDivide, minus, modulo, plus, type Size, SymInt, times } from "../tensor/size.ts";
import { raise } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import { exactInt, narrow, plain } from "./numbers.ts";
import { followedArithmetic, following } from "./remember/buildTags.ts";
import type { Value } from "./values.ts";

/** The result where both sides are numbers; undefined otherwise. Raises ZeroDivisionError. */
export function arithmetic(py: Interpreter, op: BinaryOperator, left: Value, right: Value): Value | undefined {
  if (typeof left === "number" && typeof right === "number") return integers(py, op, left, right);
  const a = plain(left);
  const b = plain(right);
  if (!isNumber(a) || !isNumber(b)) return undefined;
  const followed = following.count > 0 ? followedArithmetic(op, a, b) : undefined;
  if (followed !== undefined) return followed;
  if (op === "@" || (typeof a === "boolean" && typeof b === "boolean" && (op === "&" || op === "|" || op === "^")))
    return logic(op, a, b);
  if (a instanceof Complex || b instanceof Complex) return complex(op, complexOf(a), complexOf(b));
  if (a instanceof Float || b instanceof Float) return floats(op, toNumber(a), toNumber(b));
  if (typeof a === "bigint" || typeof b === "bigint") return bigints(op, toBig(a), toBig(b));
  if (a instanceof SymInt || b instanceof SymInt) return sized(py, op, a as Size, b as Size);
  return integers(py, op, Number(a), Number(b));
}

type Plain = number | bigint | boolean | Float | Complex | SymInt;

function isNumber(value: Value): value is Plain {
  return (
    typeof value === "number" ||
    typeof value === "bigint" ||
    typeof value === "boolean" ||
    value instanceof Float ||
    value instanceof SymInt ||
    value instanceof Complex
  );
}

function toNumber(value: Plain): number {
  if (value instanceof Float) return value.value;
  if (value instanceof SymInt) return value.hint;
  return value instanceof Complex ? value.re : Number(value);
}

function toBig(value: Plain): bigint {
  return typeof value === "bigint" ? value : BigInt(toNumber(value));
}

function complexOf(value: Plain): Complex {
  return value instanceof Complex ? value : new Complex(toNumber(value), 0);
}

function logic(op: BinaryOperator, a: Plain, b: Plain): Value | undefined {
  if (op === "&") return Boolean(a) && Boolean(b);
  if (op === "|") return Boolean(a) || Boolean(b);
  return op === "^" ? a !== b : undefined;
}

function integers(py: Interpreter, op: BinaryOperator, a: number, b: number): Value | undefined {
  switch (op) {
    case "+":
      return exactInt(a + b, () => BigInt(a) + BigInt(b));
    case "-":
      return exactInt(a - b, () => BigInt(a) - BigInt(b));
    case "*":
      return exactInt(a * b, () => BigInt(a) * BigInt(b));
    case "/":
      return b === 0 ? raise("ZeroDivisionError", "division by zero") : new Float(a / b);
    case "//":
      return b === 0 ? raise("ZeroDivisionError", "integer division or modulo by zero") : Math.floor(a / b);
    case "%":
      // Python floors toward minus infinity: the remainder has the divisor's sign.
      return b === 0 ? raise("ZeroDivisionError", "integer division or modulo by zero") : a - Math.floor(a / b) * b;
    case "**":
      if (b < 0)
        return a === 0 ? raise("ZeroDivisionError", "0.0 cannot be raised to a negative power") : new Float(a ** b);
      if (b * Math.log2(Math.abs(a) + 1) > 1e5) return py.unknown("a power too large to work out");
      return exactInt(a ** b, () => BigInt(a) ** BigInt(b));
    case "<<":
      if (b > 1e5) return py.unknown("a shift too large to work out");
      return narrow(BigInt(a) << BigInt(b));
    case ">>":
      return narrow(BigInt(a) >> BigInt(b));
    case "&":
      return narrow(BigInt(a) & BigInt(b));
    case "|":
      return narrow(BigInt(a) | BigInt(b));
    case "^":
      return narrow(BigInt(a) ^ BigInt(b));
    default:
      return undefined;
  }
}

function bigints(op: BinaryOperator, a: bigint, b: bigint): Value | undefined {
  switch (op) {
    case "+":
      return narrow(a + b);
    case "-":
      return narrow(a - b);
    case "*":
      return narrow(a * b);
    case "/":
      return b === 0n ? raise("ZeroDivisionError", "division by zero") : new Float(Number(a) / Number(b));
    case "//":
    case "%": {
      if (b === 0n) raise("ZeroDivisionError", "integer division or modulo by zero");
      const rest = ((a % b) + b) % b;
      return narrow(op === "%" ? rest : (a - rest) / b);
    }
    case "**":
      return b < 0n ? new Float(Number(a) ** Number(b)) : b > 4096n ? undefined : narrow(a ** b);
    case "<<":
      return b > 100000n ? undefined : narrow(a << b);
    case ">>":
      return narrow(a >> b);
    case "&":
      return narrow(a & b);
    case "|":
      return narrow(a | b);
    case "^":
      return narrow(a ^ b);
    default:
      return undefined;
  }
}

function floats(op: BinaryOperator, a: number, b: number): Value | undefined {
  switch (op) {
    case "+":
      return new Float(a + b);
    case "-":
      return new Float(a - b);
    case "*":
      return new Float(a * b);
    case "/":
      return b === 0 ? raise("ZeroDivisionError", "float division by zero") : new Float(a / b);
    case "//":
      return b === 0 ? raise("ZeroDivisionError", "float floor division by zero") : new Float(Math.floor(a / b));
    case "%":
      return b === 0 ? raise("ZeroDivisionError", "float modulo") : new Float(a - Math.floor(a / b) * b);
    case "**":
      if (a === 0 && b < 0) return raise("ZeroDivisionError", "0.0 cannot be raised to a negative power");
      return new Float(a ** b);
    default:
      return undefined;
  }
}

function complex(op: BinaryOperator, a: Complex, b: Complex): Value | undefined {
  switch (op) {
    case "+":
      return new Complex(a.re + b.re, a.im + b.im);
    case "-":
      return new Complex(a.re - b.re, a.im - b.im);
    case "*":
      return new Complex(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re);
    case "/": {
      const size = b.re * b.re + b.im * b.im;
      if (size === 0) return raise("ZeroDivisionError", "complex division by zero");
      return new Complex((a.re * b.re + a.im * b.im) / size, (a.im * b.re - a.re * b.im) / size);
    }
    default:
      return undefined;
  }
}

/** Ints of which one has an expression: it is kept where size.ts can say it. */
function sized(py: Interpreter, op: BinaryOperator, a: Size, b: Size): Value | undefined {
  const divisor = b instanceof SymInt ? b.hint : Number(b);
  if (divisor === 0 && (op === "/" || op === "//" || op === "%"))
    raise("ZeroDivisionError", "integer division or modulo by zero");
  const left = typeof a === "boolean" ? Number(a) : a;
  const right = typeof b === "boolean" ? Number(b) : b;
  switch (op) {
    case "+":
      return plus(left, right) as Value;
    case "-":
      return minus(left, right) as Value;
    case "*":
      return times(left, right) as Value;
    case "//":
      return floorDivide(left, right) as Value;
    case "%":
      return modulo(left, right) as Value;
    case "**": {
      const power = right instanceof SymInt ? undefined : (right as number);
      if (left instanceof SymInt && (power === 2 || power === 3))
        return (power === 2 ? times(left, left) : times(times(left, left), left)) as Value;
      break;
    }
  }
  const hint = (size: Size) => (size instanceof SymInt ? size.hint : size instanceof Unknown ? Number.NaN : size);
  return integers(py, op, hint(left), hint(right));
}
