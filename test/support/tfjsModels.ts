/** Programs that make models, written by chance in several styles. */
import type { Random } from "./random.ts";

/** The text of a program that exports `model`. */
export function randomProgram(random: Random): string {
  const rank = random.pick([2, 3, 3, 4, 4, 5]);
  const shape = { 2: [random.integer(3, 12)], 3: [random.integer(6, 12), random.integer(2, 6)] }[rank] ?? [
    ...Array.from({ length: rank - 2 }, () => random.integer(9, 14)),
    random.integer(1, 3),
  ];
  const list = layers(random, shape);
  return random.pick([byAdding, inArray, byApplying, inLoop])(shape, list, random);
}

function byAdding(shape: readonly number[], list: readonly string[]): string {
  const [first = "", ...rest] = list;
  return `import * as tf from "@tensorflow/tfjs";
const model = tf.sequential();
model.add(${withShape(first, shape)});
${rest.map((layer) => `model.add(${layer});`).join("\n")}
export { model };`;
}

function inArray(shape: readonly number[], list: readonly string[]): string {
  const [first = "", ...rest] = list;
  return `import { layers, sequential } from "@tensorflow/tfjs";
const tf = { layers };
export const model = sequential({ layers: [${[withShape(first, shape), ...rest].join(",\n  ")}] });`;
}

function byApplying(shape: readonly number[], list: readonly string[], random: Random): string {
  const skipped = random.pick([true, false]);
  return `import * as tf from "@tensorflow/tfjs";
function build({ shape }) {
  const input = tf.input({ shape });
  let x = input;
${list.map((layer) => `  x = ${layer}.apply(x);`).join("\n")}
  ${skipped ? "x = tf.layers.add().apply([x, tf.layers.activation({ activation: 'relu' }).apply(x)]);" : ""}
  return tf.model({ inputs: input, outputs: x });
}
export const model = build({ shape: ${JSON.stringify(shape)} });`;
}

function inLoop(shape: readonly number[], list: readonly string[]): string {
  return `const tf = require("@tensorflow/tfjs");
const makers = [${list.map((layer) => `(first) => ${layer.replace(/\(\{/, "({ ...first, ")}`).join(",\n  ")}];
class Builder {
  constructor(shape) { this.shape = shape; this.model = tf.sequential(); }
  build() {
    for (const [i, make] of makers.entries()) this.model.add(make(i === 0 ? { inputShape: this.shape } : {}));
    return this.model;
  }
}
exports.model = new Builder(${JSON.stringify(shape)}).build();`;
}

const withShape = (layer: string, shape: readonly number[]) =>
  layer.replace(/\(\{/, `({ inputShape: ${JSON.stringify(shape)}, `);

/** Layers that fit onto each other, the last of them dense. `shape` has no batch. */
function layers(random: Random, start: readonly number[]): string[] {
  const list: string[] = [];
  let shape = [...start];
  const add = (name: string, settings: Record<string, unknown>, next: readonly number[]) => {
    list.push(`tf.layers.${name}(${JSON.stringify(settings)})`);
    shape = [...next];
  };
  for (let i = random.integer(1, 4); i > 0; i--) {
    const channels = shape.at(-1) ?? 1;
    const space = shape.slice(0, -1);
    const roomy = space.every((size) => size >= 5);
    const filters = random.integer(1, 6);
    if (space.length === 0) add("dense", { units: filters, useBias: random.pick([true, false]) }, [filters]);
    else if (space.length < 3 && (!roomy || random.integer(0, 4) === 0))
      random.pick([
        () => add("batchNormalization", { scale: random.pick([true, false]) }, shape),
        () => add("layerNormalization", { center: random.pick([true, false]) }, shape),
        () => add("dense", { units: filters, activation: random.pick(["relu", "tanh", "selu"]) }, [...space, filters]),
        () => add("dropout", { rate: 0.25 }, shape),
      ])();
    else if (space.length === 1) sequence(random, space, channels, filters, add);
    else if (space.length === 2) image(random, space, channels, filters, add);
    else if (roomy) volume(random, space, channels, filters, add);
  }
  if (shape.length > 1) add("flatten", {}, [shape.reduce((a, b) => a * b, 1)]);
  add("dense", { units: random.integer(1, 9), activation: random.pick(["softmax", "sigmoid", "linear"]) }, [1]);
  return list;
}

type Add = (name: string, settings: Record<string, unknown>, next: readonly number[]) => void;

function slid(random: Random, space: readonly number[]) {
  const kernelSize = space.map(() => random.integer(1, 3));
  const strides = space.map(() => random.integer(1, 2));
  const padding = random.pick(["same", "valid"]);
  const next = space.map((size, i) => {
    const [kernel = 1, stride = 1] = [kernelSize[i], strides[i]];
    return Math.ceil((padding === "same" ? size : size - kernel + 1) / stride);
  });
  return { settings: { kernelSize, strides, padding }, next };
}

function sequence(random: Random, space: readonly number[], channels: number, filters: number, add: Add): void {
  const { settings, next } = slid(random, space);
  const returnSequences = true;
  random.pick([
    () => add("conv1d", { filters, ...settings }, [...next, filters]),
    () => add("simpleRNN", { units: filters, returnSequences }, [...space, filters]),
    () => add("gru", { units: filters, returnSequences, useBias: false }, [...space, filters]),
    () => add("lstm", { units: filters, returnSequences }, [...space, filters]),
    () =>
      add("maxPooling1d", { poolSize: settings.kernelSize, padding: "same", strides: settings.strides }, [
        ...space.map((size, i) => Math.ceil(size / (settings.strides[i] ?? 1))),
        channels,
      ]),
  ])();
}

function image(random: Random, space: readonly number[], channels: number, filters: number, add: Add): void {
  const { settings, next } = slid(random, space);
  const plain = { ...settings, strides: settings.strides[0] ?? 1 };
  const square = space.map((size, i) =>
    Math.ceil((plain.padding === "same" ? size : size - (plain.kernelSize[i] ?? 1) + 1) / plain.strides),
  );
  random.pick([
    () =>
      add("conv2d", { filters, ...settings, activation: random.pick(["relu", "elu", "swish"]) }, [...next, filters]),
    () => add("separableConv2d", { filters, ...plain, depthMultiplier: random.integer(1, 2) }, [...square, filters]),
    () => add("depthwiseConv2d", { ...plain, depthMultiplier: 2 }, [...square, 2 * channels]),
    () => add("zeroPadding2d", { padding: [1, 2] }, [(space[0] ?? 1) + 2, (space[1] ?? 1) + 4, channels]),
    () => add("upSampling2d", { size: [1, 2] }, [space[0] ?? 1, 2 * (space[1] ?? 1), channels]),
    () => add("averagePooling2d", { poolSize: 2, strides: 1 }, [...space.map((size) => size - 1), channels]),
    () =>
      add("conv2dTranspose", { filters, kernelSize: 3, strides: 2, padding: "same" }, [
        ...space.map((n) => 2 * n),
        filters,
      ]),
  ])();
}

function volume(random: Random, space: readonly number[], channels: number, filters: number, add: Add): void {
  const { settings, next } = slid(random, space);
  random.pick([
    () => add("conv3d", { filters, ...settings }, [...next, filters]),
    () => add("maxPooling3d", { poolSize: 2 }, [...space.map((size) => Math.floor(size / 2)), channels]),
    () => add("conv3dTranspose", { filters, kernelSize: 2, strides: 1 }, [...space.map((size) => size + 1), filters]),
  ])();
}
