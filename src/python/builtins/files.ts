/** Files as Python code reads them: texts that the host has at hand; what is written goes nowhere. */
import { Unknown } from "../../base/unknown.ts";
import { raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { define, defineProperty } from "../native.ts";
import { str } from "../text.ts";
import { nativeClass, types } from "../types.ts";
import { PyBytes, type PyClass, PyInstance, PyIterator, PyList, type Value } from "../values.ts";
import { needText } from "./plain.ts";
import { splitLines } from "./splitting.ts";
import { utf8 } from "./str.ts";

/** What a file object holds: its text and how far it was read. */
interface Opened {
  text: string;
  at: number;
  readonly binary: boolean;
}

export const fileClass: PyClass = nativeClass("TextIOWrapper", "object", types.object, "_io");

/** What `open` gives: the text where the host has one, unknown otherwise; a file to write to that keeps what it is given. */
export function openFile(py: Interpreter, file: Value, mode: Value): Value {
  if (file instanceof Unknown) return file;
  const path = str(py, file);
  const how = needText(mode);
  if (/[wax]/.test(how)) return textFile("", how.includes("b"));
  const text = textAt(py, path);
  return text === undefined ? py.unknown(`the contents of the file ${path}`) : textFile(text, how.includes("b"));
}

/** A relative path starts where the program does: in a folder on the import path. */
function textAt({ sources, environment }: Interpreter, path: string): string | undefined {
  const found = sources.text(path);
  if (found !== undefined || /^([/\\]|\w+:)/.test(path)) return found;
  for (const root of environment.roots) {
    const text = sources.text(`${root}/${path}`);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** A file object over a text. */
export function textFile(text: string, binary = false, cls = fileClass): PyInstance {
  return new PyInstance(cls, new Map(), { text, at: 0, binary } satisfies Opened);
}

const of = (self: PyInstance) => self.payload as Opened;

function taken(self: PyInstance, size: number): Value {
  const opened = of(self);
  const text = opened.text.slice(opened.at, opened.at + size);
  opened.at += text.length;
  return opened.binary ? new PyBytes(utf8(text)) : text;
}

function line(self: PyInstance): Value {
  const { text, at } = of(self);
  const end = text.indexOf("\n", at);
  return taken(self, end < 0 ? text.length : end + 1 - at);
}

define(
  fileClass,
  {
    "read(self, size=-1)": (_py, self: PyInstance, size) =>
      taken(self, typeof size === "number" && size >= 0 ? size : Number.MAX_SAFE_INTEGER),
    "readline(self)": (_py, self: PyInstance) => line(self),
    "readlines(self)": (_py, self: PyInstance) => {
      const lines = splitLines(of(self).text.slice(of(self).at), true);
      of(self).at = of(self).text.length;
      return new PyList(lines);
    },
    "write(self, text)": (_py, self: PyInstance, text) => {
      if (typeof text === "string") of(self).text += text;
      return typeof text === "string" ? text.length : 0;
    },
    "writelines(self, lines)": () => null,
    "getvalue(self)": (_py, self: PyInstance) => of(self).text,
    "seek(self, offset, whence=0)": (_py, self: PyInstance, offset) => {
      of(self).at = Number(offset);
      return offset;
    },
    "tell(self)": (_py, self: PyInstance) => of(self).at,
    "flush(self)": () => null,
    "close(self)": () => null,
    "__enter__(self)": (_py, self) => self,
    "__exit__(self, *args)": () => null,
    "__iter__(self)": (_py, self: PyInstance) =>
      new PyIterator(() => {
        const next = line(self);
        return next === "" || (next instanceof PyBytes && next.text === "") ? undefined : next;
      }, self),
  },
  { lenient: true },
);
defineProperty(fileClass, "closed", () => false);

/** For `io.StringIO` and `io.BytesIO`: a class of files over a text given. */
export function memoryFile(name: string, binary: boolean): PyClass {
  const cls = nativeClass(name, "object", fileClass, "_io");
  define(cls, {
    "__init__(self, initial=None, *args)": (_py, self: PyInstance, initial: Value) => {
      if (initial !== null && typeof initial !== "string" && !(initial instanceof PyBytes))
        raise("TypeError", "initial_value must be str, bytes or None");
      self.payload = {
        text: initial instanceof PyBytes ? initial.text : (initial ?? ""),
        at: 0,
        binary,
      } satisfies Opened;
    },
  });
  return cls;
}
