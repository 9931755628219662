/** Built-in functions that would touch the world or run text: `print`, `input`, `open`, `eval`, `exec`, `__import__`. */
import { Unknown } from "../../base/unknown.ts";
import { runStatements } from "../compile/modules.ts";
import { exception, PyError } from "../errors.ts";
import { importModule } from "../imports.ts";
import type { Interpreter } from "../interpreter.ts";
import { dictSet } from "../keys.ts";
import { native } from "../native.ts";
import { PyDict, PyModule, type Value } from "../values.ts";
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
  native("exec(source, globals=None, locals=None)", (py, source, globals, locals) =>
    execute(py, source, locals ?? globals),
  ),
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

/** Runs a text as statements of the running module, or in a dict of names that is given. */
function execute(py: Interpreter, source: Value, names: Value): void {
  const text = textOf(source);
  if (text === undefined) {
    py.note("unknown-call", "compiled code is not run");
    return;
  }
  const here = py.frame?.module;
  const given =
    names instanceof PyDict
      ? new Map([...names.entries.values()].map(([name, value]) => [String(name), value]))
      : undefined;
  const module = given || !here ? new PyModule(here?.name ?? "__main__", "", given) : here;
  runStatements(py, module, py.sources.parse("<string>", text).statements, (error) => {
    throw error;
  });
  if (names instanceof PyDict) for (const [name, value] of module.attrs) dictSet(py, names, name, value);
}

function leave(code: Value): never {
  throw new PyError(code === null ? exception("SystemExit") : exception("SystemExit", code));
}

/** Where the value of an evaluated text is put. */
const result = "__result__";

/** The value of an expression in a text; unknown where it does not parse. */
function evaluate(py: Interpreter, source: Value, globals: Value, locals: Value): Value {
  const text = textOf(source);
  if (text === undefined) return py.unknown("compiled code is not run");
  const given = [globals, locals].filter((names) => names instanceof PyDict);
  const module = new PyModule(py.frame?.module.name ?? "__main__", "");
  for (const names of given.length === 0 ? [py.frame?.module.attrs ?? [], localNames(py)] : []) {
    for (const [name, one] of names) module.attrs.set(name, one);
  }
  for (const names of given) {
    for (const [name, one] of names.entries.values()) module.attrs.set(String(name), one);
  }
  const before = py.notes.length;
  runStatements(py, module, py.sources.parse("<string>", `${result} = (${text.trim()}\n)`).statements, (error) => {
    throw error;
  });
  const made = module.attrs.get(result);
  return made === undefined || py.notes.length > before
    ? py.unknown(`the text of an eval is not understood: ${text.slice(0, 60)}`)
    : made;
}
