import { Unknown } from "../../base/unknown.ts";
import { getAttribute } from "../attributes.ts";
import { raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { dictGet } from "../keys.ts";
import { getItem } from "../subscripts.ts";
import { format, repr, str } from "../text.ts";
import { PyDict, type Value } from "../values.ts";

/** What `template.format(*args, **kwargs)` gives; unknown as soon as a value that it shows is. */
export function formatTemplate(py: Interpreter, template: string, args: readonly Value[], names: Value): Value {
  let automatic = 0;
  let unknown: Unknown | undefined;

  function expand(text: string, depth: number): string {
    if (depth > 2) raise("ValueError", "Max string recursion exceeded");
    let out = "";
    for (let at = 0; at < text.length; ) {
      const char = text.charAt(at);
      if ((char === "{" || char === "}") && text.charAt(at + 1) === char) {
        out += char;
        at += 2;
      } else if (char === "{") {
        const end = closing(text, at);
        out += field(text.slice(at + 1, end), depth);
        at = end + 1;
      } else {
        if (char === "}") raise("ValueError", "Single '}' encountered in format string");
        out += char;
        at++;
      }
    }
    return out;
  }

  function field(inside: string, depth: number): string {
    const [, name = "", conversion, spec = ""] = /^((?:[^!:[]|\[[^\]]*\])*)(?:!(\w))?(?::([^]*))?$/.exec(inside) ?? [];
    const value = valueOf(name);
    if (value instanceof Unknown) {
      unknown ??= value;
      return "";
    }
    const shown =
      conversion === "r" || conversion === "a" ? repr(py, value) : conversion === "s" ? str(py, value) : value;
    return format(py, shown, expand(spec, depth + 1));
  }

  function valueOf(name: string): Value {
    const [first = "", ...steps] = name.match(/^[^.[]*|\.[^.[]+|\[[^\]]*\]/g) ?? [];
    let value = start(first);
    for (const step of steps) {
      if (value instanceof Unknown) return value;
      const key = step.slice(1, -1);
      if (step.startsWith(".")) value = getAttribute(py, value, step.slice(1));
      else value = getItem(py, value, /^\d+$/.test(key) ? Number(key) : key);
    }
    return value;
  }

  function start(name: string): Value {
    if (name === "" || /^\d+$/.test(name)) {
      const value = args[name === "" ? automatic++ : Number(name)];
      return (
        value ??
        (value === null ? null : raise("IndexError", "Replacement index out of range for positional args tuple"))
      );
    }
    if (!(names instanceof PyDict)) return getItem(py, names, name);
    const value = dictGet(py, names, name);
    return value === undefined ? raise("KeyError", name) : value;
  }

  const text = expand(template, 0);
  py.budget.allocate(text.length);
  return unknown ?? text;
}

function closing(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text.charAt(at) === "{") depth++;
    else if (text.charAt(at) === "}" && --depth === 0) return at;
  }
  return raise("ValueError", "expected '}' before end of string");
}
