import { Budget } from "../../src/base/budget.ts";
import { fileSources } from "../../src/hosts/cli/files.ts";
import { library } from "../../src/libraries/library.ts";
import { PyError } from "../../src/python/errors.ts";
import type { Interpreter } from "../../src/python/interpreter.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { borrowTorch } from "../../src/torch/pool.ts";
import { evaluate, runSetup } from "../../src/torch/session.ts";
import { tracerOf } from "../../src/torch/tensorObject.ts";
import type { Tracer } from "../../src/trace/tracer.ts";
import { pythonWasm } from "./wasm.ts";

const sources = fileSources(await loadPythonParser(pythonWasm()));

/** What a step's figures are read from. */
export interface Step {
  readonly tracer: Tracer;
  readonly py: Interpreter;
  /** Two per multiply-add, of the events of some parts. */
  flops(...parts: readonly string[]): number;
}

const program = `
import torch

def floating(value):
    if isinstance(value, torch.Tensor):
        return value if value.is_floating_point() and value.requires_grad else None
    items = value if isinstance(value, (list, tuple)) else list(value.values()) if isinstance(value, dict) else []
    for one in items:
        found = floating(one)
        if found is not None:
            return found

def step(model, args):
    out = model(*args)
    loss = floating(out)
    if loss.dim() > 0:
        loss = loss.float().mean()
    loss.backward()
    return out
`;

/** One training step of a model (an expression after \`setup\`) in train mode: forward, a float mean as its loss, backward. */
export function step(roots: readonly string[], setup: string, model: string, args: readonly string[]): Step {
  const environment = {
    roots,
    installed: new Set(["torch", "numpy", "torchvision", "timm", "transformers"]),
    versions: { python: "3.12", torch: "2.11.0", torchvision: "0.26.0", timm: "1.0.29", transformers: "5.17.0" },
  };
  const py = borrowTorch(sources, environment, [], new Budget({ steps: 400e6, depth: 600, allocation: 1e9 }), library);
  const fail = (error: PyError) => {
    throw new Error(error.text);
  };
  const module = runSetup(py, "step.py", `${program}\n${setup}\nmodel = ${model}`, fail);
  const tracer = tracerOf(py);
  tracer.begin();
  try {
    evaluate(py, module, "step.py", `step(model, [${args.join(", ")}])`);
  } catch (error) {
    throw error instanceof PyError ? new Error(error.text) : error;
  }
  const flops = (...parts: readonly string[]) => {
    let total = 0;
    for (const event of tracer.events) {
      if (event.kind === "unknown") throw new Error(event.reason.reason);
      if (event.kind === "operation" && parts.includes(event.pass)) total += 2 * Number(event.macs);
    }
    return total;
  };
  return { tracer, py, flops };
}
