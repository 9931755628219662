import assert from "node:assert/strict";
import files from "python:src/python/library";
import { importModule } from "../../src/python/imports.ts";
import { nativeModules } from "../../src/python/library/index.ts";
import { bareEnvironment, noSources, startPython } from "../../src/python/start.ts";
import { PyModule } from "../../src/python/values.ts";

describe("the standard library", () => {
  const written = Object.keys(files).map((file) => file.replace(/(\/__init__)?\.py$/, "").replaceAll("/", "."));
  for (const name of [...nativeModules.keys(), ...written].sort()) {
    it(`imports ${name} with nothing unknown in it and nothing noted`, () => {
      const installed = new Set(["numpy", "typing_extensions", "yaml"]);
      const py = startPython(noSources, { ...bareEnvironment, installed });
      const module = importModule(py, name);
      assert(module instanceof PyModule, `${name} came out unknown`);
      assert.deepEqual(py.notes, []);
      const unknown = [...module.attrs].filter(([, value]) => value?.constructor.name === "Unknown" && name !== "sys");
      assert.deepEqual(
        unknown.map(([key]) => key),
        [],
      );
    });
  }
});
