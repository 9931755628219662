/** A JavaScript program run twice: by Node with the real TensorFlow.js, and by our interpreter. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { defaultLimits } from "../../src/base/budget.ts";
import { loadPythonParser } from "../../src/syntax/parser.ts";
import { SymInt } from "../../src/tensor/size.ts";
import { call } from "../../src/tfjs/language/calls.ts";
import { get } from "../../src/tfjs/language/members.ts";
import { fromJson, runScript } from "../../src/tfjs/language/modules.ts";
import { Accessor, JsArray, JsObject, JsPromise, type Value } from "../../src/tfjs/language/values.ts";
import { openProgram, type Program } from "../../src/tfjs/program.ts";
import { runModel } from "../../src/tfjs/run.ts";
import { classNameOf, isModel } from "../../src/tfjs/tree.ts";
import { pythonWasm } from "./wasm.ts";

const parser = await loadPythonParser(pythonWasm());
const required = createRequire(path.resolve("package.json"));
// biome-ignore lint/suspicious/noExplicitAny: the real library's types are no part of what is tested.
export const tf: any = required("@tensorflow/tfjs");
const esbuild = required("esbuild") as typeof import("esbuild");

export const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
};

/** What is compared of a model. */
export interface Told {
  readonly params: number;
  readonly trainable: number;
  /** `Dense [null, 10]`, every layer in order, those inside others too; one shape for each time it was applied. */
  readonly layers: readonly string[];
}

/** What a program exports, run by Node; its imports of other files are followed. */
export function reallyRun(file: string, text: string): Record<string, unknown> {
  const loader = file.endsWith(".ts") ? "ts" : "js";
  const { code } = esbuild.transformSync(text, { loader, format: "cjs", target: "es2022" });
  const module = { exports: {} as Record<string, unknown> };
  const require = (from: string): unknown => {
    if (from.startsWith("@tensorflow/tfjs")) return tf;
    const other = path.join(path.dirname(file), from);
    return reallyRun(other, readFileSync(other, "utf8"));
  };
  Object.assign(globalThis, { tf });
  new Function("require", "module", "exports", code)(require, module, module.exports);
  return module.exports;
}

// biome-ignore lint/suspicious/noExplicitAny: as above.
export function reallyTold(model: any): Told {
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  const count = (weights: any[]) =>
    weights.reduce((total, { shape }) => total + shape.reduce((a: number, b: number) => a * b, 1), 0);
  const lines: string[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  const walk = (layer: any) => {
    for (const one of layer.layers) {
      // biome-ignore lint/suspicious/noExplicitAny: as above.
      const shapes = one.inboundNodes.map((node: any) => node.outputTensors.map((x: any) => x.shape));
      lines.push(`${one.getClassName()} ${JSON.stringify(shapes)}`);
      if (one.layers) walk(one);
    }
  };
  walk(model);
  return { params: model.countParams(), trainable: count(model.trainableWeights), layers: lines };
}

/** Multiply-adds of the kernels that the real library runs on inputs of the model's sizes. */
// biome-ignore lint/suspicious/noExplicitAny: as above.
export async function reallyMultiplied(model: any, shapes: number[][]): Promise<{ macs: number; outputs: number[][] }> {
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  const inputs = shapes.map((shape, i) => tf.zeros(shape, (model.inputs as any)[i].dtype));
  let outputs: number[][] = [];
  const { kernels } = await tf.profile(() => {
    const out = model.predict(inputs.length === 1 ? inputs[0] : inputs);
    outputs = (Array.isArray(out) ? out : [out]).map((x: { shape: number[] }) => x.shape);
    return out;
  });
  let macs = 0;
  for (const { name, inputShapes, outputShapes } of kernels) macs += multiplied(name, inputShapes, outputShapes[0]);
  return { macs, outputs };
}

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

function multiplied(name: string, inputs: (number[] | null)[], out: number[]): number {
  const given = inputs.filter((shape): shape is number[] => shape !== null);
  const [x = [], w = []] = given;
  if (name === "BatchMatMul" || name === "_FusedMatMul") return product(out) * innerSize(x, w, out);
  if (name === "Conv2D" || name === "FusedConv2D" || name === "Conv3D") return product(out.slice(0, -1)) * product(w);
  if (name === "DepthwiseConv2dNative" || name === "FusedDepthwiseConv2D")
    return product(out.slice(0, -1)) * product(w);
  if (name === "Conv2DBackpropInput" || name === "Conv3DBackpropInputV2") return product(x.slice(0, -1)) * product(w);
  return 0;
}

/** The axis that is summed over: the one of the operands' elements that the result lacks. */
function innerSize(x: number[], w: number[], out: number[]): number {
  const [rows, columns] = [out.at(-2) ?? 1, out.at(-1) ?? 1];
  const own = product(x.slice(-2)) / rows;
  return own === product(w.slice(-2)) / columns ? own : Number.NaN;
}

export interface OurRun {
  readonly program: Program;
  readonly exports: JsObject;
}

export function run(file: string, text: string): OurRun {
  const parse = (name: string, source: string) => {
    const script = parser.scripts?.parse(name, source);
    if (!script) throw new Error("the grammars of scripts were not loaded");
    return script;
  };
  const program = openProgram({ text: read, parse }, defaultLimits);
  return { program, exports: runScript(program.machine, parse(file, text)) };
}

/** The models that a program exports, by name. */
export function exportedModels({ exports }: OurRun): Map<string, JsObject> {
  const found = new Map<string, JsObject>();
  for (const [name, value] of exports.props) {
    if (value instanceof Accessor) continue;
    const own = value instanceof JsPromise ? value.value : value;
    if (isModel(own)) found.set(name, own);
  }
  return found;
}

export function told({ program: { machine } }: OurRun, model: JsObject): Told {
  const lines: string[] = [];
  const listed = (value: Value): Value[] => (value instanceof JsArray ? value.items : []);
  const plain = (value: Value): unknown =>
    value instanceof JsArray ? value.items.map(plain) : value instanceof SymInt ? value.hint : (value ?? null);
  const walk = (layer: JsObject) => {
    for (const one of listed(get(machine, layer, "layers"))) {
      if (!(one instanceof JsObject)) continue;
      const shapes = listed(get(machine, one, "inboundNodes")).map((node) =>
        listed(get(machine, node, "outputTensors")).map((x) => plain(get(machine, x, "shape"))),
      );
      lines.push(`${classNameOf(machine, one)} ${JSON.stringify(shapes)}`);
      if (isModel(one)) walk(one);
    }
  };
  walk(model);
  const count = (name: string) => {
    let total = 0;
    for (const weight of listed(get(machine, model, name)))
      total += listed(get(machine, weight, "shape")).reduce((all: number, size) => all * Number(size), 1);
    return total;
  };
  return { params: count("weights"), trainable: count("trainableWeights"), layers: lines };
}

/** Our multiply-adds on inputs of given sizes, and the shapes of what comes out. */
export function multipliedByUs(
  { program }: OurRun,
  model: JsObject,
  shapes: number[][],
): { macs: number; outputs: number[][]; failure: string | undefined } {
  const scenario = { batch: 1, sequence: 1, imageSize: 1 };
  const { trace, outputs, failure } = runModel(program, model, scenario, { training: false }, shapes);
  let macs = 0;
  for (const event of trace.events) {
    if (event.kind === "operation") macs += typeof event.macs === "number" ? event.macs : Number.NaN;
    if (event.kind === "unknown") macs = Number.NaN;
  }
  const plain = outputs.map((shape) => shape.map((size) => (typeof size === "number" ? size : Number.NaN)));
  return { macs, outputs: plain, failure: failure?.reason };
}

/** The model that a `model.json` describes, by our own reading of it. */
export function fromTopology(json: unknown): { ours: OurRun; model: JsObject } {
  const ours = run("empty.js", "");
  const { machine, tf: own } = ours.program;
  const models = get(machine, own, "models");
  const made = call(machine, get(machine, models, "modelFromJSON"), models, [fromJson(machine, json)]);
  const model = made instanceof JsPromise ? made.value : made;
  if (!isModel(model)) throw new Error("no model came of it");
  return { ours, model };
}
