import { Unknown } from "../../base/unknown.ts";
import type { Machine } from "../language/machine.ts";
import { toNumber, toText } from "../language/operators.ts";
import { type Native, numberIn, type Value } from "../language/values.ts";
import { methods, nativeClass } from "./globals.ts";

/** `String`, and the methods of texts. Patterns are not followed. */
export function installText(machine: Machine): void {
  const { string } = machine.prototypes;
  const make: Native = (_, args) => (args.length === 0 ? "" : toText(args[0]));
  const cls = nativeClass(machine, "String", string, make, (args) => make(undefined, args, undefined));
  methods(machine, cls, {
    fromCharCode: (_, codes) => String.fromCharCode(...codes.map((code) => numberIn(code) ?? 0)),
    raw: (_, [text]) => text,
  });
  /** A method whose arguments are texts and numbers: the engine's own. */
  const plain =
    (use: (text: string, args: readonly (string | number | undefined)[]) => Value): Native =>
    (self, args) => {
      const text = toText(self);
      if (text instanceof Unknown) return text;
      const known: (string | number | undefined)[] = [];
      for (const arg of args) {
        if (arg instanceof Unknown) return arg;
        known.push(typeof arg === "string" ? arg : numberIn(arg));
      }
      const result = use(text, known);
      if (typeof result === "string") machine.budget.allocate(result.length);
      return result;
    };
  const number = (arg: string | number | undefined, none: number) => (typeof arg === "number" ? arg : none);
  methods(machine, string, {
    toString: plain((text) => text),
    toUpperCase: plain((text) => text.toUpperCase()),
    toLowerCase: plain((text) => text.toLowerCase()),
    trim: plain((text) => text.trim()),
    charAt: plain((text, [at]) => text.charAt(number(at, 0))),
    charCodeAt: plain((text, [at]) => text.charCodeAt(number(at, 0))),
    at: plain((text, [at]) => text.at(number(at, 0))),
    indexOf: plain((text, [part]) => text.indexOf(String(part))),
    lastIndexOf: plain((text, [part]) => text.lastIndexOf(String(part))),
    includes: plain((text, [part]) => text.includes(String(part))),
    startsWith: plain((text, [part]) => text.startsWith(String(part))),
    endsWith: plain((text, [part]) => text.endsWith(String(part))),
    slice: plain((text, [from, to]) => text.slice(number(from, 0), number(to, text.length))),
    substring: plain((text, [from, to]) => text.substring(number(from, 0), number(to, text.length))),
    split: plain((text, [mark]) => machine.array(mark === undefined ? [text] : text.split(String(mark)))),
    concat: plain((text, parts) => text + parts.join("")),
    repeat: plain((text, [count]) => {
      machine.budget.allocate(text.length * Math.max(0, number(count, 0)));
      return text.repeat(Math.max(0, number(count, 0)));
    }),
    padStart: plain((text, [length, mark]) => text.padStart(Math.min(1e6, number(length, 0)), String(mark ?? " "))),
    padEnd: plain((text, [length, mark]) => text.padEnd(Math.min(1e6, number(length, 0)), String(mark ?? " "))),
    replace: plain((text, [from, to]) => (typeof from === "string" ? text.replace(from, () => String(to)) : from)),
    replaceAll: plain((text, [from, to]) =>
      typeof from === "string" ? text.replaceAll(from, () => String(to)) : from,
    ),
  });
  const numbers = machine.prototypes.number;
  const toNumeric: Native = (_, args) => (args.length === 0 ? 0 : toNumber(args[0]));
  const numeric = nativeClass(machine, "Number", numbers, toNumeric, (args) => toNumeric(undefined, args, undefined));
  const asked =
    (test: (value: number) => boolean): Native =>
    (_, [value]) => {
      if (value instanceof Unknown) return value;
      const known = numberIn(value);
      return known !== undefined && test(known);
    };
  const read =
    (parse: (text: string, base: number | undefined) => number): Native =>
    (_, [text, base]) => {
      if (typeof text !== "string")
        return text instanceof Unknown ? text : text && numberIn(text) !== undefined ? text : Number.NaN;
      return parse(text, numberIn(base));
    };
  const parseInteger = read((text, base) => Number.parseInt(text, base));
  const parseFloating = read((text) => Number.parseFloat(text));
  methods(machine, numeric, {
    isInteger: asked(Number.isInteger),
    isFinite: asked(Number.isFinite),
    isNaN: asked(Number.isNaN),
    isSafeInteger: asked(Number.isSafeInteger),
    parseInt: parseInteger,
    parseFloat: parseFloating,
  });
  numeric.props.set("MAX_SAFE_INTEGER", Number.MAX_SAFE_INTEGER).set("EPSILON", Number.EPSILON);
  numeric.props.set("MAX_VALUE", Number.MAX_VALUE).set("POSITIVE_INFINITY", Number.POSITIVE_INFINITY);
  methods(machine, numbers, {
    toString: (self: Value, [base]: readonly Value[]) => {
      const known = numberIn(self);
      return known === undefined ? toText(self) : known.toString(numberIn(base) ?? 10);
    },
    toFixed: (self, [digits]) => numberIn(self)?.toFixed(Math.min(100, Math.max(0, numberIn(digits) ?? 0))),
    valueOf: (self: Value) => self,
  });
  methods(machine, machine.prototypes.boolean, {
    toString: (self: Value) => toText(self),
    valueOf: (self: Value) => self,
  });
  for (const [name, run] of Object.entries({ parseInt: parseInteger, parseFloat: parseFloating }))
    machine.globals.set(name, machine.native(name, run));
  for (const [name, run] of Object.entries({ isNaN: asked(Number.isNaN), isFinite: asked(Number.isFinite) }))
    machine.globals.set(name, machine.native(name, run));
}
