import { library as stubs } from "../libraries/library.ts";
import type { Library } from "../torch/install.ts";
import { architectureModule } from "./architectures.ts";

/** Modules that are provided here: our definitions of model families, and stubs of other libraries. */
export const library: Library = (py, name) => architectureModule(py, name) ?? stubs(py, name);
