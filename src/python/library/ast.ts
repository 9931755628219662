import { literalIn } from "../builtins/literals.ts";
import { needText } from "../builtins/plain.ts";
import { raise } from "../errors.ts";
import { native } from "../native.ts";
import { functions, nativeModule, otherNames } from "./nativeModule.ts";

export const ast = nativeModule("ast", () =>
  functions(
    otherNames("ast"),
    native("literal_eval(node_or_string)", (py, text) => {
      const value = literalIn(py, needText(text).trim());
      return value === undefined ? raise("ValueError", `malformed node or string: ${needText(text)}`) : value;
    }),
  ),
);
