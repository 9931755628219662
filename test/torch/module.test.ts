import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { call } from "../../src/python/calls.ts";
import { PyError } from "../../src/python/errors.ts";
import { PyDict, type Value } from "../../src/python/values.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { startTorch } from "../../src/torch/install.ts";
import { runSetup } from "../../src/torch/session.ts";
import { pythonWasm } from "../support/wasm.ts";

const file = "test/torch/module.py";
const text = readFileSync(file, "utf8");
const names = [...text.matchAll(/^def (\w+)\(\):/gm)].map(([, name]) => (name as string).replaceAll("_", " "));

describe("nn.Module, as in PyTorch:", () => {
  let run: (name: string) => void;

  before(async () => {
    const parser = await loadPythonParser(pythonWasm());
    const sources = {
      module: () => undefined,
      folder: () => false,
      text: () => undefined,
      parse: (path: string, source: string) => parser.parse(path, source),
    };
    const environment = { roots: [], installed: new Set(["torch"]), versions: { python: "3.12", torch: "2.11.0" } };
    const py = startTorch(sources, environment);
    const tests = runSetup(py, file, text).attrs.get("tests");
    assert.ok(tests instanceof PyDict);
    run = (name) => {
      const test = tests.entries.get(name)?.[1];
      assert.ok(test !== undefined, "the program did not come to this test");
      try {
        call(py, test as Value, []);
      } catch (error) {
        if (error instanceof PyError) assert.fail(error.text);
        throw error;
      }
    };
  });

  for (const name of names) it(name, () => run(name));
});
