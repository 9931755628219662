import { Budget, defaultLimits } from "../../src/base/budget.ts";
import { Unknown } from "../../src/base/unknown.ts";
import { library } from "../../src/configs/library.ts";
import { buildModel, type Pass, runPass } from "../../src/evidence/run.ts";
import { fileSources } from "../../src/hosts/cli/files.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { show } from "../../src/tensor/expression.ts";
import { SymInt } from "../../src/tensor/size.ts";
import { isTensor, type Storage } from "../../src/tensor/tensor.ts";
import type { BuiltLayer } from "../../src/torch/modelTree.ts";
import { borrowTorch } from "../../src/torch/pool.ts";
import {
  evaluate,
  fromJson,
  inputTensor,
  isFailure,
  outputShapes,
  parseTensor,
  runSetup,
  setMode,
} from "../../src/torch/session.ts";
import type { TensorNote, Trace } from "../../src/trace/trace.ts";
import { pythonWasm } from "./wasm.ts";

const sources = fileSources(await loadPythonParser(pythonWasm()));

/** How a model is run: in inference, or a whole training step, under autocast or not. */
export const manners = ["eval", "step", "step float16"] as const;
export type Manner = (typeof manners)[number];

/** A model and what it is called with, as a case of `assay batch` says it. */
export interface Program {
  readonly setup: string;
  readonly model: string;
  readonly args: readonly unknown[];
  readonly root?: string;
}

export interface Told {
  /** All that the run recorded, a line each. */
  readonly lines: readonly string[];
  /** How often the body of each function was run: `program.py:12 forward`. */
  readonly bodies: ReadonlyMap<string, number>;
  /** What it took of its budget. */
  readonly spent: string;
}

/** All that running a model recorded; storages are numbered as they appear. `forgetful`: nothing is remembered. */
export function told({ setup, model, args, root }: Program, manner: Manner, forgetful: boolean): Told {
  const environment = {
    roots: root ? [root] : [],
    installed: new Set(["torch", "numpy"]),
    versions: { python: "3.12", torch: "2.11.0" },
  };
  const limits = { ...defaultLimits, forgetful };
  const py = borrowTorch(sources, environment, [], new Budget(limits), library);
  const fail = (error: { text: string }) => {
    throw new Error(error.text);
  };
  const text = `import torch\nfrom torch import nn\nimport torch.nn.functional as F\n${setup}`;
  const module = runSetup(py, "program.py", text, fail);
  const built = buildModel(py, () => evaluate(py, module, "model.py", model), "eval");
  if (isFailure(built)) throw new Error(built.reason);
  const training = manner !== "eval";
  setMode(py, built.model, training);
  const given = args.map((one) => {
    const tensor = typeof one === "string" ? parseTensor(one) : undefined;
    return tensor ? inputTensor(py, tensor.dtype, tensor.shape) : fromJson(one);
  });
  py.budget = new Budget(limits);
  py.bodies = new Map();
  const pass = runPass(py, built.model, given, new Map(), training, {
    autocast: manner.endsWith("float16") ? "float16" : undefined,
    step: training,
  });
  const bodies = new Map<string, number>();
  for (const [code, count] of py.bodies) {
    const name = `${code.chunk.path}:${code.chunk.firstLine + code.span.line + 1} ${code.name}`;
    bodies.set(name, (bodies.get(name) ?? 0) + count);
  }
  py.bodies = undefined;
  const spent = `${py.budget.steps} steps, ${py.budget.allocated} elements, ${py.budget.deepest} deep`;
  return { lines: linesOf(pass, built.tree), bodies, spent };
}

function linesOf(pass: Pass, tree: BuiltLayer): string[] {
  const paths = new Map<object, string>();
  const walk = ({ module, path, children }: BuiltLayer) => {
    paths.set(module, path);
    children.forEach(walk);
  };
  walk(tree);
  return [
    ...traceLines(pass.trace, (module) => paths.get(module) ?? "?"),
    `output ${JSON.stringify(outputShapes(pass.output ?? null))}`,
    `failure ${pass.failure?.reason}`,
    ...pass.notes.map(({ kind, reason, moment }) => `${kind} ${reason} at ${moment}`),
  ];
}

function traceLines(trace: Trace, pathOf: (module: object) => string): string[] {
  const numbers = new Map<Storage, number>();
  const storage = (one: Storage) => {
    const number = numbers.get(one) ?? numbers.size;
    numbers.set(one, number);
    return `${one.role}${number}(${said(one.bytes)})`;
  };
  const note = ({ shape, dtype, storage: one }: TensorNote) => `${dtype}[${shape.map(said).join()}]@${storage(one)}`;
  const notes = (all: readonly TensorNote[]) => all.map(note).join(" ");
  const argument = (one: unknown): string => {
    if (Array.isArray(one)) return `[${one.map(argument).join()}]`;
    return isTensor(one) ? note(one) : said(one);
  };
  const events = trace.events.map((event) => {
    if (event.kind === "release") return `release ${storage(event.storage)}`;
    if (event.kind === "unknown") return `unknown ${event.index} ${event.reason.reason} in ${event.module}`;
    const { name, index, inputs, outputs, macs, bytesRead, bytesWritten, work, made, saved, workspaceBytes } = event;
    const figures = [macs, bytesRead, bytesWritten, work, workspaceBytes].map(said).join();
    const kept = `made ${made.map(storage).join()} saved ${saved.map(storage).join()}`;
    const where = `${event.pass} in ${event.module} ${JSON.stringify(event.at)} ${JSON.stringify(event.detail)}`;
    return `${index} ${name} (${notes(inputs)}) (${notes(outputs)}) ${figures} ${kept} ${where} ${argument(event.call.args)}`;
  });
  const calls = trace.calls.slice(1).map(({ id, parent, module, inputs, outputs, at, start, end }) => {
    return `call ${id} in ${parent} ${pathOf(module)} (${notes(inputs)}) (${notes(outputs)}) ${JSON.stringify(at)} ${start} ${end}`;
  });
  const drops = trace.drops.map(({ after, storage: one }) => `drop ${after} ${storage(one)}`);
  return [...events, ...calls, `saved ${[...trace.saved].map(storage).join()}`, ...drops];
}

function said(value: unknown): string {
  if (value instanceof Unknown) return `?${value.reason}`;
  if (value instanceof SymInt) return `${value.hint}=${show(value.expr)}`;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
