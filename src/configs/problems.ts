/** Values of a config that cannot work together, each with the numbers. */

/** One fault; `path` is the key it stands at, from the outside in. */
export interface ConfigProblem {
  readonly path: readonly string[];
  readonly text: string;
}

type Values = Readonly<Record<string, unknown>>;

/** Faults of a config, defaults filled in (`configValues`); `given` is what the file says, which names the key to show. */
export function configProblems(values: Values, given: Values, path: readonly string[] = []): ConfigProblem[] {
  const own = rules.flatMap((rule) => {
    const fault = rule(values);
    if (!fault) return [];
    const key = fault.keys.find((name) => name in given);
    return [{ path: key ? [...path, key] : path, text: fault.text }];
  });
  const parts = Object.entries(given).filter(([name, part]) => name.endsWith("_config") && isObject(part));
  return [
    ...own,
    ...parts.flatMap(([name, part]) =>
      isObject(values[name]) ? configProblems(values[name], part as Values, [...path, name]) : [],
    ),
  ];
}

interface Fault {
  /** Names of the key, the first that the file has is shown. */
  readonly keys: readonly string[];
  readonly text: string;
}

const names = {
  hidden: ["hidden_size", "n_embd", "d_model", "dim"],
  heads: ["num_attention_heads", "n_head", "n_heads", "num_heads"],
  keyHeads: ["num_key_value_heads"],
  layers: ["num_hidden_layers", "n_layer", "n_layers", "num_layers"],
  vocabulary: ["vocab_size"],
};

const rules: readonly ((values: Values) => Fault | undefined)[] = [
  (values) => {
    const { name, size } = pick(values, names.hidden);
    const heads = pick(values, names.heads);
    if (!size || !heads.size || size % heads.size === 0 || separateHeads(values, size, heads.size)) return undefined;
    return {
      keys: [name, ...names.hidden, heads.name],
      text: `${name} ${size} is not a multiple of ${heads.name} ${heads.size}.`,
    };
  },
  (values) => {
    const heads = pick(values, names.heads);
    const keyHeads = pick(values, names.keyHeads);
    if (!heads.size || !keyHeads.size || heads.size % keyHeads.size === 0) return undefined;
    return {
      keys: [...names.keyHeads, heads.name],
      text: `${heads.name} ${heads.size} is not a multiple of ${keyHeads.name} ${keyHeads.size}.`,
    };
  },
  (values) => {
    const { name, size } = pick(values, names.layers);
    const types = values["layer_types"];
    if (!size || !Array.isArray(types) || types.length >= size) return undefined;
    return { keys: ["layer_types", name], text: `layer_types names ${types.length} layers, but ${name} is ${size}.` };
  },
  (values) => {
    const { image_size: image, patch_size: patch } = values;
    if (typeof image !== "number" || typeof patch !== "number" || patch <= image) return undefined;
    return { keys: ["patch_size", "image_size"], text: `patch_size ${patch} is larger than image_size ${image}.` };
  },
  (values) => chosenExperts(values),
  (values) => {
    const negative = [
      ...names.hidden,
      ...names.heads,
      ...names.layers,
      ...names.vocabulary,
      "intermediate_size",
      "num_key_value_heads",
    ].find((name) => isSize(values[name]) && (values[name] as number) <= 0);
    return negative === undefined
      ? undefined
      : { keys: [negative], text: `${negative} is ${values[negative]}, but it must be at least 1.` };
  },
];

function chosenExperts(values: Values): Fault | undefined {
  const all = pick(values, ["num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts"]);
  const chosen = pick(values, ["num_experts_per_tok", "num_experts_per_token", "moe_k", "top_k_experts"]);
  if (!all.size || !chosen.size || chosen.size <= all.size) return undefined;
  return { keys: [chosen.name, all.name], text: `${chosen.name} ${chosen.size} is more than ${all.name} ${all.size}.` };
}

/** Families whose heads have a width of their own need no multiple. */
function separateHeads(values: Values, hidden: number, heads: number): boolean {
  const width = values["head_dim"];
  return (
    (typeof width === "number" && width !== Math.floor(hidden / heads)) ||
    isSize(values["kv_lora_rank"]) ||
    isSize(values["kv_channels"])
  );
}

function pick(values: Values, keys: readonly string[]): { name: string; size: number | undefined } {
  const name = keys.find((key) => isSize(values[key])) ?? (keys[0] as string);
  const size = values[name];
  return { name, size: isSize(size) ? size : undefined };
}

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value);
}

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
