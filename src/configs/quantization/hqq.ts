import type { DType } from "../../tensor/dtype.ts";
import type { Quantization, Settings, Stored, StoredTensor, Weight } from "./quantization.ts";
import { bitsText, isObject, namesOf, partOf } from "./shared/settings.ts";

/**
 * HQQ: integers packed along the groups' first axis (two 4-bit or four 2-bit ones in a byte, ten 3-bit ones in an int32), with a
 * scale and a zero point for each group in the type that it computes in. Either can be quantized in turn.
 */
const hqq: Quantization = {
  id: "hqq",
  name: "HQQ",
  methods: ["hqq"],
  sources: [
    "https://github.com/mobiusml/hqq/blob/master/hqq/core/quantize.py",
    "https://github.com/mobiusml/hqq/blob/master/hqq/core/bitpack.py",
  ],
  scheme(settings) {
    // Hand-written settings stand in the object itself, those that the library saves below `quant_config`.
    const whole = isObject(settings["quant_config"]) ? settings["quant_config"] : {};
    const one = isObject(whole["weight_quant_params"]) ? whole : undefined;
    const byTag = one || Object.keys(whole).length === 0 ? undefined : whole;
    const fault = byTag ? undefined : faultOf(paramsOf(one ?? settings));
    if (fault) return fault;
    const skipped = namesOf(settings, "skip_modules") ?? ["lm_head"];
    const { bits, group } = paramsOf(one ?? settings);
    return {
      what: byTag ? "each kind of layer in bits of its own" : bitsText(bits, group),
      bits: byTag ? undefined : bits,
      stored(weight, { separateExperts }) {
        if (weight.kind === "embedding" || weight.kind === "conv1d") return undefined;
        if (weight.kind === "experts" && !separateExperts) return undefined;
        const tag = tagOf(weight.path);
        if (skipped.includes(tag) || skipped.some((name) => weight.path.includes(name))) return undefined;
        const own = byTag ? byTag[tag] : (one ?? settings);
        if (!isObject(own)) return undefined;
        const params = paramsOf(own);
        return faultOf(params) ?? packed(weight, params);
      },
    };
  },
};
export default hqq;

/** `model.layers.31.self_attn.k_proj` is tagged `self_attn.k_proj`. */
function tagOf(path: string): string {
  return path
    .split(".")
    .filter((name) => name !== "model" && name !== "layers" && !/^\d+$/.test(name))
    .join(".");
}

interface Params {
  readonly bits: number;
  /** 0: a row is one group. */
  readonly group: number;
  readonly axis: number;
  /** Settings of scales and zero points where they are quantized too. */
  readonly scales: Settings | undefined;
  readonly zeros: Settings | undefined;
}

function paramsOf(given: Settings): Params {
  const inner = isObject(given["weight_quant_params"]) ? given["weight_quant_params"] : given;
  return {
    bits: Number(inner["nbits"] ?? 4),
    group: inner["group_size"] === null ? 0 : Number(inner["group_size"] ?? 64),
    axis: Number(inner["axis"] ?? 1),
    scales: isObject(given["scale_quant_params"]) ? partOf(given, "scale_quant_params") : undefined,
    zeros: isObject(given["zero_quant_params"]) ? partOf(given, "zero_quant_params") : undefined,
  };
}

function faultOf({ bits, group, axis }: Params): string | undefined {
  if (![8, 4, 3, 2, 1].includes(bits)) return `HQQ packs 8, 4, 3, 2 or 1 bits, not ${bits}`;
  if (axis !== 0 && axis !== 1) return `HQQ's axis is 0 or 1, not ${axis}`;
  return Number.isInteger(group) && group >= 0 ? undefined : `HQQ's group_size is ${group}`;
}

function packed({ outputs, inputs, dtype }: Weight, { bits, group, axis, scales, zeros }: Params): Stored {
  const size = group > 0 ? group : axis === 1 ? inputs : outputs;
  const groups = (outputs * inputs) / size;
  const [rows, columns] = axis === 1 ? [groups, size] : [size, groups];
  const each = { 8: 1, 4: 2, 3: 10, 2: 4, 1: 8 }[bits] ?? 1;
  const steps = axis === 1 ? [groups, 1] : [1, groups];
  return {
    what: bitsText(bits, group),
    tensors: [
      {
        name: "W_q",
        role: "weights",
        dtype: bits === 3 ? "int32" : "uint8",
        shape: [Math.ceil(rows / each), columns],
      },
      ...steppedBy("scale", "scales", steps, dtype, scales),
      ...steppedBy("zero", "zero points", steps, dtype, zeros),
    ],
  };
}

/** One number for each group, in the type of the products or in 8 bits with scales of its own. */
function steppedBy(
  name: "scale" | "zero",
  role: "scales" | "zero points",
  shape: readonly number[],
  dtype: DType,
  params: Settings | undefined,
): StoredTensor[] {
  if (!params) return [{ name, role, dtype, shape }];
  const count = shape.reduce((all, one) => all * one, 1);
  const group = Number(params["group_size"] ?? 0);
  const groups = params["channel_wise"] === false ? 1 : group > 0 ? Math.ceil(count / group) : 1;
  return [
    { name: `${name}_q`, role, dtype: "uint8", shape: [count] },
    { name: `meta_${name}.scale`, role, dtype, shape: [groups, 1] },
    { name: `meta_${name}.zero`, role, dtype, shape: [groups, 1] },
  ];
}
