/** The methods of `str`. */
import { Unknown } from "../../base/unknown.ts";
import { raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { toArray } from "../iteration.ts";
import { dictGet, makeDict } from "../keys.ts";
import { define, defineStatic } from "../native.ts";
import { format, repr, str } from "../text.ts";
import { types } from "../types.ts";
import { PyBytes, type PyClass, PyDict, PyInstance, PyList, PyTuple, type Value } from "../values.ts";
import { formatTemplate } from "./formatTemplate.ts";
import { firstUnknown, needText, plain, textOf } from "./plain.ts";
import { splitLines, splitText } from "./splitting.ts";

defineStatic(
  types.str,
  "__new__(cls, object='', encoding=None, errors=None)",
  (py: Interpreter, cls: PyClass, object: Value) => {
    if (object instanceof Unknown) return object;
    const text = str(py, object);
    return cls === types.str ? text : new PyInstance(cls, new Map(), text);
  },
  { lenient: true },
);

const whitespace = " \t\n\r\v\f\u00a0\u2028\u2029\u3000";

define(types.str, {
  "__str__(self)": (_py, self) => needText(self),
  "__repr__(self)": (py, self) => repr(py, plain(self)),
  "__hash__(self)": (_py, self) => textHash(needText(self)),
  "__format__(self, spec)": (py, self, spec) => format(py, plain(self), spec),
  "__len__(self)": (_py, self) => needText(self).length,
  "capitalize(self)": (_py, self) => {
    const text = needText(self);
    return text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase();
  },
  "casefold(self)": (_py, self) => needText(self).toLowerCase(),
  "lower(self)": (_py, self) => needText(self).toLowerCase(),
  "upper(self)": (_py, self) => needText(self).toUpperCase(),
  "title(self)": (_py, self) =>
    needText(self).replace(/\p{L}+/gu, (word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase()),
  "swapcase(self)": (_py, self) =>
    [...needText(self)].map((c) => (c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase())).join(""),
  "center(self, width, fill=' ')": (py, self, width, fill) => padded(py, needText(self), width, fill, "center"),
  "ljust(self, width, fill=' ')": (py, self, width, fill) => padded(py, needText(self), width, fill, "left"),
  "rjust(self, width, fill=' ')": (py, self, width, fill) => padded(py, needText(self), width, fill, "right"),
  "zfill(self, width)": (py, self, width) => {
    const [, sign = "", digits = ""] = /^([+-]?)([^]*)$/.exec(needText(self)) ?? [];
    return sign + padded(py, digits, width - sign.length, "0", "right");
  },
  "strip(self, chars=None)": (_py, self, chars) => stripped(needText(self), chars, true, true),
  "lstrip(self, chars=None)": (_py, self, chars) => stripped(needText(self), chars, true, false),
  "rstrip(self, chars=None)": (_py, self, chars) => stripped(needText(self), chars, false, true),
  "removeprefix(self, prefix)": (_py, self, prefix) => {
    const text = needText(self);
    return text.startsWith(needText(prefix)) ? text.slice(needText(prefix).length) : text;
  },
  "removesuffix(self, suffix)": (_py, self, suffix) => {
    const text = needText(self);
    const end = needText(suffix);
    return end !== "" && text.endsWith(end) ? text.slice(0, -end.length) : text;
  },
  "replace(self, old, new, count=-1)": (py, self, old, replacement, count) =>
    replaced(py, needText(self), needText(old), needText(replacement), count),
  "split(self, sep=None, maxsplit=-1)": (_py, self, sep, maxsplit) =>
    new PyList(splitText(needText(self), sep === null ? null : needText(sep), maxsplit, false)),
  "rsplit(self, sep=None, maxsplit=-1)": (_py, self, sep, maxsplit) =>
    new PyList(splitText(needText(self), sep === null ? null : needText(sep), maxsplit, true)),
  "splitlines(self, keepends=False)": (_py, self, keepends) => new PyList(splitLines(needText(self), keepends)),
  "partition(self, sep)": (_py, self, sep) => {
    const text = needText(self);
    const at = text.indexOf(needText(sep));
    return new PyTuple(at < 0 ? [text, "", ""] : [text.slice(0, at), sep, text.slice(at + needText(sep).length)]);
  },
  "rpartition(self, sep)": (_py, self, sep) => {
    const text = needText(self);
    const at = text.lastIndexOf(needText(sep));
    return new PyTuple(at < 0 ? ["", "", text] : [text.slice(0, at), sep, text.slice(at + needText(sep).length)]);
  },
  "join(self, iterable)": (py, self, iterable) => {
    const parts = toArray(py, iterable);
    const unknown = firstUnknown(parts);
    if (unknown) return unknown;
    const texts = parts.map((part, i) => {
      const text = textOf(part);
      if (text === undefined) raise("TypeError", `sequence item ${i}: expected str instance`);
      return text;
    });
    const joined = texts.join(needText(self));
    py.budget.allocate(joined.length);
    return joined;
  },
  "find(self, sub, start=0, end=None)": (_py, self, sub, start, end) => find(self, sub, start, end, false),
  "rfind(self, sub, start=0, end=None)": (_py, self, sub, start, end) => find(self, sub, start, end, true),
  "index(self, sub, start=0, end=None)": (_py, self, sub, start, end) => found(find(self, sub, start, end, false)),
  "rindex(self, sub, start=0, end=None)": (_py, self, sub, start, end) => found(find(self, sub, start, end, true)),
  "count(self, sub, start=0, end=None)": (_py, self, sub, start, end) => {
    const text = part(needText(self), start, end);
    return needText(sub) === "" ? text.length + 1 : text.split(needText(sub)).length - 1;
  },
  "startswith(self, prefix, start=0, end=None)": (_py, self, prefix, start, end) =>
    choices(prefix).some((one) => part(needText(self), start, end).startsWith(one)),
  "endswith(self, suffix, start=0, end=None)": (_py, self, suffix, start, end) =>
    choices(suffix).some((one) => part(needText(self), start, end).endsWith(one)),
  "encode(self, encoding='utf-8', errors='strict')": (_py, self) => new PyBytes(utf8(needText(self))),
  "expandtabs(self, tabsize=8)": (_py, self, tabsize) => needText(self).replaceAll("\t", " ".repeat(tabsize)),
  "isalnum(self)": (_py, self) => /^[\p{L}\p{N}]+$/u.test(needText(self)),
  "isalpha(self)": (_py, self) => /^\p{L}+$/u.test(needText(self)),
  "isascii(self)": (_py, self) => [...needText(self)].every((c) => c < "\x80"),
  "isdecimal(self)": (_py, self) => /^\p{Nd}+$/u.test(needText(self)),
  "isdigit(self)": (_py, self) => /^\p{Nd}+$/u.test(needText(self)),
  "isnumeric(self)": (_py, self) => /^\p{N}+$/u.test(needText(self)),
  "isidentifier(self)": (_py, self) => /^[\p{L}_][\p{L}\p{N}_]*$/u.test(needText(self)),
  "islower(self)": (_py, self) => /\p{Ll}/u.test(needText(self)) && !/\p{Lu}/u.test(needText(self)),
  "isupper(self)": (_py, self) => /\p{Lu}/u.test(needText(self)) && !/\p{Ll}/u.test(needText(self)),
  "istitle(self)": (_py, self) => /^[^\p{L}]*(\p{Lu}\p{Ll}*[^\p{L}]*)+$/u.test(needText(self)),
  "isspace(self)": (_py, self) => /^\s+$/.test(needText(self)),
  "isprintable(self)": (_py, self) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(needText(self)),
  "translate(self, table)": (py, self, table) =>
    [...needText(self)]
      .map((c) => {
        const to = table instanceof PyDict ? dictGet(py, table, c.codePointAt(0) as number) : undefined;
        if (to === undefined) return c;
        return to === null ? "" : typeof to === "number" ? String.fromCodePoint(to) : needText(to);
      })
      .join(""),
  "__getnewargs__(self)": (_py, self) => new PyTuple([needText(self)]),
});

define(
  types.str,
  {
    "format(self, *args, **kwargs)": (py, self, args, kwargs) => formatTemplate(py, needText(self), args.items, kwargs),
    "format_map(self, mapping)": (py, self, mapping) =>
      mapping instanceof Unknown ? mapping : formatTemplate(py, needText(self), [], mapping),
  },
  { lenient: true },
);

defineStatic(types.str, "maketrans(x, y=None, z=None)", (py, x, y, z) => {
  if (x instanceof PyDict) {
    return makeDict(
      py,
      [...x.entries.values()].map(([key, to]) => [typeof key === "string" ? (key.codePointAt(0) as number) : key, to]),
    );
  }
  const to = [...needText(y)];
  const pairs: [Value, Value][] = [...needText(x)].map((c, i) => [c.codePointAt(0) as number, to[i] ?? null]);
  for (const c of z === null ? "" : needText(z)) pairs.push([c.codePointAt(0) as number, null]);
  return makeDict(py, pairs);
});

/** The bytes of a text in UTF-8, one character a byte. */
export function utf8(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

/** A number that depends on the text only. */
export function textHash(text: string): number {
  let hash = 5381;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 33) ^ text.charCodeAt(i)) | 0;
  return hash;
}

function padded(py: Interpreter, text: string, width: number, fill: Value, side: "left" | "right" | "center"): string {
  const missing = Math.max(0, Number(width) - text.length);
  py.budget.allocate(missing);
  // CPython gives the odd space to the left when the width is odd.
  const before = side === "left" ? 0 : side === "right" ? missing : (missing >> 1) + (missing & Number(width) & 1);
  return needText(fill).repeat(before) + text + needText(fill).repeat(missing - before);
}

function stripped(text: string, chars: Value, left: boolean, right: boolean): string {
  const set = chars === null ? whitespace : needText(chars);
  let start = 0;
  let end = text.length;
  if (left) while (start < end && set.includes(text.charAt(start))) start++;
  if (right) while (end > start && set.includes(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

function replaced(py: Interpreter, text: string, old: string, by: string, count: number): string {
  const parts = text.split(old);
  const rest = old === "" ? ["", ...parts, ""] : parts;
  const times = count < 0 ? rest.length - 1 : Math.min(count, rest.length - 1);
  py.budget.allocate(text.length + times * by.length);
  return (
    rest
      .slice(0, times)
      .map((one) => one + by)
      .join("") + rest.slice(times).join(old)
  );
}

function part(text: string, start: Value, end: Value): string {
  return text.slice(typeof start === "number" ? start : 0, typeof end === "number" ? end : undefined);
}

function find(self: Value, sub: Value, start: Value, end: Value, last: boolean): number {
  const text = needText(self);
  const from = typeof start !== "number" ? 0 : start < 0 ? Math.max(0, text.length + start) : start;
  const inside = part(text, from, end);
  const at = last ? inside.lastIndexOf(needText(sub)) : inside.indexOf(needText(sub));
  return at < 0 || from > text.length ? -1 : at + from;
}

function found(at: number): number {
  if (at < 0) raise("ValueError", "substring not found");
  return at;
}

function choices(value: Value): string[] {
  return value instanceof PyTuple ? value.items.map(needText) : [needText(value)];
}
