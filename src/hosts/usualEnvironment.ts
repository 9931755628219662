import type { Environment } from "../python/interpreter.ts";

/** What is taken as installed where no environment is found: the libraries that models rest on, in versions of today. */
export const usualEnvironment: Environment = {
  roots: [],
  installed: new Set(["torch", "numpy"]),
  versions: { python: "3.12", torch: "2.11.0" },
};
