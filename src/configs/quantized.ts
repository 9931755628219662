/** A model's weights stored as its config's `quantization_config` says. */
import records from "every:quantization";
import { known, Unknown } from "../base/unknown.ts";
import { PyInstance, PyList } from "../python/values.ts";
import { type DType, isFloating, itemBytes } from "../tensor/dtype.ts";
import { elements, type KeptWeight, type Storage, type Tensor } from "../tensor/tensor.ts";
import type { BuiltLayer } from "../torch/modelTree.ts";
import type {
  Outline,
  Quantization,
  Scheme,
  Settings,
  Stored,
  StoredTensor,
  Weight,
} from "./quantization/quantization.ts";
import { isNamed } from "./quantization/shared/modules.ts";
import { isObject } from "./quantization/shared/settings.ts";

/** A quantization that a config asks for. */
export interface Asked {
  /** `AWQ`, or what the file calls it. */
  readonly name: string;
  /** Undefined where the method or its settings are not known; then `fault` says what. */
  readonly scheme: Scheme | undefined;
  readonly fault: string | undefined;
  /** The key that the fault is about, below `quantization_config`. */
  readonly settings: Settings;
}

/** What became of a model's weights. */
export interface Quantized {
  readonly name: string;
  /** `4-bit in groups of 128`. */
  readonly what: string;
  /** `4-bit AWQ`: the type of the weights in a few characters. */
  readonly short: string;
  /** Layers whose weights are converted, as the checkpoint has them. */
  readonly converted: readonly ConvertedWeight[];
  /** Paths of matrices that keep their type, numbers of blocks left out, each with how many they are. */
  readonly keptWhole: ReadonlyMap<string, number>;
  /** Bytes of the converted weights, by what they are for. */
  readonly parts: ReadonlyMap<string, number>;
  /** Why the bytes are not vouched for. */
  readonly faults: readonly string[];
}

export interface ConvertedWeight {
  readonly layer: string;
  readonly name: string;
  readonly weight: Weight;
  readonly stored: Stored;
}

/** The config's quantization; undefined where it asks for none. Text parts of multimodal models may hold their own. */
export function quantizationOf(config: Settings | undefined): Asked | undefined {
  const settings = [config, config?.["text_config"], config?.["llm_config"]]
    .map((one) => (isObject(one) ? (one["quantization_config"] ?? one["compression_config"]) : undefined))
    .find(isObject);
  if (!settings) return undefined;
  const method = String(settings["quant_method"] ?? "bitsandbytes");
  const record = recordOf(method);
  if (!record) return { name: method, scheme: undefined, fault: `quant_method "${method}" is not known`, settings };
  const scheme = record.scheme(settings);
  return typeof scheme === "string"
    ? { name: record.name, scheme: undefined, fault: scheme, settings }
    : { name: record.name, scheme, fault: undefined, settings };
}

/** The type of weights that are not quantized, where only the method says it. */
export function typeBesides(config: Settings | undefined): string | undefined {
  const asked = quantizationOf(config);
  return asked && (asked.scheme?.otherwise ?? "bfloat16");
}

function recordOf(method: string): Quantization | undefined {
  return records.map(({ record }) => record).find(({ methods }) => methods.includes(method));
}

/**
 * Marks the weights of a built model as they are stored; converted layers are not trained. `config` is the file's object, which
 * says by which library it was written.
 */
export function quantize(tree: BuiltLayer, asked: Asked, config: Settings): Quantized {
  const { name, scheme, fault } = asked;
  const converted: ConvertedWeight[] = [];
  const keptWhole = new Map<string, number>();
  const parts = new Map<string, number>();
  const faults = new Set(fault === undefined ? [] : [fault]);
  const outline = outlineOf(tree, config);
  const shared = sharedStorages(tree);
  for (const { layer, parameter, tensor, weight } of weightsOf(tree)) {
    const stored = scheme && !shared.has(tensor.storage) ? scheme.stored(weight, outline) : undefined;
    if (typeof stored === "string") faults.add(`${weight.path}: ${stored}`);
    if (!stored || typeof stored === "string") {
      const folded = weight.path.replaceAll(/(?<=^|\.)\d+(?=\.|$)/g, "*");
      keptWhole.set(folded, (keptWhole.get(folded) ?? 0) + 1);
      if (isNamed(weight.path, outline.keptWide)) markAs(tensor, "float32");
      continue;
    }
    const kept = keptOf(stored, weight.matrices);
    tensor.storage.kept = kept;
    const dense = known(tensor.storage.bytes);
    if (dense) tensor.storage.keptShare = kept.bytes / dense;
    for (const one of layer.parameters) one.tensor.requiresGrad = false;
    for (const [role, bytes] of kept.parts) parts.set(role, (parts.get(role) ?? 0) + bytes);
    converted.push({ layer: layer.path, name: parameter, weight, stored });
  }
  const what = scheme?.what ?? "";
  const short = scheme?.bits === undefined ? name : shortName(name, scheme.bits);
  return { name, what, short, converted, keptWhole, parts, faults: [...faults] };
}

const shortName = (name: string, bits: number) => (/\d/.test(name) ? name : `${bits}-bit ${name}`);

/** Bytes of one tensor of a checkpoint. */
export function tensorBytes({ shape, dtype }: Pick<StoredTensor, "shape" | "dtype">): number {
  return shape.reduce((all, one) => all * one, 1) * itemBytes(dtype);
}

function keptOf({ what, tensors }: Stored, matrices: number): KeptWeight {
  const parts = new Map<string, number>();
  for (const one of tensors) {
    if (one.fileOnly) continue;
    parts.set(one.role, (parts.get(one.role) ?? 0) + matrices * tensorBytes(one));
  }
  return { bytes: [...parts.values()].reduce((sum, one) => sum + one, 0), what, parts };
}

function markAs({ storage, shape }: Tensor, dtype: DType): void {
  const count = known(elements(shape));
  const dense = known(storage.bytes);
  if (count === undefined || !dense) return;
  const bytes = count * itemBytes(dtype);
  storage.kept = { bytes, what: dtype, parts: new Map([["weights", bytes]]) };
  storage.keptShare = bytes / dense;
}

interface Candidate {
  readonly layer: BuiltLayer;
  readonly parameter: string;
  readonly tensor: Tensor;
  readonly weight: Weight;
}

/** The matrices of linear layers, of experts, and the tables of embeddings. */
function* weightsOf(layer: BuiltLayer): Generator<Candidate> {
  const matrices = layer.parameters.map(({ tensor }) => sizesOf(tensor));
  for (const [i, { name, tensor }] of layer.parameters.entries()) {
    const weight = weightOf(layer, name, matrices[i], matrices);
    if (weight && isFloating(tensor.dtype))
      yield { layer, parameter: name, tensor, weight: { ...weight, dtype: tensor.dtype } };
  }
  for (const child of layer.children) yield* weightsOf(child);
}

function weightOf(
  { path, className, module }: BuiltLayer,
  name: string,
  sizes: readonly number[] | undefined,
  all: readonly (readonly number[] | undefined)[],
): Omit<Weight, "dtype"> | undefined {
  const classes = module instanceof PyInstance ? module.cls.mro.map((one) => one.name) : [className];
  const [first = 0, second = 0, third = 0] = sizes ?? [];
  const one = { path, className, plain: className === "Linear", matrices: 1 };
  if (sizes?.length === 2 && name === "weight") {
    if (classes.includes("Linear")) return { ...one, kind: "linear", outputs: first, inputs: second };
    if (classes.includes("Conv1D")) return { ...one, kind: "conv1d", outputs: second, inputs: first };
    if (classes.includes("Embedding")) return { ...one, kind: "embedding", outputs: first, inputs: second };
  }
  if (sizes?.length !== 3 || !/experts?$/i.test(className) || /bias/.test(name)) return undefined;
  const products = all.filter((matrix) => matrix?.length === 3);
  const [into, back] = [products[0], products.at(-1)];
  // Rows are outputs unless the first product's columns are what the second one gives.
  const isTransposed =
    into !== undefined && back !== undefined && products.length > 1 && into[2] !== back[1] && into[1] === back[2];
  const [rows, columns] = isTransposed ? [third, second] : [second, third];
  const halves = /gate_up|input_linear|w13/.test(`${path}.${name}`) ? 2 : 1;
  return { ...one, kind: "experts", matrices: first * halves, outputs: rows / halves, inputs: columns };
}

function outlineOf(tree: BuiltLayer, config: Settings): Outline {
  const shared = sharedStorages(tree);
  const tied: string[] = [];
  let last = "";
  const tables = new Set<number>();
  const heads: string[] = [];
  const seen = new Set<Tensor>();
  const walk = (layer: BuiltLayer) => {
    for (const { name, tensor } of layer.parameters) {
      const path = layer.path ? `${layer.path}.${name}` : name;
      if (shared.has(tensor.storage)) tied.push(path.replace(/\.weight$/, ""));
      if (!seen.has(tensor)) last = path.replace(/\.weight$/, "");
      seen.add(tensor);
      const rows = sizesOf(tensor)?.[0] ?? 0;
      if (/Embedding$/.test(layer.className)) tables.add(rows);
      else if (name === "weight" && /Linear$/.test(layer.className) && tables.has(rows) && !/\.\d+\./.test(path))
        heads.push(layer.path);
    }
    for (const child of layer.children) walk(child);
  };
  walk(tree);
  const { model_type: modelType } = config;
  const major = Number.parseInt(String(config["transformers_version"] ?? ""), 10);
  return {
    modelType: typeof modelType === "string" ? modelType : "",
    usuallyKept: [...new Set([...tied, last, ...heads])],
    keptWide: keptWide(tree, config),
    separateExperts: major < 5,
  };
}

/** `_keep_in_fp32_modules` of the model's class; our own definitions say the same of T5's family. */
function keptWide({ module }: BuiltLayer, config: Settings): readonly string[] {
  const named = module instanceof PyInstance ? module.cls.lookup("_keep_in_fp32_modules") : undefined;
  if (named instanceof PyList) return named.items.filter((one) => typeof one === "string");
  return /^(u?m?t5|pop2piano|udop)$/.test(String(config["model_type"])) ? ["wo"] : [];
}

function sharedStorages(tree: BuiltLayer): ReadonlySet<Storage> {
  const seen = new Set<Storage>();
  const twice = new Set<Storage>();
  const walk = ({ parameters, children }: BuiltLayer) => {
    for (const { tensor } of parameters) (seen.has(tensor.storage) ? twice : seen).add(tensor.storage);
    for (const child of children) walk(child);
  };
  walk(tree);
  return twice;
}

function sizesOf({ shape }: Tensor): readonly number[] | undefined {
  const sizes = shape.map((size) => elements([size]));
  return sizes.some((size) => size instanceof Unknown) ? undefined : (sizes as number[]);
}
