import type { DType } from "../../tensor/dtype.ts";
import type { Quantization, Settings, Stored, StoredTensor, Weight } from "./quantization.ts";
import { isTarget } from "./shared/modules.ts";
import { bitsText, groupsOf, isObject, namesOf, partOf } from "./shared/settings.ts";

/**
 * compressed-tensors (llm-compressor): groups of layers, each with its own scheme. Integers below 8 bits are packed into int32
 * along the inputs, others stand as int8 or float8_e4m3fn; scales have the model's type, one for each group, output, block or tensor.
 */
const compressedTensors: Quantization = {
  id: "compressed-tensors",
  name: "compressed-tensors",
  methods: ["compressed-tensors"],
  sources: [
    "https://github.com/neuralmagic/compressed-tensors/tree/main/src/compressed_tensors/compressors",
    "https://github.com/neuralmagic/compressed-tensors/blob/main/src/compressed_tensors/quantization/lifecycle/initialize.py",
  ],
  scheme(settings) {
    const groups = Object.values(partOf(settings, "config_groups")).filter(isObject);
    if (groups.length === 0) return "compressed-tensors' config_groups names no scheme";
    const ignored = namesOf(settings, "ignore") ?? [];
    const formats = groups.map((group) => formatOf(settings, group));
    const fault = formats.find((one) => typeof one === "string");
    if (fault) return fault;
    const [first] = formats as Format[];
    const isMixed = (formats as Format[]).some(({ what }) => what !== first?.what);
    return {
      what: isMixed ? "several schemes" : (first?.what ?? ""),
      bits: isMixed ? undefined : first?.bits,
      stored(weight) {
        if (weight.kind === "embedding" || ignored.some((target) => isTarget(weight, target))) return undefined;
        const at = groups.findIndex((group) =>
          (namesOf(group, "targets") ?? []).some((target) => isTarget(weight, target)),
        );
        return at < 0 ? undefined : storedAs(weight, formats[at] as Format);
      },
    };
  },
};
export default compressedTensors;

interface Format {
  readonly what: string;
  readonly kind: "packed" | "int" | "float" | "nvfp4" | "mxfp4" | "dense";
  readonly bits: number;
  readonly strategy: string;
  readonly group: number;
  readonly block: readonly [number, number];
  readonly symmetric: boolean;
  /** Inputs are ordered by how much they matter, and their groups stored. */
  readonly ordered: boolean;
  /** Activations have a scale that is stored, and a zero point where it is not symmetric. */
  readonly inputScales: number;
}

/** A group's scheme; a sentence where it is not known. */
function formatOf(settings: Settings, group: Settings): Format | string {
  const weights = partOf(group, "weights");
  const inputs = partOf(group, "input_activations");
  const bits = weights["num_bits"];
  if (typeof bits !== "number") return "a group of compressed-tensors says no num_bits of its weights";
  const strategy = String(weights["strategy"] ?? (weights["group_size"] ? "group" : "tensor"));
  const size = Number(weights["group_size"] ?? 0);
  const [rows, columns] = Array.isArray(weights["block_structure"]) ? weights["block_structure"].map(Number) : [];
  const name = String(group["format"] ?? settings["format"] ?? "dense");
  const kind = kindOf(name, settings, weights["type"], bits);
  if (!kind) return `compressed-tensors' format "${name}" is not known`;
  if (!["tensor", "channel", "group", "tensor_group", "block"].includes(strategy))
    return `compressed-tensors' strategy "${strategy}" is not known`;
  if (strategy === "block" && !(rows && columns)) return "a block strategy without block_structure";
  if (/group/.test(strategy) && !(size > 0)) return `group_size is ${size}, but the strategy is "${strategy}"`;
  const isFloat = weights["type"] === "float";
  const grouped = strategy.includes("group") ? bitsText(bits, size) : "";
  const ways: Readonly<Record<string, string>> = {
    tensor: "a scale for each tensor",
    channel: "a scale for each output",
    block: `in blocks of ${rows} × ${columns}`,
  };
  const isStatic = Object.keys(inputs).length > 0 && inputs["dynamic"] === false;
  return {
    what: grouped || `${bits}-bit${isFloat ? " float" : ""}${strategy === "block" ? " " : ", "}${ways[strategy]}`,
    kind,
    bits,
    strategy,
    group: size,
    block: [rows ?? 1, columns ?? 1],
    symmetric: weights["symmetric"] !== false,
    ordered: weights["actorder"] === "group" || weights["actorder"] === true,
    inputScales: isStatic ? (inputs["symmetric"] === false ? 2 : 1) : 0,
  };
}

function kindOf(format: string, settings: Settings, type: unknown, bits: number): Format["kind"] | undefined {
  if (format === "pack-quantized") return "packed";
  if (format === "nvfp4-pack-quantized") return "nvfp4";
  if (format === "mxfp4-pack-quantized") return "mxfp4";
  if (format === "int-quantized") return "int";
  if (format === "float-quantized") return "float";
  if (format === "naive-quantized") return type === "float" ? "float" : bits <= 8 ? "int" : undefined;
  // Weights that were not compressed keep the type that they are computed in.
  return format === "dense" || settings["quantization_status"] === "frozen" ? "dense" : undefined;
}

function storedAs(weight: Weight, format: Format): Stored | undefined {
  const { outputs, inputs, dtype } = weight;
  const { kind, bits } = format;
  if (kind === "dense") return undefined;
  const one = (name: string, type: DType): StoredTensor => ({ name, role: "scales", dtype: type, shape: [1] });
  const input = [one("input_scale", dtype), one("input_zero_point", "int8")].slice(0, format.inputScales);
  if (kind === "nvfp4" || kind === "mxfp4") {
    const size = kind === "nvfp4" ? 16 : 32;
    return {
      what: format.what,
      tensors: [
        { name: "weight_packed", role: "weights", dtype: "uint8", shape: [outputs, Math.ceil(inputs / 2)] },
        {
          name: "weight_scale",
          role: "scales",
          dtype: kind === "nvfp4" ? "float8_e4m3fn" : "uint8",
          shape: [outputs, groupsOf(inputs, size)],
        },
        ...(kind === "nvfp4" ? [one("weight_global_scale", "float32")] : []),
        ...(kind === "nvfp4" && format.inputScales > 0 ? [one("input_global_scale", "float32")] : []),
      ],
    };
  }
  const scales = scaleShape(weight, format);
  const each = Math.floor(32 / bits);
  const isPacked = kind === "packed";
  const zeroShape = isPacked && scales.length > 1 ? [Math.ceil((scales[0] ?? 1) / each), scales[1] ?? 1] : scales;
  return {
    what: format.what,
    tensors: [
      isPacked
        ? { name: "weight_packed", role: "weights", dtype: "int32", shape: [outputs, Math.ceil(inputs / each)] }
        : {
            name: "weight",
            role: "weights",
            dtype: kind === "int" ? "int8" : "float8_e4m3fn",
            shape: [outputs, inputs],
          },
      { name: "weight_scale", role: "scales", dtype, shape: scales },
      ...(format.symmetric
        ? []
        : [
            {
              name: "weight_zero_point",
              role: "zero points",
              dtype: isPacked ? "int32" : "int8",
              shape: zeroShape,
            } as const,
          ]),
      ...(format.ordered
        ? [{ name: "weight_g_idx", role: "column order", dtype: "int32", shape: [inputs] } as const]
        : []),
      ...(isPacked ? [{ name: "weight_shape", role: "code tables", dtype: "int64", shape: [2] } as const] : []),
      ...input,
    ],
  };
}

function scaleShape({ outputs, inputs }: Weight, { strategy, group, block }: Format): readonly number[] {
  if (strategy === "tensor") return [1];
  if (strategy === "channel") return [outputs, 1];
  if (strategy === "block") return [Math.ceil(outputs / block[0]), Math.ceil(inputs / block[1])];
  return [outputs, groupsOf(inputs, group)];
}
