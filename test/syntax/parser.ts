import { loadPythonParser } from "../../src/syntax/parser.ts";
import { pythonWasm } from "../support/wasm.ts";

/** The parser that the tests of this folder share. */
export const parser = await loadPythonParser(pythonWasm());

/** The tree of a text that has no problems. */
export function parse(text: string) {
  return parser.parse("model.py", text);
}
