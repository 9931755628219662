import type { DType } from "../../tensor/dtype.ts";
import type { Quantization, Settings, Stored, Weight } from "./quantization.ts";
import { isNamed, isSkipped } from "./shared/modules.ts";
import { namesOf } from "./shared/settings.ts";

/**
 * FP8: float8_e4m3fn with a float32 scale for each block of 128 × 128 (DeepSeek-V3's), or for each tensor. `ue8m0` scales are
 * single bytes. Where activations have a fixed scale, a layer stores that as well.
 */
const fp8: Quantization = {
  id: "fp8",
  name: "FP8",
  methods: ["fp8"],
  sources: [
    "https://arxiv.org/abs/2412.19437",
    "https://github.com/huggingface/transformers/blob/main/src/transformers/integrations/finegrained_fp8.py",
  ],
  scheme(settings) {
    if (settings["dequantize"] === true) return { what: "dequantized when loaded", bits: 16, stored: () => undefined };
    const block = blockOf(settings);
    if (typeof block === "string") return block;
    const named = namesOf(settings, "modules_to_not_convert", "ignored_layers");
    const tables = namesOf(settings, "modules_to_convert") ?? [];
    const scale: DType = settings["scale_fmt"] === "ue8m0" ? "uint8" : "float32";
    const isStatic = settings["activation_scheme"] === "static";
    const what = block ? `8-bit float in blocks of ${block[0]} × ${block[1]}` : "8-bit float, a scale for each tensor";
    return {
      what,
      bits: 8,
      stored(weight, model) {
        if (weight.kind === "conv1d" || isSkipped(weight, model, named)) return undefined;
        if (weight.kind === "embedding") return isNamed(weight.path, tables) ? table(weight) : undefined;
        if (weight.kind === "linear" && !weight.plain && !/GroupedLinear/.test(weight.className)) return undefined;
        return inBlocks(weight, what, block, scale, isStatic);
      },
    };
  },
};
export default fp8;

/** Rows and columns of a block; undefined: a tensor has one scale. Checkpoints with fixed scales of activations are older than blocks. */
function blockOf(settings: Settings): readonly [number, number] | undefined | string {
  const given = settings["weight_block_size"];
  if (given === null) return undefined;
  if (given === undefined)
    return settings["activation_scheme"] === "static" || settings["ignored_layers"] !== undefined
      ? undefined
      : [128, 128];
  const [rows, columns, ...more] = Array.isArray(given) ? given : [];
  if (typeof rows !== "number" || typeof columns !== "number" || rows <= 0 || columns <= 0 || more.length > 0)
    return `weight_block_size is ${JSON.stringify(given)}, not two sizes`;
  return [rows, columns];
}

function inBlocks(
  { outputs, inputs }: Weight,
  what: string,
  block: readonly [number, number] | undefined,
  scale: DType,
  isStatic: boolean,
): Stored {
  return {
    what,
    tensors: [
      { name: "weight", role: "weights", dtype: "float8_e4m3fn", shape: [outputs, inputs] },
      block
        ? {
            name: "weight_scale_inv",
            role: "scales",
            dtype: scale,
            shape: [Math.ceil(outputs / block[0]), Math.ceil(inputs / block[1])],
          }
        : { name: "weight_scale", role: "scales", dtype: "float32", shape: [] },
      ...(isStatic ? [{ name: "input_scale", role: "scales", dtype: "float32", shape: [] } as const] : []),
    ],
  };
}

function table({ outputs, inputs }: Weight): Stored {
  return {
    what: "8-bit float, a scale for the table",
    tensors: [
      { name: "weight", role: "weights", dtype: "float8_e4m3fn", shape: [outputs, inputs] },
      { name: "weight_scale", role: "scales", dtype: "float32", shape: [1] },
    ],
  };
}
