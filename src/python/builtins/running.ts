/** Built-in functions that would touch the world or run text: `print`, `input`, `open`, `eval`, `exec`, `__import__`. */
import { Unknown } from "../../base/unknown.ts";
import { exception, PyError } from "../errors.ts";
import { importModule } from "../imports.ts";
import type { Interpreter } from "../interpreter.ts";
import { native } from "../native.ts";
import { PyDict, type Value } from "../values.ts";
import { evaluateText } from "./evaluateText.ts";
import { openFile } from "./files.ts";
import { localNames } from "./inspecting.ts";
import { needText, textOf } from "./plain.ts";

const lenient = { lenient: true };

export const running = [
  native("print(*args, **kwargs)", () => null, lenient),
  native("input(prompt='')", (py) => py.unknown("what a user types")),
  native("open(file, mode='r', *args, **kwargs)", (py, file, mode) => openFile(py, file, mode)),
  native("eval(source, globals=None, locals=None)", (py, source, globals, locals) =>
    evaluate(py, source, globals, locals),
  ),
  native("exec(source, globals=None, locals=None)", (py, source) => {
    py.note("unknown-call", `code in a text is not run: ${(textOf(source) ?? "").slice(0, 60)}`);
  }),
  native("compile(source, *args, **kwargs)", (py) => py.unknown("code compiled from a text")),
  native("__import__(name, globals=None, locals=None, fromlist=(), level=0)", (py, name, _globals, _locals, from) => {
    const module = importModule(py, needText(name));
    const parts = needText(name).split(".");
    const whole =
      from !== null &&
      !(from instanceof PyDict) &&
      "items" in (from as object) &&
      (from as { items: unknown[] }).items.length > 0;
    return parts.length === 1 || whole || module instanceof Unknown
      ? module
      : (py.modules.get(parts[0] as string) ?? module);
  }),
  native("exit(code=None)", (_py, code) => leave(code)),
  native("quit(code=None)", (_py, code) => leave(code)),
  native("breakpoint(*args, **kwargs)", () => null, lenient),
  native("help(*args)", () => null, lenient),
];

function leave(code: Value): never {
  throw new PyError(code === null ? exception("SystemExit") : exception("SystemExit", code));
}

/** An expression in a text: names, attributes, calls and literals are understood, anything else is unknown. */
function evaluate(py: Interpreter, source: Value, globals: Value, locals: Value): Value {
  const text = textOf(source);
  if (text === undefined) return py.unknown("compiled code is not run");
  const given = [locals, globals].filter((names) => names instanceof PyDict);
  const found = (name: string): Value | undefined => {
    for (const names of given) {
      const entry = names.entries.get(name);
      if (entry) return entry[1];
    }
    for (const names of given.length === 0 ? [localNames(py), py.frame?.module.attrs] : []) {
      if (names?.has(name)) return names.get(name);
    }
    return py.builtins.get(name);
  };
  const value = evaluateText(py, text.trim(), found);
  return value === undefined ? py.unknown(`the text of an eval is not understood: ${text.slice(0, 60)}`) : value;
}
