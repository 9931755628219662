import { getAttribute } from "../attributes.ts";
import { needText } from "../builtins/plain.ts";
import { raise } from "../errors.ts";
import { originalModule } from "../imports.ts";
import type { Interpreter } from "../interpreter.ts";
import { namesDict } from "../keys.ts";
import { native } from "../native.ts";
import type { PyModule, Value } from "../values.ts";
import { exportedNames } from "./exports.ts";
import { functions, nativeModule } from "./nativeModule.ts";

/** What the library's Python files, and stubs of other libraries, need from the interpreter. */
export const assay = nativeModule("_assay", () =>
  functions(
    native("unknown(reason)", (py, reason) => py.unknown(String(reason))),
    native("installed(package)", (py, name) => py.environment.installed.has(String(name))),
    native("version(package)", (py, name) => py.environment.versions[String(name)] ?? null),
    native("original(name)", (py, name) => original(py, needText(name))),
    native("exported_names(folder, prefix)", (py, folder, prefix) =>
      namesDict(exportedNames(py.sources, needText(folder), needText(prefix))),
    ),
  ),
);

/** The module that a stub stands for, read from its own file. */
function original(py: Interpreter, name: string): Value {
  return (
    originalModule(py, name) ?? raise("AttributeError", `module '${name}' is a stub, and its source was not found`)
  );
}

/** Gives a stub what it does not define itself from the file that it stands for. */
export function completed(module: PyModule): PyModule {
  if (!module.attrs.has("__getattr__"))
    module.attrs.set(
      "__getattr__",
      native("__getattr__(name)", (py, name) => {
        const text = needText(name);
        if (text.startsWith("__")) raise("AttributeError", `module '${module.name}' has no attribute '${text}'`);
        return getAttribute(py, original(py, module.name), text);
      }),
    );
  return module;
}
