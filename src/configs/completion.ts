/** What completes a config at a position: the keys of its family with their defaults, and the values of keys that have a list. */
import { getLocation, type Node, parseTree } from "jsonc-parser";
import { commonKeys, keyMeaning } from "./keyMeanings.ts";
import { activations, ropeTypes, weightTypes } from "./problems/names.ts";

type Values = Readonly<Record<string, unknown>>;

export interface ConfigCompletion {
  /** As it stands in the file, without quotes. */
  readonly label: string;
  readonly kind: "key" | "value";
  readonly insert: string;
  /** Offsets of the text that it takes the place of. */
  readonly from: number;
  readonly to: number;
  /** A key's default. */
  readonly detail: string;
  /** What it means. */
  readonly meaning: string;
}

/** What is known of a config's family. */
export interface FamilyFacts {
  /** Its defaults, parts nested; undefined where the file names no family that is known. */
  readonly defaults: Values | undefined;
  /** Its classes that stand for whole models. */
  readonly classes: readonly string[];
  /** Every family that is known. */
  readonly modelTypes: readonly string[];
}

export function configCompletions(text: string, offset: number, facts: FamilyFacts): ConfigCompletion[] {
  const location = getLocation(text, offset);
  const path = location.path.map(String);
  const typed = location.previousNode;
  const around = typed && typed.offset <= offset && offset <= typed.offset + typed.length ? typed : undefined;
  const [from, to] = around ? [around.offset, around.offset + around.length] : [offset, offset];
  const tree = parseTree(text);
  if (location.isAtPropertyKey) return keys(text, path.slice(0, -1), tree, { from, to }, facts.defaults);
  return values(path, facts).map((value) => ({
    label: typeof value === "string" ? value : JSON.stringify(value),
    kind: "value",
    insert: JSON.stringify(value),
    from,
    to,
    detail: "",
    meaning: "",
  }));
}

function keys(
  text: string,
  around: readonly string[],
  tree: Node | undefined,
  { from, to }: { from: number; to: number },
  defaults: Values | undefined,
): ConfigCompletion[] {
  const own = around.reduce<unknown>((inner, name) => (isValues(inner) ? inner[name] : undefined), defaults);
  const usual: Values = isValues(own) ? own : {};
  const here = tree && valueAt(tree, around);
  const current = /"((?:[^"\\]|\\.)*)"?/.exec(text.slice(from, to))?.[1];
  const taken = new Set(isValues(here) ? Object.keys(here).filter((name) => name !== current) : []);
  const listed = partKeys[around.at(-1) ?? ""] ?? [
    ...Object.keys(usual),
    ...(around.every((name) => /_config$/.test(name)) ? commonKeys.filter(keyMeaning) : []),
  ];
  // A key that has a value already is only renamed, and one before another needs its comma.
  const after = text.slice(to).trimStart();
  const ending = after.startsWith('"') ? "," : "";
  return [...new Set(listed)]
    .filter((name) => !taken.has(name) && !name.startsWith("_"))
    .map((name) => {
      const value = usual[name];
      const written = JSON.stringify(value ?? null);
      return {
        label: name,
        kind: "key" as const,
        insert: after.startsWith(":") ? `"${name}"` : `"${name}": ${written}${ending}`,
        from,
        to,
        detail: value === undefined || value === null || written.length > 60 ? "" : `default ${written}`,
        meaning: keyMeaning(name) ?? "",
      };
    });
}

/** Keys of objects that are the same in every family. */
const partKeys: Readonly<Record<string, readonly string[]>> = {
  rope_scaling: ropeKeys(),
  rope_parameters: ropeKeys(),
  quantization_config: [
    "quant_method",
    "bits",
    "group_size",
    "load_in_4bit",
    "load_in_8bit",
    "bnb_4bit_quant_type",
    "bnb_4bit_compute_dtype",
    "bnb_4bit_use_double_quant",
    "modules_to_not_convert",
    "weight_block_size",
    "desc_act",
    "sym",
    "zero_point",
  ],
};

function ropeKeys(): readonly string[] {
  return [
    "rope_type",
    "rope_theta",
    "factor",
    "original_max_position_embeddings",
    "partial_rotary_factor",
    "attention_factor",
    "beta_fast",
    "beta_slow",
    "short_factor",
    "long_factor",
    "low_freq_factor",
    "high_freq_factor",
    "mscale",
    "mscale_all_dim",
  ];
}

function values(path: readonly string[], { defaults, classes, modelTypes }: FamilyFacts): readonly unknown[] {
  const isItem = /^\d+$/.test(path.at(-1) ?? "");
  const key = (isItem ? path.at(-2) : path.at(-1)) ?? "";
  if (key === "architectures") return classes;
  if (key === "model_type") return modelTypes;
  if (isItem) return key === "layer_types" ? layerTypes : [];
  const listed = closedLists[key];
  if (listed) return listed;
  const usual = path.reduce<unknown>((inner, name) => (isValues(inner) ? inner[name] : undefined), defaults);
  if (typeof usual === "boolean") return [usual, !usual];
  return typeof usual === "number" || typeof usual === "string" ? [usual] : [];
}

const attentions = ["eager", "sdpa", "flash_attention_2", "flash_attention_3", "flex_attention"];
const quantizers = [
  "awq",
  "bitsandbytes",
  "compressed-tensors",
  "fbgemm_fp8",
  "fp8",
  "gptq",
  "hqq",
  "mxfp4",
  "torchao",
];

const closedLists: Readonly<Record<string, readonly unknown[]>> = {
  hidden_act: activations,
  hidden_activation: activations,
  activation_function: activations,
  dtype: weightTypes,
  torch_dtype: weightTypes,
  rope_type: ropeTypes,
  type: ropeTypes,
  attn_implementation: attentions,
  _attn_implementation: attentions,
  quant_method: quantizers,
  bnb_4bit_quant_type: ["nf4", "fp4"],
  problem_type: ["regression", "single_label_classification", "multi_label_classification"],
};

const layerTypes = [
  "full_attention",
  "sliding_attention",
  "chunked_attention",
  "linear_attention",
  "conv",
  "mamba",
  "attention",
];

function valueAt(node: Node, path: readonly string[]): unknown {
  const [name, ...rest] = path;
  const entries = (node.children ?? []).flatMap((property) => {
    const [key, value] = property.children ?? [];
    return key && value ? [[String(key.value), value] as const] : [];
  });
  if (name !== undefined) {
    const inner = entries.find(([key]) => key === name)?.[1];
    return inner && valueAt(inner, rest);
  }
  return node.type === "object" ? Object.fromEntries(entries.map(([key, value]) => [key, value.value])) : undefined;
}

function isValues(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
