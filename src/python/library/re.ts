import { needText } from "../builtins/plain.ts";
import { call } from "../calls.ts";
import { raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { namesDict } from "../keys.ts";
import { define, defineProperty, native } from "../native.ts";
import { asIndex, intOf } from "../numbers.ts";
import { repr } from "../text.ts";
import { exceptionTypes, nativeClass, types } from "../types.ts";
import { type PyClass, PyInstance, PyIterator, PyList, PyTuple, type Value } from "../values.ts";
import { functions, nativeModule } from "./nativeModule.ts";
import { expandReplacement, translatePattern } from "./regex.ts";

const flagNames = {
  A: 256,
  ASCII: 256,
  I: 2,
  IGNORECASE: 2,
  L: 4,
  M: 8,
  MULTILINE: 8,
  S: 16,
  DOTALL: 16,
  U: 32,
  UNICODE: 32,
  X: 64,
  VERBOSE: 64,
  DEBUG: 128,
  NOFLAG: 0,
};

const patternClass = nativeClass("Pattern", "object", types.object, "re");
const matchClass = nativeClass("Match", "object", types.object, "re");
const errorClass = nativeClass("error", "exception", exceptionTypes.get("Exception") as PyClass, "re");

interface Compiled {
  readonly source: string;
  readonly flags: number;
  readonly regex: RegExp;
}

const cache = new Map<string, PyInstance>();

function compiled(pattern: Value, flags: Value): PyInstance {
  if (pattern instanceof PyInstance && pattern.cls === patternClass) return pattern;
  const source = needText(pattern);
  const bits = intOf(flags) ?? 0;
  const known = cache.get(`${bits}:${source}`);
  if (known) return known;
  const { text, flags: letters } = translatePattern(source, bits);
  let regex: RegExp;
  try {
    regex = new RegExp(text, `g${letters}d`);
  } catch (error) {
    return raise("ValueError", `the pattern is not understood: ${String(error)}`);
  }
  const made = new PyInstance(patternClass, new Map(), { source, flags: bits, regex } satisfies Compiled);
  cache.set(`${bits}:${source}`, made);
  return made;
}

const of = (self: PyInstance) => self.payload as Compiled;
const found = (self: PyInstance) => self.payload as RegExpExecArray;

function matched(pattern: PyInstance, text: string, start = 0): PyInstance | null {
  const { regex } = of(pattern);
  regex.lastIndex = start;
  const result = regex.exec(text);
  return result && new PyInstance(matchClass, new Map([["re", pattern as Value]]), result);
}

/** Matches at the start only; `whole` also to the end. */
function anchored(pattern: PyInstance, text: string, whole: boolean): PyInstance | null {
  const { regex } = of(pattern);
  const sticky = new RegExp(whole ? `(?:${regex.source})(?![^])` : regex.source, regex.flags.replace("g", "y"));
  const result = sticky.exec(text);
  return result && new PyInstance(matchClass, new Map([["re", pattern as Value]]), result);
}

function* each(pattern: PyInstance, text: string): Generator<PyInstance> {
  for (let at = 0; at <= text.length; ) {
    const match = matched(pattern, text, at);
    if (!match) return;
    yield match;
    const { index, 0: whole } = found(match);
    at = whole === "" ? index + 1 : index + whole.length;
  }
}

function substituted(
  py: Interpreter,
  pattern: PyInstance,
  by: Value,
  text: string,
  most: number,
): { text: string; count: number } {
  let out = "";
  let at = 0;
  let count = 0;
  for (const match of each(pattern, text)) {
    if (most > 0 && count === most) break;
    const { index, 0: whole } = found(match);
    const replacement = typeof by === "string" ? expandReplacement(by, found(match)) : needText(call(py, by, [match]));
    out += text.slice(at, index) + replacement;
    at = index + whole.length;
    count++;
  }
  py.budget.allocate(out.length);
  return { text: out + text.slice(at), count };
}

function splitBy(pattern: PyInstance, text: string, most: number): PyList {
  const parts: Value[] = [];
  let at = 0;
  for (const match of each(pattern, text)) {
    if (most > 0 && parts.length >= most) break;
    const result = found(match);
    parts.push(text.slice(at, result.index), ...result.slice(1).map((one) => one ?? null));
    at = result.index + result[0].length;
  }
  return new PyList([...parts, text.slice(at)]);
}

function all(pattern: PyInstance, text: string): PyList {
  return new PyList(
    [...each(pattern, text)].map((match) => {
      const [whole, ...groups] = found(match);
      if (groups.length === 0) return whole;
      return groups.length === 1 ? (groups[0] ?? "") : new PyTuple(groups.map((one) => one ?? ""));
    }),
  );
}

type Work = (py: Interpreter, pattern: PyInstance, ...args: Value[]) => Value;
const iterated = (pattern: PyInstance, text: string) => {
  const matches = each(pattern, text);
  return new PyIterator(() => matches.next().value ?? undefined);
};

/** What patterns do, as methods and as functions that take the pattern first: `[name, parameters, work]`. */
const works: readonly (readonly [string, string, Work])[] = [
  ["match", "string", (_py, pattern, text) => anchored(pattern, needText(text as Value), false)],
  ["fullmatch", "string", (_py, pattern, text) => anchored(pattern, needText(text as Value), true)],
  ["search", "string", (_py, pattern, text) => matched(pattern, needText(text as Value))],
  ["findall", "string", (_py, pattern, text) => all(pattern, needText(text as Value))],
  ["finditer", "string", (_py, pattern, text) => iterated(pattern, needText(text as Value))],
  [
    "split",
    "string, maxsplit=0",
    (py, pattern, text, most) => splitBy(pattern, needText(text as Value), asIndex(py, most as Value)),
  ],
  [
    "sub",
    "repl, string, count=0",
    (py, pattern, by, text, most) =>
      substituted(py, pattern, by as Value, needText(text as Value), asIndex(py, most as Value)).text,
  ],
  [
    "subn",
    "repl, string, count=0",
    (py, pattern, by, text, most) => {
      const result = substituted(py, pattern, by as Value, needText(text as Value), asIndex(py, most as Value));
      return new PyTuple([result.text, result.count]);
    },
  ],
];

for (const [name, parameters, work] of works) {
  define(patternClass, {
    [`${name}(self, ${parameters})`]: (py: Interpreter, self: PyInstance, ...args: Value[]) => work(py, self, ...args),
  });
}
define(patternClass, { "__repr__(self)": (py, self: PyInstance) => `re.compile(${repr(py, of(self).source)})` });
defineProperty(patternClass, "pattern", (_py, self: PyInstance) => of(self).source);
defineProperty(patternClass, "flags", (_py, self: PyInstance) => of(self).flags);
defineProperty(
  patternClass,
  "groups",
  (_py, self: PyInstance) => (new RegExp(`${of(self).regex.source}|`).exec("")?.length ?? 1) - 1,
);

function group(self: PyInstance, which: Value): Value {
  const match = found(self);
  if (typeof which === "string") {
    if (!match.groups || !(which in match.groups)) raise("IndexError", "no such group");
    return match.groups[which] ?? null;
  }
  const index = intOf(which) ?? 0;
  if (index < 0 || index >= match.length) raise("IndexError", "no such group");
  return match[index] ?? null;
}

function bounds(self: PyInstance, which: Value): readonly [number, number] {
  const match = found(self);
  const { indices } = match;
  const pair = typeof which === "string" ? indices?.groups?.[which] : indices?.[intOf(which) ?? 0];
  return pair ?? [-1, -1];
}

define(matchClass, {
  "group(self, *which)": (_py, self: PyInstance, { items }: PyTuple) => {
    if (items.length <= 1) return group(self, items[0] ?? 0);
    return new PyTuple(items.map((one) => group(self, one)));
  },
  "groups(self, default=None)": (_py, self: PyInstance, otherwise: Value) =>
    new PyTuple(
      found(self)
        .slice(1)
        .map((one) => one ?? otherwise),
    ),
  "groupdict(self, default=None)": (_py, self: PyInstance, otherwise: Value) =>
    namesDict(Object.entries(found(self).groups ?? {}).map(([name, one]) => [name, one ?? otherwise] as const)),
  "start(self, group=0)": (_py, self: PyInstance, which) => bounds(self, which)[0],
  "end(self, group=0)": (_py, self: PyInstance, which) => bounds(self, which)[1],
  "span(self, group=0)": (_py, self: PyInstance, which) => new PyTuple([...bounds(self, which)]),
  "expand(self, template)": (_py, self: PyInstance, template) => expandReplacement(needText(template), found(self)),
  "__getitem__(self, which)": (_py, self: PyInstance, which) => group(self, which),
});
defineProperty(matchClass, "string", (_py, self: PyInstance) => found(self).input);
defineProperty(matchClass, "lastindex", (_py, self: PyInstance) => {
  const match = found(self);
  for (let i = match.length - 1; i > 0; i--) if (match[i] !== undefined) return i;
  return null;
});

export const re = nativeModule("re", () => ({
  ...flagNames,
  Pattern: patternClass,
  Match: matchClass,
  error: errorClass,
  RegexFlag: types.int,
  ...functions(
    native("compile(pattern, flags=0)", (_py, pattern, flags) => compiled(pattern, flags)),
    native("escape(pattern)", (_py, text) => needText(text).replace(/[-.*+?^${}()|[\]\\\s#&~]/g, "\\$&")),
    native("purge()", () => null),
    ...works.map(([name, parameters, work]) =>
      native(`${name}(pattern, ${parameters}, flags=0)`, (py, pattern, ...rest) =>
        work(py, compiled(pattern, rest.at(-1) as Value), ...rest.slice(0, -1)),
      ),
    ),
  ),
}));
