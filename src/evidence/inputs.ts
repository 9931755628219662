/** Inputs for a model that nobody says how to call: from `forward`'s parameter names and the first layers. */

import type { Scenario } from "../base/scenario.ts";
import type { PyObject } from "../python/values.ts";
import { PyClass, PyFunction, type PyInstance, type Value } from "../python/values.ts";
import type { DType } from "../tensor/dtype.ts";
import type { Size } from "../tensor/size.ts";
import { integer, scenarioSize } from "../tensor/size.ts";
import type { BuiltLayer } from "../torch/modelTree.ts";
import { annotatedShape } from "./annotations.ts";

/** One tensor to call forward with. */
export interface Input {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly Size[];
}

/** Sets of inputs to try in this order; empty where forward needs something that cannot be guessed. */
export function candidateInputs(model: PyInstance, tree: BuiltLayer, scenario: Scenario): Input[][] {
  const forward = unwrapped(model.cls.lookup("forward"));
  if (!(forward instanceof PyFunction)) return [];
  const required = forward.code.parameters
    .filter(
      ({ kind }, i) =>
        i > 0 && (kind === "positional" || kind === "positional-only") && forward.defaults[i] === undefined,
    )
    .map(({ name }) => name);
  const names =
    required.length > 0
      ? required
      : forward.code.parameters
          .slice(1, 2)
          .filter(({ kind }) => kind.startsWith("positional"))
          .map(({ name }) => name);
  const stated = names.map((name) => annotatedShape(forward.code.node, name, scenario));
  const [given] = stated;
  const shapes = given ? [{ dtype: given.dtype, sizes: given.shape }] : shapesFor(tree, scenario, names[0] ?? "x");
  return shapes.map((shape) =>
    names.map((name, i) => (stated[i] ? { name, ...stated[i] } : inputFor(name, shape, scenario))),
  );
}

/** The function that decorators were put over, as `functools.wraps` says it. */
function unwrapped(value: Value | undefined): Value | undefined {
  let one = value;
  while (one instanceof PyFunction) {
    const inner = one.attrs?.get("__wrapped__");
    if (!(inner instanceof PyFunction)) break;
    one = inner;
  }
  return one;
}

interface Shape {
  readonly dtype: DType;
  readonly sizes: readonly Size[];
}

const tokenNames = /^(idx|ids|tokens?|input_ids|src|tgt|text|x_ids|decoder_input_ids|token_ids|inputs?_tokens)$/;
const maskNames = /mask$/;

function inputFor(name: string, shape: Shape, scenario: Scenario): Input {
  const batch = scenarioSize("B", scenario.batch);
  const sequence = scenarioSize("T", scenario.sequence);
  if (maskNames.test(name)) return { name, dtype: "bool", shape: [batch, sequence] };
  if (/^(t|timesteps?|time)$/.test(name)) return { name, dtype: "int64", shape: [batch] };
  if (/^(labels?|targets?)$/.test(name))
    return { name, dtype: "int64", shape: shape.sizes.slice(0, shape.dtype === "int64" ? 2 : 1) };
  return { name, dtype: shape.dtype, shape: shape.sizes };
}

/** What the first layers that have weights take, likeliest first. */
function shapesFor(tree: BuiltLayer, scenario: Scenario, name: string): Shape[] {
  const batch = scenarioSize("B", scenario.batch);
  const sequence = scenarioSize("T", scenario.sequence);
  const height = scenarioSize("H", scenario.imageSize);
  const width = scenarioSize("W", scenario.imageSize);
  const tokens: Shape = { dtype: "int64", sizes: [batch, sequence] };
  const found: Shape[] = tokenNames.test(name) ? [tokens] : [];
  for (const leaf of leaves(tree).slice(0, 4)) {
    const weight = leaf.parameters.find((one) => one.name.startsWith("weight"))?.tensor.shape;
    if (!weight || weight.length === 0) continue;
    const groups = (leaf.module as PyObject).attrs?.get("groups");
    const channels = integer(weight[1] ?? 1) * (typeof groups === "number" ? groups : 1);
    switch (leaf.className.replace(/^Lazy/, "")) {
      case "Embedding":
        found.push(tokens);
        break;
      case "Conv1d":
        found.push({ dtype: "float32", sizes: [batch, channels, sequence] });
        break;
      case "Conv3d":
        found.push({ dtype: "float32", sizes: [batch, channels, 16, height, width] });
        break;
      case "LSTM":
      case "GRU":
      case "RNN":
        found.push({
          dtype: "float32",
          sizes:
            (leaf.module as PyObject).attrs?.get("batch_first") === true
              ? [batch, sequence, channels]
              : [sequence, batch, channels],
        });
        break;
      case "Linear":
        found.push(
          { dtype: "float32", sizes: [batch, sequence, channels] },
          { dtype: "float32", sizes: [batch, channels] },
        );
        break;
      case "LayerNorm":
      case "RMSNorm":
        found.push({ dtype: "float32", sizes: [batch, sequence, ...weight] });
        break;
      case "ConvTranspose2d":
        found.push({ dtype: "float32", sizes: [batch, weight[0] as Size, height, width] });
        break;
      case "BatchNorm2d":
      case "GroupNorm":
        found.push({ dtype: "float32", sizes: [batch, weight[0] as Size, height, width] });
        break;
      default:
        if (weight.length === 4) found.push({ dtype: "float32", sizes: [batch, channels, height, width] });
        else if (weight.length === 2) found.push({ dtype: "float32", sizes: [batch, sequence, channels] });
    }
  }
  if (found.length === 0)
    found.push({ dtype: "float32", sizes: [batch, 3, height, width] }, tokens, {
      dtype: "float32",
      sizes: [batch, sequence],
    });
  const seen = new Set<string>();
  return found.filter(({ dtype, sizes }) => {
    const key = `${dtype}${sizes.map((size) => (typeof size === "number" ? size : "s")).join()}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** Layers with weights of their own, in the order in which they were made. */
function leaves(layer: BuiltLayer): BuiltLayer[] {
  const own = layer.parameters.length > 0 && layer.children.length === 0 ? [layer] : [];
  return [...own, ...layer.children.flatMap(leaves)];
}

/** Whether a class is an nn.Module with a forward of its own. */
export function isModuleClass(value: unknown): value is PyClass {
  return (
    value instanceof PyClass && value.mro.some((cls) => cls.name === "Module" && cls.module.startsWith("torch.nn"))
  );
}
