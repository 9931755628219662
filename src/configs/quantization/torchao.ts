import type { Quantization, Settings, Stored, StoredTensor, Weight } from "./quantization.ts";
import { isSkipped } from "./shared/modules.ts";
import { bitsText, groupsOf, isObject, namesOf, partOf } from "./shared/settings.ts";

/**
 * torchao: int4 in groups with a scale and a zero point each in bfloat16, int8 with a scale for each output, or float8 with one
 * for each output or tensor. Its older int8 tensors hold an int64 zero point for each output as well.
 */
const torchao: Quantization = {
  id: "torchao",
  name: "torchao",
  methods: ["torchao"],
  sources: [
    "https://github.com/pytorch/ao/blob/main/torchao/quantization/quant_api.py",
    "https://github.com/pytorch/ao/tree/main/torchao/quantization/quantize_/workflows",
  ],
  scheme(settings) {
    const type = typeOf(settings);
    if (typeof type === "string") return type;
    const named = namesOf(settings, "modules_to_not_convert");
    const isAll = settings["include_input_output_embeddings"] === true;
    return {
      what: type.what,
      bits: type.bits,
      otherwise: "bfloat16",
      stored(weight, model) {
        if (weight.kind === "conv1d" || (weight.kind === "experts" && !model.separateExperts)) return undefined;
        if (weight.kind === "embedding" && !isAll) return undefined;
        const kept = { ...model, usuallyKept: isAll ? [] : model.usuallyKept };
        return isSkipped(weight, kept, named) ? undefined : { what: type.what, tensors: type.tensors(weight) };
      },
    };
  },
};
export default torchao;

interface Type {
  readonly what: string;
  readonly bits: number;
  readonly tensors: (weight: Weight) => Stored["tensors"];
}

/** `int4_weight_only`, or an object `{ default: { _type: "Int4WeightOnlyConfig", _data } }`, as a type. */
function typeOf(settings: Settings): Type | string {
  const given = settings["quant_type"];
  const inner = isObject(given) ? (isObject(given["default"]) ? given["default"] : given) : undefined;
  const name = String(inner?.["_type"] ?? given);
  const values = inner ? partOf(inner, "_data") : partOf(settings, "quant_type_kwargs");
  const version = Number(values["version"] ?? inner?.["_version"] ?? 1);
  const plain = name.toLowerCase().replaceAll(/_|config$/g, "");
  switch (plain) {
    case "int4weightonly":
      return int4(values, version);
    case "int8weightonly":
    case "int8dynamicactivationint8weight":
      return Number(values["group_size"] ?? 0) > 0 ? `${name} in groups is not known` : int8(version);
    case "float8weightonly":
      return float8("a scale for each output", ({ outputs }) => [outputs, 1]);
    case "float8dynamicactivationfloat8weight":
      return JSON.stringify(values["granularity"] ?? "").includes("PerRow")
        ? float8("a scale for each output", ({ outputs }) => [outputs, 1])
        : float8("a scale for each tensor", () => []);
    default:
      return `torchao's ${name} is not known`;
  }
}

function int4(values: Settings, version: number): Type {
  const group = Number(values["group_size"] ?? 128);
  // The first version packs tiles of 8 × 1024 for tensor cores.
  const [rows, columns] = version === 1 ? [8, 1024] : [1, 1];
  const padded = (size: number, step: number) => Math.ceil(size / step) * step;
  return {
    what: bitsText(4, group),
    bits: 4,
    tensors: ({ outputs, inputs }) => {
      const [all, each] = [padded(outputs, rows), padded(inputs, columns)];
      return [
        { name: "weight_qdata", role: "weights", dtype: "uint8", shape: [all, each / 2] },
        { name: "weight_scale", role: "scales", dtype: "bfloat16", shape: [groupsOf(each, group), all] },
        { name: "weight_zero_point", role: "zero points", dtype: "bfloat16", shape: [groupsOf(each, group), all] },
      ];
    },
  };
}

function int8(version: number): Type {
  return {
    what: "8-bit, a scale for each output",
    bits: 8,
    tensors: ({ outputs, inputs, dtype }) => [
      { name: "weight_qdata", role: "weights", dtype: "int8", shape: [outputs, inputs] },
      { name: "weight_scale", role: "scales", dtype, shape: version === 1 ? [outputs] : [outputs, 1] },
      ...(version === 1
        ? [{ name: "weight_zero_point", role: "zero points", dtype: "int64", shape: [outputs] } as const]
        : []),
    ],
  };
}

function float8(what: string, scales: (weight: Weight) => StoredTensor["shape"]): Type {
  return {
    what: `8-bit float, ${what}`,
    bits: 8,
    tensors: (weight) => [
      { name: "weight_qdata", role: "weights", dtype: "float8_e4m3fn", shape: [weight.outputs, weight.inputs] },
      { name: "weight_scale", role: "scales", dtype: "float32", shape: scales(weight) },
    ],
  };
}
