import type { Interpreter } from "../interpreter.ts";
import { native } from "../native.ts";
import type { NativeFunction, Value } from "../values.ts";

/** A module of the standard library that is written here: what its names stand for, made once per interpreter. */
export interface NativeModule {
  readonly name: string;
  readonly build: (py: Interpreter) => Record<string, Value>;
}

export function nativeModule(name: string, build: NativeModule["build"]): NativeModule {
  return { name, build };
}

/** Natives by their own names, for a module's record. */
export function functions(...all: readonly NativeFunction[]): Record<string, Value> {
  return Object.fromEntries(all.map((func) => [func.name, func]));
}

/** A module's `__getattr__`: names that are not listed exist, and nothing is known of them. */
export function otherNames(module: string): NativeFunction {
  return native("__getattr__(name)", (py, name) => py.unknown(`${module}.${String(name)} is not interpreted`));
}
