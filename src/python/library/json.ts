import { Unknown } from "../../base/unknown.ts";
import { float } from "../builtins/plain.ts";
import { sorted } from "../builtins/sorting.ts";
import { call, callMethod } from "../calls.ts";
import { exception, PyError, raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { namesDict } from "../keys.ts";
import { native } from "../native.ts";
import { intOf, narrow, numberOf, textOf } from "../numbers.ts";
import { floatText, str } from "../text.ts";
import { exceptionTypes, nativeClass, typeOf } from "../types.ts";
import { PyBytes, type PyClass, PyDict, PyList, PyTuple, type Value } from "../values.ts";
import { functions, nativeModule, otherNames } from "./nativeModule.ts";

const decodeError = nativeClass("JSONDecodeError", "exception", exceptionTypes.get("ValueError") as PyClass, "json");

export const json = nativeModule("json", () => ({
  JSONDecodeError: decodeError,
  ...functions(
    native("loads(s, **kwargs)", (py, text) =>
      parseJson(
        py,
        text instanceof PyBytes
          ? text.text
          : (textOf(text) ?? raise("TypeError", "the JSON object must be str, bytes or bytearray")),
      ),
    ),
    native("load(fp, **kwargs)", (py, file) => {
      const text = callMethod(py, file, "read");
      if (text instanceof Unknown) return text;
      return parseJson(py, text instanceof PyBytes ? text.text : (textOf(text) ?? ""));
    }),
    native(
      "dumps(obj, *, skipkeys=False, ensure_ascii=True, check_circular=True, allow_nan=True, cls=None, indent=None, separators=None, default=None, sort_keys=False)",
      (py, value, ...[, , , , , indent, separators, otherwise, sort]) =>
        written(py, value, { indent, separators, otherwise, sort }),
    ),
    native("dump(obj, fp, **kwargs)", () => null, { lenient: true }),
    otherNames("json"),
  ),
}));

/** The value of a JSON text: numbers with a point or an exponent are floats. Raises JSONDecodeError. */
export function parseJson(py: Interpreter, text: string): Value {
  const tokens =
    /\s*("(?:[^"\\]|\\[^])*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|-?Infinity|NaN|true|false|null|[[\]{},:]|$|[^])/y;
  py.budget.allocate(text.length);
  let token = "";
  const next = () => {
    token = tokens.exec(text)?.[1] ?? "";
    return token;
  };
  const fail = (): never => {
    throw new PyError(exception(decodeError, `Expecting value: char ${tokens.lastIndex}`));
  };
  const expect = (wanted: string) => token === wanted || fail();

  function value(depth: number): Value {
    if (depth > 200) fail();
    const now = token;
    if (now === "{") return object(depth);
    if (now === "[") return array(depth);
    if (now.startsWith('"') && now.length > 1) {
      next();
      return textIn(now);
    }
    const constants: Readonly<Record<string, Value>> = {
      true: true,
      false: false,
      null: null,
      NaN: float(Number.NaN),
      Infinity: float(Infinity),
      "-Infinity": float(-Infinity),
    };
    if (now in constants) {
      next();
      return constants[now] as Value;
    }
    if (!/^-?\d/.test(now)) return fail();
    next();
    return /[.eE]/.test(now) ? float(Number(now)) : narrow(BigInt(now));
  }

  function textIn(quoted: string): string {
    try {
      return JSON.parse(quoted.replace(/[\n\t\r]/g, (char) => JSON.stringify(char).slice(1, -1)));
    } catch {
      return fail();
    }
  }

  function object(depth: number): Value {
    const pairs: [string, Value][] = [];
    next();
    while (token !== "}") {
      if (!token.startsWith('"')) fail();
      const name = textIn(token);
      next();
      expect(":");
      next();
      pairs.push([name, value(depth + 1)]);
      if (token !== "}") {
        expect(",");
        next();
      }
    }
    next();
    return namesDict(pairs);
  }

  function array(depth: number): Value {
    const items: Value[] = [];
    next();
    while (token !== "]") {
      items.push(value(depth + 1));
      if (token !== "]") {
        expect(",");
        next();
      }
    }
    next();
    return new PyList(items);
  }

  next();
  const whole = value(0);
  return token === "" ? whole : fail();
}

interface Style {
  readonly indent: Value;
  readonly separators: Value;
  readonly otherwise: Value;
  readonly sort: Value;
}

/** The JSON text of a value; unknown where a part is. */
function written(py: Interpreter, value: Value, { indent, separators, otherwise, sort }: Style): Value {
  const step = indent === null ? undefined : (textOf(indent) ?? " ".repeat(intOf(indent) ?? 0));
  const [comma, colon] =
    separators instanceof PyTuple ? separators.items.map(String) : [step === undefined ? ", " : ",", ": "];
  let unknown: Unknown | undefined;

  function show(one: Value, depth: number): string {
    if (one instanceof Unknown) {
      unknown ??= one;
      return "";
    }
    if (one === null) return "null";
    if (typeof one === "boolean") return String(one);
    const text = textOf(one);
    if (text !== undefined)
      return JSON.stringify(text).replace(
        /[\u007f-\uffff]/g,
        (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
      );
    const number = numberOf(one);
    if (number !== undefined)
      return intOf(one) !== undefined
        ? str(py, typeof one === "bigint" ? one : (intOf(one) as number))
        : floatText(number).replace("inf", "Infinity").replace("nan", "NaN");
    if (one instanceof PyDict) {
      const entries = [...one.entries.values()];
      const keys =
        sort === true
          ? sorted(
              py,
              entries.map(([key]) => key),
              null,
              false,
            )
          : entries.map(([key]) => key);
      const shown = keys.map((key) => {
        const entry = entries.find(([other]) => other === key) as readonly [Value, Value];
        return `${nameOf(key)}${colon}${show(entry[1], depth + 1)}`;
      });
      return wrapped("{", shown, "}", depth);
    }
    if (one instanceof PyList || one instanceof PyTuple)
      return wrapped(
        "[",
        one.items.map((item) => show(item, depth + 1)),
        "]",
        depth,
      );
    if (otherwise !== null && depth < 100) return show(call(py, otherwise, [one]), depth + 1);
    return raise("TypeError", `Object of type ${typeOf(one).name} is not JSON serializable`);
  }

  function nameOf(key: Value): string {
    return JSON.stringify(
      key === null ? "null" : typeof key === "boolean" ? String(key) : (textOf(key) ?? str(py, key)),
    );
  }

  function wrapped(open: string, parts: readonly string[], close: string, depth: number): string {
    if (parts.length === 0) return open + close;
    if (step === undefined) return open + parts.join(comma) + close;
    const line = `\n${step.repeat(depth + 1)}`;
    return `${open}${line}${parts.join(`${comma}${line}`)}\n${step.repeat(depth)}${close}`;
  }

  const text = show(value, 0);
  py.budget.allocate(text.length);
  return unknown ?? text;
}
