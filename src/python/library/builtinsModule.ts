import { nativeModule } from "./nativeModule.ts";

/** The built-in names as a module. */
export const builtinsModule = nativeModule("builtins", (py) => Object.fromEntries(py.builtins));
