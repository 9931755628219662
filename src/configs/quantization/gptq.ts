import type { Quantization, Settings, Stored, Weight } from "./quantization.ts";
import { isNamed, startMatches } from "./shared/modules.ts";
import { bitsText, groupsOf, isObject, namesOf, numberOf } from "./shared/settings.ts";

/**
 * GPTQ: integers packed into int32 along the inputs, a float16 scale and a packed zero point for each group, and the group of
 * each input (`g_idx`), which is stored with and without `desc_act`.
 *
 * Linear layers of the repeated blocks are converted; the head only where `lm_head` says so.
 */
const gptq: Quantization = {
  id: "gptq",
  name: "GPTQ",
  methods: ["gptq"],
  sources: [
    "https://github.com/AutoGPTQ/AutoGPTQ/blob/main/auto_gptq/nn_modules/qlinear/qlinear_exllama.py",
    "https://github.com/ModelCloud/GPTQModel/blob/main/gptqmodel/nn_modules/qlinear/__init__.py",
  ],
  scheme(settings) {
    const bits = numberOf(settings, "bits", 4);
    const group = numberOf(settings, "group_size", 128);
    if (typeof bits === "string") return bits;
    if (typeof group === "string") return group;
    const format = settings["checkpoint_format"] ?? settings["format"] ?? "gptq";
    if (format !== "gptq" && format !== "gptq_v2") return `GPTQ's format ${JSON.stringify(format)} is not known`;
    if (![2, 3, 4, 8].includes(bits)) return `GPTQ packs 2, 3, 4 or 8 bits, not ${bits}`;
    const skipped = namesOf(settings, "modules_to_not_convert") ?? [];
    const [block] = namesOf(settings, "block_name_to_quantize") ?? [];
    const chosen = chosenModules(settings);
    const dynamic = isObject(settings["dynamic"]) ? Object.entries(settings["dynamic"]) : [];
    return {
      what: bitsText(bits, group),
      bits,
      otherwise: "float16",
      stored(weight, model) {
        const { path, kind, inputs, outputs } = weight;
        // The kernels take no other sizes, so that such layers are left alone.
        if (inputs % 32 !== 0 || outputs % 32 !== 0) return undefined;
        if (kind === "embedding" || isNamed(path, skipped)) return undefined;
        const inBlock = block === undefined ? ofText.test(path) : path.startsWith(`${block}.`);
        if (!inBlock && (settings["lm_head"] !== true || !isNamed(path, model.usuallyKept))) return undefined;
        if (
          inBlock &&
          chosen &&
          !chosen.some((name) => path.endsWith(`.${name}`) || (kind === "experts" && name.includes("experts")))
        )
          return undefined;
        // The first pattern that fits counts: `-:` leaves a module alone, `+:` or none gives it settings of its own.
        const own = dynamic.find(([pattern]) => startMatches(path, pattern.replace(/^[+-]:/, "")));
        if (own?.[0].startsWith("-:")) return undefined;
        const given = isObject(own?.[1]) ? own[1] : {};
        const ownBits = numberOf(given, "bits", bits);
        const ownGroup = numberOf(given, "group_size", group);
        if (typeof ownBits === "string" || typeof ownGroup === "string") return `${own?.[0]}: not a number`;
        return packed(weight, ownBits, ownGroup);
      },
    };
  },
};
export default gptq;

/** A layer in a numbered block; towers for images and sound are left alone. */
const ofText = /^(?!.*(?:vision|visual|image|audio)).*\.\d+\./;

/** Names of modules in a block, where only some are converted. */
function chosenModules(settings: Settings): readonly string[] | undefined {
  const lists = settings["modules_in_block_to_quantize"];
  return Array.isArray(lists) ? lists.flat().filter((name) => typeof name === "string") : undefined;
}

function packed({ outputs, inputs }: Weight, bits: number, group: number): Stored {
  const groups = groupsOf(inputs, group);
  return {
    what: bitsText(bits, group),
    tensors: [
      { name: "qweight", role: "weights", dtype: "int32", shape: [Math.floor(inputs / 32) * bits, outputs] },
      { name: "qzeros", role: "zero points", dtype: "int32", shape: [groups, Math.floor(outputs / 32) * bits] },
      { name: "scales", role: "scales", dtype: "float16", shape: [groups, outputs] },
      { name: "g_idx", role: "column order", dtype: "int32", shape: [inputs] },
    ],
  };
}
