import type { Quantization, Stored, StoredTensor, Weight } from "./quantization.ts";
import { isSkipped } from "./shared/modules.ts";
import { bitsText, groupsOf, namesOf, numberOf } from "./shared/settings.ts";

/**
 * AWQ: eight 4-bit integers in an int32 along the outputs, a float16 scale and a packed zero point for each group. The zero
 * points are stored whatever `zero_point` says.
 *
 * Every linear layer is converted but those that are named and those that transformers always keeps.
 */
const awq: Quantization = {
  id: "awq",
  name: "AWQ",
  methods: ["awq"],
  sources: [
    "https://github.com/casper-hansen/AutoAWQ/blob/main/awq/modules/linear/gemm.py",
    "https://github.com/casper-hansen/AutoAWQ/blob/main/awq/modules/linear/gemv.py",
  ],
  scheme(settings) {
    const bits = numberOf(settings, settings["bits"] === undefined ? "w_bit" : "bits", 4);
    const group = numberOf(settings, settings["group_size"] === undefined ? "q_group_size" : "group_size", 128);
    if (typeof bits === "string") return bits;
    if (typeof group === "string") return group;
    const version = String(settings["version"] ?? settings["format"] ?? "gemm").toLowerCase();
    if (bits !== 4) return `AWQ packs 4 bits, not ${bits}`;
    if (version !== "gemm" && version !== "gemv") return `AWQ's version "${version}" packs in a way that is not known`;
    const named = namesOf(settings, "modules_to_not_convert");
    return {
      what: bitsText(bits, group),
      bits,
      otherwise: "float16",
      stored(weight, model) {
        if (weight.kind === "embedding" || weight.kind === "conv1d") return undefined;
        if (isSkipped(weight, model, named, true)) return undefined;
        // Eight outputs share a word: other sizes cannot be packed, and are left alone.
        if (weight.outputs % 8 !== 0) return undefined;
        const stored = version === "gemm" ? byColumns(weight, group) : byRows(weight, group);
        if (!weight.path.endsWith(`.${scaled[model.modelType]}`)) return stored;
        return { ...stored, tensors: [...stored.tensors, activationScales(weight)] };
      },
    };
  },
};
export default awq;

/** Layers whose activation is divided by a scale for each output, by family (transformers' `AWQ_SCALES_MAPPINGS`). */
const scaled: Readonly<Record<string, string>> = {
  starcoder2: "c_fc",
  RefinedWebModel: "dense_h_to_4h",
  falcon: "dense_h_to_4h",
  mpt: "up_proj",
  gptj: "fc_in",
  gpt_neox: "dense_h_to_4h",
  gpt_bigcode: "c_fc",
  bloom: "dense_h_to_4h",
};

/** They stand beside the layer, below the activation's own name. */
function activationScales({ outputs }: Weight): StoredTensor {
  return { name: "act.scales", role: "scales", dtype: "float16", shape: [outputs] };
}

function byColumns({ outputs, inputs }: Weight, group: number): Stored {
  const groups = groupsOf(inputs, group);
  return {
    what: bitsText(4, group),
    tensors: [
      { name: "qweight", role: "weights", dtype: "int32", shape: [inputs, Math.floor(outputs / 8)] },
      { name: "qzeros", role: "zero points", dtype: "int32", shape: [groups, Math.floor(outputs / 8)] },
      { name: "scales", role: "scales", dtype: "float16", shape: [groups, outputs] },
    ],
  };
}

/** The layout for products of one vector: rows of zero points are padded to whole words of the kernel's reads. */
function byRows({ outputs, inputs }: Weight, group: number): Stored {
  const words = Math.ceil(groupsOf(inputs, group) / 8);
  const step = group >= 128 || group <= 0 ? 1 : group >= 64 ? 2 : 4;
  const width = Math.ceil(words / step) * step;
  return {
    what: bitsText(4, group),
    tensors: [
      { name: "qweight", role: "weights", dtype: "int32", shape: [outputs, Math.floor(inputs / 8)] },
      { name: "qzeros", role: "zero points", dtype: "int32", shape: [outputs, width] },
      { name: "scales", role: "scales", dtype: "float16", shape: [outputs, 8 * width] },
    ],
  };
}
