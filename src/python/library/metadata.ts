import { needText } from "../builtins/plain.ts";
import { importModule } from "../imports.ts";
import { native } from "../native.ts";
import { functions, nativeModule } from "./nativeModule.ts";

/** What `importlib` is written on: imports by name, and what is installed. */
export const metadata = nativeModule("_importlib", () =>
  functions(
    native("import_module(name)", (py, name) => importModule(py, needText(name))),
    native("is_known(name)", (py, name) => py.modules.has(needText(name))),
  ),
);
