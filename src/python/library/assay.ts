import { native } from "../native.ts";
import { functions, nativeModule } from "./nativeModule.ts";

/** What the library's Python files need from the interpreter. */
export const assay = nativeModule("_assay", () =>
  functions(
    native("unknown(reason)", (py, reason) => py.unknown(String(reason))),
    native("installed(package)", (py, name) => py.environment.installed.has(String(name))),
    native("version(package)", (py, name) => py.environment.versions[String(name)] ?? null),
  ),
);
