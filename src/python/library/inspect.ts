import { Unknown } from "../../base/unknown.ts";
import { findAttribute } from "../attributes.ts";
import { attributeNames } from "../builtins/attributeNames.ts";
import { parametersOf } from "../builtins/function.ts";
import { native } from "../native.ts";
import {
  BoundMethod,
  NativeFunction,
  NativeProperty,
  PyFunction,
  PyGenerator,
  PyList,
  PyProperty,
  PyTuple,
  type Value,
} from "../values.ts";
import { functions, nativeModule } from "./nativeModule.ts";

const kinds = ["positional-only", "positional", "var-positional", "keyword-only", "var-keyword"];

/** What `inspect.py` is written on. */
export const inspect = nativeModule("_inspect", () =>
  functions(
    native("parameters(func)", (_py, func: Value) => {
      const own = func instanceof BoundMethod ? func.func : func;
      const all =
        own instanceof PyFunction
          ? parametersOf(own).map(({ parameter, otherwise }) => [parameter.name, parameter.kind, otherwise] as const)
          : own instanceof NativeFunction
            ? own.parameters.map((parameter) => [parameter.name, parameter.kind, parameter.default] as const)
            : undefined;
      if (!all) return null;
      const shown = func instanceof BoundMethod ? all.slice(1) : all;
      return new PyList(
        shown.map(
          ([name, kind, otherwise]) =>
            new PyTuple([name, kinds.indexOf(kind), otherwise !== undefined, otherwise ?? null]),
        ),
      );
    }),
    native("kind_of(value)", (_py, value: Value) => {
      if (value instanceof PyFunction) return "function";
      if (value instanceof BoundMethod) return "method";
      if (value instanceof NativeFunction) return "builtin";
      if (value instanceof PyProperty || value instanceof NativeProperty) return "data";
      return value instanceof PyGenerator ? "generator" : "";
    }),
    native("yields(func)", (_py, func: Value) => {
      const own = func instanceof BoundMethod ? func.func : func;
      if (!(own instanceof PyFunction)) return false;
      own.code.prepare?.();
      return own.code.runGenerator !== undefined && !own.code.isAsync;
    }),
    native("is_async(func)", (_py, func: Value) => func instanceof PyFunction && func.code.isAsync),
    native("members(value)", (py, value: Value) => {
      const pairs: Value[] = [];
      for (const name of attributeNames(value)) {
        const found = findAttribute(py, value, name);
        if (found !== undefined && !(found instanceof Unknown)) pairs.push(new PyTuple([name, found]));
      }
      return new PyList(pairs);
    }),
  ),
);
