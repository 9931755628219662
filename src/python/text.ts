/** `str`, `repr` and formatting. */
import { Unknown } from "../base/unknown.ts";
import { Complex, Float } from "../tensor/scalar.ts";
import { SymInt } from "../tensor/size.ts";
import { call, specialMethod } from "./calls.ts";
import { raise } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import { identityOf } from "./keys.ts";
import { formatNumber } from "./numberFormat.ts";
import { numberOf, plain, textOf } from "./numbers.ts";
import { getItem } from "./subscripts.ts";
import { ellipsis, notImplemented, typeOf, types } from "./types.ts";
import {
  BoundMethod,
  NativeFunction,
  PyBytes,
  PyClass,
  PyDict,
  PyFunction,
  PyInstance,
  PyList,
  PyModule,
  PyRange,
  PySet,
  PySlice,
  PyTuple,
  type Value,
} from "./values.ts";

/** What an unknown shows as inside text. */
const unknownText = "<unknown>";

export function str(py: Interpreter, value: Value): string {
  if (typeof value === "string") return value;
  if (value instanceof PyInstance) {
    const method = value.cls.lookup("__str__");
    if (method !== undefined && method !== types.object.dict.get("__str__"))
      return textResult(py, call(py, method, [value]));
    if (value.cls.layout === "str" && !(value.cls.lookup("__repr__") instanceof PyFunction))
      return value.payload as string;
    if (value.cls.layout === "exception") return exceptionText(py, value);
  }
  return repr(py, value);
}

export function repr(py: Interpreter, value: Value): string {
  const text = shown(py, value, 0);
  py.budget.allocate(text.length);
  return text;
}

function shown(py: Interpreter, value: Value, depth: number): string {
  if (depth > 20) return "...";
  switch (typeof value) {
    case "number":
    case "bigint":
      return String(value);
    case "boolean":
      return value ? "True" : "False";
    case "string":
      return quote(value);
  }
  if (value === null) return "None";
  if (value instanceof Unknown) return unknownText;
  if (value instanceof SymInt) return String(value.hint);
  if (value instanceof Float) return floatText(value.value);
  if (value instanceof Complex)
    return `(${floatText(value.re).replace(/\.0$/, "")}${value.im < 0 ? "-" : "+"}${floatText(Math.abs(value.im)).replace(/\.0$/, "")}j)`;
  const method = value.cls.lookup("__repr__");
  if (
    method !== undefined &&
    method !== types.object.dict.get("__repr__") &&
    (method instanceof PyFunction || value.cls.module !== "builtins")
  ) {
    return textResult(py, call(py, method, [value]));
  }
  const all = (items: Iterable<Value>) => [...items].map((item) => shown(py, item, depth + 1)).join(", ");
  if (value instanceof PyList) return `[${all(value.items)}]`;
  if (value instanceof PyTuple) return value.items.length === 1 ? `(${all(value.items)},)` : `(${all(value.items)})`;
  if (value instanceof PyDict)
    return `{${[...value.entries.values()].map(([k, v]) => `${shown(py, k, depth + 1)}: ${shown(py, v, depth + 1)}`).join(", ")}}`;
  if (value instanceof PySet) {
    const body = value.entries.size ? `{${all(value.entries.values())}}` : "";
    return value.cls.isSubclassOf(types.frozenset) ? `frozenset(${body})` : body || "set()";
  }
  if (value instanceof PyBytes)
    return `b${quote(value.text).replace(/[\x80-\xff]/g, (char) => `\\x${char.charCodeAt(0).toString(16)}`)}`;
  if (value instanceof PyRange)
    return `range(${all([value.start, value.stop, ...(value.step === 1 ? [] : [value.step])])})`;
  if (value instanceof PySlice) return `slice(${all([value.start, value.stop, value.step])})`;
  if (value instanceof PyClass)
    return `<class '${value.module === "builtins" ? value.qualname : `${value.module}.${value.qualname}`}'>`;
  if (value instanceof PyFunction) return `<function ${value.qualname}>`;
  if (value instanceof NativeFunction) return `<built-in function ${value.name}>`;
  if (value instanceof BoundMethod)
    return `<bound method ${value.func instanceof PyFunction ? value.func.qualname : typeOf(value.self).name}>`;
  if (value instanceof PyModule) return `<module '${value.name}'>`;
  if (value === ellipsis) return "Ellipsis";
  if (value === notImplemented) return "NotImplemented";
  if (value instanceof PyInstance) {
    const { layout } = value.cls;
    if (layout === "exception")
      return `${value.cls.name}(${all((value.payload as readonly Value[] | undefined) ?? [])})`;
    if (layout === "str" || layout === "int" || layout === "float") return shown(py, value.payload as Value, depth);
  }
  return `<${value.cls.module === "builtins" ? "" : `${value.cls.module}.`}${value.cls.name} object at 0x${identityOf(py, value).toString(16)}>`;
}

function textResult(_py: Interpreter, value: Value): string {
  return value instanceof Unknown
    ? unknownText
    : (textOf(value) ?? raise("TypeError", `__str__ returned non-string (type ${typeOf(value).name})`));
}

function exceptionText(py: Interpreter, value: PyInstance): string {
  const args = (value.payload as readonly Value[] | undefined) ?? [];
  if (args.length === 0) return "";
  return args.length === 1
    ? value.cls.name === "KeyError"
      ? repr(py, args[0] as Value)
      : str(py, args[0] as Value)
    : repr(py, new PyTuple(args));
}

/** `0.1`, `1e-05`, `inf`: the shortest text that reads back, as Python prints it. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits = "", exponent = ""] = value.toExponential().split("e");
    const sign = exponent[0] === "-" ? "-" : "+";
    return `${digits}e${sign}${exponent.slice(1).padStart(2, "0")}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escapes: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", [mark]: `\\${mark}` };
  return (
    mark +
    text.replace(
      /[\n\r\t\\'"\u0000-\u001f\u007f]/g,
      (char) =>
        escapes[char] ??
        (char === "'" || char === '"' ? char : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`),
    ) +
    mark
  );
}

/** `format(value, spec)` as f-strings use it. Raises ValueError for a spec that does not fit. */
export function format(py: Interpreter, value: Value, spec: string): string {
  if (value instanceof Unknown) return unknownText;
  if (
    value instanceof PyInstance ||
    (typeof value === "object" && value !== null && "cls" in value && value.cls.module !== "builtins")
  ) {
    const method = specialMethod(py, value, "__format__");
    if (method !== undefined) return textResult(py, call(py, method, [spec]));
  }
  if (spec === "") return str(py, value);
  const bare = plain(value);
  const number = typeof bare === "boolean" && !/[bcdeEfFgGnoxX%]$/.test(spec) ? undefined : numberOf(bare);
  if (number !== undefined) return formatNumber(spec, number, bare instanceof Float, () => str(py, bare));
  return formatText(spec, str(py, value));
}

function formatText(spec: string, text: string): string {
  const match = /^(?:(.)?([<>^=]))?0?(\d+)?(?:\.(\d+))?s?$/su.exec(spec);
  if (!match) return raise("ValueError", `Invalid format specifier '${spec}'`);
  const [, fill = " ", align = "<", width = "0", precision] = match;
  return pad(precision === undefined ? text : text.slice(0, Number(precision)), Number(width), align, fill);
}

/** Text in a field of a width. */
export function pad(text: string, width: number, align: string, fill: string): string {
  const room = Math.max(0, width - text.length);
  if (align === "<") return text + fill.repeat(room);
  if (align === "^") return fill.repeat(room >> 1) + text + fill.repeat(room - (room >> 1));
  return fill.repeat(room) + text;
}

/** `template % args`. Raises TypeError where there are too few. */
export function percentFormat(py: Interpreter, template: string, args: Value): string {
  const values = args instanceof PyTuple ? [...args.items] : [args];
  let next = 0;
  return template.replace(
    /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d+)?(?:\.(\d+))?([a-zA-Z%])/g,
    (
      _,
      key: string | undefined,
      flags: string,
      width: string | undefined,
      precision: string | undefined,
      kind: string,
    ) => {
      if (kind === "%") return "%";
      const value =
        key !== undefined
          ? getItem(py, args, key)
          : next < values.length
            ? (values[next++] as Value)
            : raise("TypeError", "not enough arguments for format string");
      if (value instanceof Unknown) return unknownText;
      const align = flags.includes("-") ? "<" : "";
      const field = `${flags.includes("+") ? "+" : ""}${flags.includes("0") && !align ? "0" : ""}${width ?? ""}`;
      if (kind === "s" || kind === "r" || kind === "a") {
        const text = kind === "s" ? str(py, value) : repr(py, value);
        return pad(
          precision === undefined ? text : text.slice(0, Number(precision)),
          Number(width ?? 0),
          align || ">",
          " ",
        );
      }
      const number =
        numberOf(value) ?? raise("TypeError", `%${kind} format: a real number is required, not ${typeOf(value).name}`);
      const spec =
        kind === "d" || kind === "i" || kind === "u"
          ? `${align}${field}d`
          : `${align}${field}${precision === undefined ? (/[eEfFgG]/.test(kind) ? ".6" : "") : `.${precision}`}${kind}`;
      return formatNumber(spec, /[diuxXo]/.test(kind) ? Math.trunc(number) : number, /[eEfFgG]/.test(kind), () =>
        str(py, value),
      );
    },
  );
}
