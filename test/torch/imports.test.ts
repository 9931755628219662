/** Every module of PyTorch that we have can be imported, and finds the names that it imports. */
import assert from "node:assert/strict";
import files from "python:src/torch";
import { Unknown } from "../../src/base/unknown.ts";
import { PyError } from "../../src/python/errors.ts";
import { importModule } from "../../src/python/imports.ts";
import type { PythonParser } from "../../src/syntax/parser.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { startTorch } from "../../src/torch/install.ts";
import { pythonNames } from "../../src/torch/modules/pythonNames.ts";
import { torchModules } from "../../src/torch/modules.ts";
import { pythonWasm } from "../support/wasm.ts";

describe("modules of torch", () => {
  let parser: PythonParser;
  before(async () => {
    parser = await loadPythonParser(pythonWasm());
  });

  const started = () =>
    startTorch(
      {
        module: () => undefined,
        folder: () => false,
        text: () => undefined,
        parse: (path, text) => parser.parse(path, text),
      },
      { roots: [], installed: new Set(["torch"]), versions: { torch: "2.11.0" } },
    );

  const names = Object.keys(files).map(
    (path) => `torch.${path.replace(/(\/__init__)?\.py$/, "").replaceAll("/", ".")}`,
  );
  it("each can be imported by itself", () => {
    const wrong = [...names, ...torchModules.keys()].flatMap((name) => {
      try {
        const module = importModule(started(), name);
        return module instanceof Unknown ? [`${name}: ${module.reason}`] : [];
      } catch (error) {
        return [`${name}: ${error instanceof PyError ? `${error.text} at ${error.where}` : String(error)}`];
      }
    });
    assert.deepEqual(wrong, []);
  });

  it("names of torch that live in Python files are there", () => {
    const py = started();
    const wrong = [...pythonNames].filter(([name, file]) => {
      const module = importModule(py, file);
      return module instanceof Unknown || !module.attrs.has(name);
    });
    assert.deepEqual(wrong, []);
  });
});
