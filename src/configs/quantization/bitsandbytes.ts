import type { DType } from "../../tensor/dtype.ts";
import type { Outline, Quantization, Settings, Stored, Weight } from "./quantization.ts";
import { isSkipped } from "./shared/modules.ts";
import { namesOf } from "./shared/settings.ts";

/**
 * bitsandbytes: int8 with a float32 scale for each output (LLM.int8()), or two 4-bit numbers in a byte with a float32 scale for
 * each 64 (NF4, FP4); with double quantization those scales are 8-bit numbers, of which 256 share a float32 one.
 */
const bitsandbytes: Quantization = {
  id: "bitsandbytes",
  name: "bitsandbytes",
  methods: ["bitsandbytes", "bitsandbytes_4bit", "bitsandbytes_8bit"],
  sources: [
    "https://github.com/bitsandbytes-foundation/bitsandbytes/blob/main/bitsandbytes/functional.py",
    "https://github.com/bitsandbytes-foundation/bitsandbytes/blob/main/bitsandbytes/nn/modules.py",
  ],
  scheme(settings) {
    const is8 = settings["load_in_8bit"] === true || settings["_load_in_8bit"] === true;
    const is4 = settings["load_in_4bit"] === true || settings["_load_in_4bit"] === true;
    if (is8 === is4) return "bitsandbytes' settings ask for one of load_in_8bit and load_in_4bit";
    const skipped = namesOf(settings, "llm_int8_skip_modules");
    const converts = (weight: Weight, model: Outline) => {
      if (weight.kind === "embedding") return false;
      if (weight.kind === "experts" && (!model.separateExperts || /GptOss|Parallel|Dbrx/.test(weight.className)))
        return false;
      return (weight.kind !== "linear" || weight.plain || model.separateExperts) && !isSkipped(weight, model, skipped);
    };
    if (is8)
      return {
        what: "8-bit, a scale for each output",
        bits: 8,
        stored: (weight, model) => (converts(weight, model) ? int8(weight) : undefined),
      };
    const kind = settings["bnb_4bit_quant_type"] ?? "fp4";
    if (kind !== "nf4" && kind !== "fp4") return `bnb_4bit_quant_type is ${JSON.stringify(kind)}, not "nf4" or "fp4"`;
    const storage = storageType(settings["bnb_4bit_quant_storage"] ?? "uint8");
    if (!storage)
      return `bnb_4bit_quant_storage is ${JSON.stringify(settings["bnb_4bit_quant_storage"])}, which is no type`;
    return {
      what: `4-bit ${kind} in groups of 64${isDouble(settings) ? ", scales in 8 bits" : ""}`,
      bits: 4,
      stored: (weight, model) =>
        converts(weight, model) ? fourBits(weight, kind, storage, isDouble(settings)) : undefined,
    };
  },
};
export default bitsandbytes;

const isDouble = (settings: Settings) => settings["bnb_4bit_use_double_quant"] === true;

function int8({ outputs, inputs }: Weight): Stored {
  return {
    what: "8-bit, a scale for each output",
    tensors: [
      { name: "weight", role: "weights", dtype: "int8", shape: [outputs, inputs] },
      { name: "SCB", role: "scales", dtype: "float32", shape: [outputs] },
      { name: "weight_format", role: "code tables", dtype: "uint8", shape: [], fileOnly: true },
    ],
  };
}

/** Elements are packed in whatever type `bnb_4bit_quant_storage` names; the bytes stay the same, up to the last element. */
function fourBits({ outputs, inputs }: Weight, kind: string, storage: StorageType, double: boolean): Stored {
  const blocks = Math.ceil((outputs * inputs) / 64);
  const words = Math.ceil(Math.ceil((outputs * inputs) / 2) / storage.bytes);
  const scales: Stored["tensors"] = double
    ? [
        { name: "weight.absmax", role: "scales", dtype: "uint8", shape: [blocks] },
        { name: "weight.nested_absmax", role: "scales", dtype: "float32", shape: [Math.ceil(blocks / 256)] },
        { name: "weight.nested_quant_map", role: "code tables", dtype: "float32", shape: [256] },
      ]
    : [{ name: "weight.absmax", role: "scales", dtype: "float32", shape: [blocks] }];
  return {
    what: `4-bit ${kind} in groups of 64`,
    tensors: [
      { name: "weight", role: "weights", dtype: storage.dtype, shape: [words, 1] },
      ...scales,
      { name: "weight.quant_map", role: "code tables", dtype: "float32", shape: [16] },
    ],
  };
}

interface StorageType {
  readonly dtype: DType;
  readonly bytes: number;
}

function storageType(name: unknown): StorageType | undefined {
  const types: Readonly<Record<string, number>> = {
    uint8: 1,
    int8: 1,
    float16: 2,
    bfloat16: 2,
    float32: 4,
    float64: 8,
  };
  const bytes = types[String(name)];
  return bytes === undefined ? undefined : { dtype: String(name) as DType, bytes };
}
