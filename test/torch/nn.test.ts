import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Budget } from "../../src/base/budget.ts";
import { PyError } from "../../src/python/errors.ts";
import { str } from "../../src/python/text.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { startTorch } from "../../src/torch/install.ts";
import { evaluate, runSetup } from "../../src/torch/session.ts";
import { tracerOf } from "../../src/torch/tensorObject.ts";
import { pythonWasm } from "../support/wasm.ts";

/** The same figures as test/oracle/make_modules.py takes from PyTorch, taken from what is interpreted. */
const setup = `
import torch
import torch.nn.functional as F
from torch import nn

def shapes(value):
    if isinstance(value, torch.Tensor):
        return "[" + ",".join(str(size) for size in value.shape) + "]"
    if isinstance(value, (tuple, list)):
        return "(" + " ".join(shapes(one) for one in value) + ")"
    return str(value)

def parameters(module):
    return str(sum(parameter.numel() for parameter in module.parameters()))

def state(module):
    return " ".join(f"{name}{shapes(value)}" for name, value in module.state_dict().items())

def called(module, arguments):
    with torch.no_grad():
        return shapes(module(*arguments))

`;

const [, header, ...rows] = readFileSync("test/oracle/modules.tsv", "utf8").replace(/\n$/, "").split("\n");

describe("torch.nn says what PyTorch says of", () => {
  let answer: (expression: string, inputs: string) => string[];

  before(async () => {
    const parser = await loadPythonParser(pythonWasm());
    const sources = {
      module: () => undefined,
      folder: () => false,
      text: () => undefined,
      parse: (path: string, text: string) => parser.parse(path, text),
    };
    const environment = { roots: [], installed: new Set(["torch"]), versions: { python: "3.12", torch: "2.11.0" } };
    const py = startTorch(sources, environment, new Budget());
    const module = runSetup(py, "check.py", setup);
    const value = (expression: string) => evaluate(py, module, "check.py", expression);
    answer = (expression, inputs) => {
      let [parameters, names, output, macs] = ["", "", "", ""];
      try {
        module.attrs.set("layer", value(`(${expression}).eval()`));
        if (inputs) {
          const tracer = tracerOf(py);
          tracer.begin();
          output = str(py, value(`called(layer, (${inputs},))`));
          macs = String(
            tracer.events.reduce((sum, event) => sum + (event.kind === "operation" ? Number(event.macs) : 0), 0),
          );
        }
        parameters = str(py, value("parameters(layer)"));
        names = str(py, value("state(layer)"));
      } catch (error) {
        if (!(error instanceof PyError)) throw error;
        output = error.text.split(":")[0]!;
      }
      return [parameters, names, output, macs];
    };
  });

  assert.equal(header, "module\tinputs\tparameters\tstate\toutput\tmacs");
  for (const row of rows) {
    const [expression = "", inputs = "", ...expected] = row.split("\t");
    it(`${expression}${inputs && ` of ${inputs}`}`, () => assert.deepEqual(answer(expression, inputs), expected));
  }
});
