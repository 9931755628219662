/** Literals read from a text. */
import type { BinaryOperator } from "../../syntax/ast.ts";
import type { Interpreter } from "../interpreter.ts";
import { makeDict, makeSet } from "../keys.ts";
import { binary, unary } from "../operators.ts";
import { PyList, PyTuple, type Value } from "../values.ts";
import { floatOf, integerOf } from "./numberText.ts";
import { float } from "./plain.ts";

/** Thrown inside where the text goes beyond what is understood. */
const beyond = Symbol("beyond");

/** The value of a literal, which may be a sum or product of others; `undefined` where the text is none. */
export function literalIn(py: Interpreter, text: string): Value | undefined {
  const tokens = text.match(tokenPattern);
  if (!tokens || tokens.join("").length !== text.replace(/\s+/g, "").length + spacesInside(tokens)) return undefined;
  let at = 0;
  const peek = () => tokens[at];
  const take = (wanted?: string) => {
    const token = tokens[at++];
    if (token === undefined || (wanted !== undefined && token !== wanted)) throw beyond;
    return token;
  };

  function sum(): Value {
    let value = product();
    while (peek() === "+" || peek() === "-") value = binary(py, take() as BinaryOperator, value, product());
    return value;
  }

  function product(): Value {
    let value = signed();
    while (["*", "/", "//", "%"].includes(peek() ?? "")) value = binary(py, take() as BinaryOperator, value, signed());
    return value;
  }

  function signed(): Value {
    if (peek() === "-" || peek() === "+") return unary(py, take() as "-" | "+", signed());
    const base = atom();
    return peek() === "**" && take() ? binary(py, "**", base, signed()) : base;
  }

  function list(close: string): { values: Value[]; comma: boolean } {
    const values: Value[] = [];
    let comma = false;
    while (peek() !== close) {
      values.push(sum());
      if (peek() === close) break;
      take(",");
      comma = true;
    }
    take(close);
    return { values, comma };
  }

  function atom(): Value {
    const token = take();
    if (token === "(") {
      const { values, comma } = list(")");
      return values.length === 1 && !comma ? (values[0] as Value) : new PyTuple(values);
    }
    if (token === "[") return new PyList(list("]").values);
    if (token === "{") return braces();
    if (/^['"]/.test(token)) return unquoted(token) + (/^['"]/.test(peek() ?? "") ? String(atom()) : "");
    if (/^[\d.]/.test(token)) {
      const number = integerOf(token, 0) ?? integerOf(token, 10);
      const real = number ?? floatOf(token);
      if (real === undefined) throw beyond;
      return number ?? float(Number(real));
    }
    if (token in constants) return constants[token] as Value;
    throw beyond;
  }

  function braces(): Value {
    const pairs: [Value, Value][] = [];
    const values: Value[] = [];
    while (peek() !== "}") {
      const key = sum();
      if (peek() === ":") {
        take();
        pairs.push([key, sum()]);
      } else values.push(key);
      if (peek() !== "}") take(",");
    }
    take("}");
    return values.length > 0 ? makeSet(py, values) : makeDict(py, pairs);
  }

  try {
    let value = sum();
    if (peek() === ",") {
      const values = [value];
      while (peek() === ",") {
        take();
        if (peek() !== undefined) values.push(sum());
      }
      value = new PyTuple(values);
    }
    return at === tokens.length ? value : undefined;
  } catch (error) {
    if (error === beyond) return undefined;
    throw error;
  }
}

const constants: Readonly<Record<string, Value>> = { None: null, True: true, False: false };

const tokenPattern =
  /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|[A-Za-z_]\w*|(?:0[xXoObB][\da-fA-F_]+|\d[\d_]*\.?[\d_]*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|\*\*|\/\/|[-+*/%()[\]{},.:=]/g;

/** How many characters of white space stand inside the tokens (in texts). */
function spacesInside(tokens: readonly string[]): number {
  return tokens.join("").replace(/\S+/g, "").length;
}

function unquoted(token: string): string {
  const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "0": "\0" };
  return token.slice(1, -1).replace(/\\(.)/g, (_, char: string) => escapes[char] ?? char);
}
