/** The files that a model is exported to for transformers.js, and what their weights take in each of its types. */
import { known } from "../base/unknown.ts";
import { bitsPerWeight, dtypeOf, type PipelineUse } from "../tfjs/pipelines.ts";
import type { LayerReport } from "./report.ts";

/** One file with the layers whose weights it holds. */
export interface OnnxFile {
  /** As `dtype` names it: `model`, `encoder_model`, `decoder_model_merged`. */
  readonly name: string;
  /** Layers with weights of their own, tied ones once. */
  readonly layers: readonly LayerReport[];
}

/**
 * How a model is cut: an encoder and a decoder each have a file, an embedding that they share lies in both; a model that sees has
 * its embedding, its eyes and the rest; all others are one file. Heads belong to the decoder.
 *
 * Source: `MODEL_SESSION_CONFIG` of transformers.js.
 */
export function onnxFiles(root: LayerReport): OnnxFile[] {
  const all = allLayers(root);
  const owners = all.filter(({ ownParams }) => (known(ownParams) ?? 1) > 0);
  const counted = owners.reduce((sum, { ownParams }) => sum + (known(ownParams) ?? Number.NaN), 0);
  const ties = counted !== known(root.params);
  const file = (name: string, layers: readonly LayerReport[]): OnnxFile => ({
    name,
    layers: ties ? withoutTied(layers) : layers,
  });
  const below = (path: string) => owners.filter((layer) => layer.path === path || layer.path.startsWith(`${path}.`));
  const encoder = all.find(
    ({ path }) => /(^|\.)encoder$/.test(path) && all.some((one) => one.path === path.replace(/encoder$/, "decoder")),
  );
  if (encoder) {
    const inside = below(encoder.path);
    const decoder = below(encoder.path.replace(/encoder$/, "decoder"));
    const rest = owners.filter((layer) => !inside.includes(layer) && !decoder.includes(layer));
    const shared = rest.filter(isEmbedding);
    const heads = rest.filter((layer) => !isEmbedding(layer));
    return [
      file("encoder_model", [...shared, ...inside]),
      file("decoder_model_merged", [...shared, ...decoder, ...heads]),
    ];
  }
  const eyes = all.filter(({ path }) => /(^|\.)(vision_tower|visual|multi_modal_projector)$/.test(path));
  const embedding = owners.find(({ path }) => /(^|\.)language_model\.(\w+\.)?embed_tokens$/.test(path));
  if (eyes.length === 0 || !embedding) return [file("model", owners)];
  const seen = eyes.flatMap(({ path }) => below(path));
  return [
    file("embed_tokens", [embedding]),
    file("vision_encoder", seen),
    file(
      "decoder_model_merged",
      owners.filter((layer) => layer !== embedding && !seen.includes(layer)),
    ),
  ];
}

/** Bytes of all of a model's weights as a program loads them; undefined where something of it is not known. */
export function onnxBytes(
  root: LayerReport,
  use: Pick<PipelineUse, "dtype" | "dtypes" | "device">,
): number | undefined {
  let total = 0;
  for (const file of onnxFiles(root)) {
    const bytes = fileBytes(file, dtypeOf(use, file.name));
    if (bytes === undefined) return undefined;
    total += bytes;
  }
  return total;
}

/** Bytes of a file's weights in a type. */
export function fileBytes({ layers }: OnnxFile, dtype: string): number | undefined {
  let total = 0;
  for (const layer of layers) {
    const bits = layerBits(layer, dtype);
    const params = known(layer.ownParams);
    if (bits === undefined || params === undefined) return undefined;
    total += (bits * params) / 8;
  }
  return total;
}

/** The weight of a file that takes most bytes in one piece, for ONNX Runtime holds each in a buffer of its own. */
export function largestWeight({ layers }: OnnxFile, dtype: string): { layer: LayerReport; bytes: number } | undefined {
  let largest: { layer: LayerReport; bytes: number } | undefined;
  for (const layer of layers) {
    const bits = layerBits(layer, dtype);
    const params = known(layer.ownParams);
    if (bits === undefined || params === undefined || !(isProduct(layer) || isEmbedding(layer))) continue;
    // The scales of blocks are a tensor of their own.
    const bytes = ((bits < 8 ? 4 : bits) * params) / 8;
    if (bytes > (largest?.bytes ?? 0)) largest = { layer, bytes };
  }
  return largest;
}

/**
 * Bits that each weight of a layer takes. Eight bits are for products, convolutions and embeddings, four for products alone; what
 * is left stays in 32 bits, or in 16 with `q4f16`. Biases are taken as their layer's weights.
 *
 * Source: `scripts/quantize.py` of transformers.js, with `IntegerOpsRegistry` and `MatMul4BitsQuantizer` of ONNX Runtime.
 */
function layerBits(layer: LayerReport, dtype: string): number | undefined {
  const bits = bitsPerWeight[dtype];
  if (bits === undefined || bits >= 16 || isProduct(layer)) return bits;
  const wide = dtype === "q4f16" ? 16 : 32;
  return bits === 8 && (isEmbedding(layer) || /^Conv\dd$/.test(layer.className)) ? bits : wide;
}

function isProduct({ className }: LayerReport): boolean {
  return /(Linear|^Conv1D|Experts)$/.test(className);
}

function isEmbedding({ className }: LayerReport): boolean {
  return /Embedding$/.test(className);
}

/** Layers without those that have the weights of an embedding before them: another embedding's, or the head's. */
function withoutTied(layers: readonly LayerReport[]): LayerReport[] {
  const seen = new Set<number>();
  return layers.filter((layer) => {
    const params = known(layer.ownParams);
    if (params === undefined || !(isEmbedding(layer) || isHead(layer))) return true;
    if (seen.has(params)) return false;
    if (isEmbedding(layer)) seen.add(params);
    return true;
  });
}

function isHead({ path }: LayerReport): boolean {
  return /(^|\.)(lm_head|proj_out|embed_out|decoder|output_projection)$/.test(path);
}

function allLayers(layer: LayerReport): LayerReport[] {
  return [layer, ...layer.children.flatMap(allLayers)];
}
