/** What a config's key costs: the model weighed with the value it has and with neighbouring ones. */
import { type Known, Unknown } from "../base/unknown.ts";
import { quantizationValues } from "./quantizedKeys.ts";

/** Figures of a config's model, for one setting of its keys. */
export interface ConfigCost {
  readonly params: Known<number>;
  /** Of the layers that attend: those whose path ends in an attention's name. */
  readonly attentionParams: Known<number>;
  /** One forward pass in the scenario. */
  readonly flops: Known<number>;
  readonly weightBytes: Known<number>;
  /** What one token adds to the cache of one sequence; undefined for a model without one. */
  readonly kvBytesPerToken: Known<number> | undefined;
  /** That one token uses; undefined where nobody asked. */
  readonly activeParams?: Known<number> | undefined;
  /** The largest batch that fits the scenario's device; undefined where that is not known. */
  readonly largestBatch?: number | undefined;
}

/** Weighs a config's object, or says why it cannot. */
export type WeighConfig = (config: Readonly<Record<string, unknown>>) => ConfigCost | Unknown;

/** A value of the key with what it makes of the model; `current` marks the file's own. */
export interface KeyRow {
  readonly value: unknown;
  readonly current: boolean;
  readonly cost: ConfigCost | Unknown;
}

export interface KeyCost {
  readonly key: string;
  /** Figures that differ between the rows, the most telling first; none where nothing changes. */
  readonly columns: readonly (keyof ConfigCost)[];
  readonly rows: readonly KeyRow[];
}

/** A hover is narrow: the largest batch comes on top of these. */
const mostColumns = 4;

/** The table of a key; undefined for keys that cost nothing. `path` goes through parts, as `text_config`. */
export function keyCost(
  config: Readonly<Record<string, unknown>>,
  path: readonly string[],
  weigh: WeighConfig,
): KeyCost | undefined {
  const key = path.at(-1) as string;
  const value = path.reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], config);
  const values =
    quantizationValues(config, path, value, (one) => withValue(config, path, one)) ??
    (key === "num_key_value_heads" ? keyHeads(value, siblings(config, path)) : neighbours(key, value));
  if (!values) return undefined;
  const rows = values.map(
    (one): KeyRow => ({ value: one, current: one === value, cost: weigh(withValue(config, path, one)) }),
  );
  const differing = figures.filter((figure) => differs(rows, figure) && !isRepeated(rows, figure));
  const columns = [
    ...differing.filter((figure) => figure !== "largestBatch").slice(0, mostColumns),
    ...differing.filter((figure) => figure === "largestBatch"),
  ];
  if (columns.length === 0 && /dtype$/.test(key)) return undefined;
  return { key, columns, rows };
}

const figures: readonly (keyof ConfigCost)[] = [
  "kvBytesPerToken",
  "attentionParams",
  "params",
  "activeParams",
  "weightBytes",
  "flops",
  "largestBatch",
];

/** The config with one value changed, and with what follows from it where a file spells it out. */
function withValue(
  config: Readonly<Record<string, unknown>>,
  path: readonly string[],
  value: unknown,
): Record<string, unknown> {
  const [key, ...rest] = path as [string, ...string[]];
  if (rest.length > 0)
    return { ...config, [key]: withValue((config[key] ?? {}) as Record<string, unknown>, rest, value) };
  const changed: Record<string, unknown> = { ...config, [key]: value };
  // A padding token beyond the vocabulary would be refused, and costs nothing.
  if (key === "vocab_size" && Number(changed["pad_token_id"]) >= Number(value)) changed["pad_token_id"] = null;
  // Lists that name each layer are made anew by the family where their length no longer fits.
  if (/^(num_hidden_layers|n_layers?|num_layers)$/.test(key)) {
    for (const list of ["layer_types", "mlp_layer_types", "layers_block_type"]) {
      if (Array.isArray(changed[list])) changed[list] = resized(changed[list], value as number);
    }
  }
  return changed;
}

function resized(list: readonly unknown[], length: number): unknown[] {
  return Array.from({ length }, (_, i) => list[i % list.length]);
}

/** Active parameters say nothing more where every token uses all of them. */
function isRepeated(rows: readonly KeyRow[], figure: keyof ConfigCost): boolean {
  return (
    figure === "activeParams" && rows.every(({ cost }) => cost instanceof Unknown || cost.activeParams === cost.params)
  );
}

function differs(rows: readonly KeyRow[], figure: keyof ConfigCost): boolean {
  const seen = new Set(
    rows.flatMap(({ cost }) => {
      const value = cost instanceof Unknown ? undefined : cost[figure];
      return value === undefined || value instanceof Unknown ? [] : [value];
    }),
  );
  return seen.size > 1;
}

/** Values that divide the heads: one for all, one for each, the file's own, and up to two between them. */
function keyHeads(value: unknown, { num_attention_heads: heads }: Readonly<Record<string, unknown>>) {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1) return undefined;
  if (typeof heads !== "number" || !Number.isInteger(heads) || heads < 1) return sorted([1, 4, 8, 16, 32, value]);
  const ends = [1, value, heads];
  const all = [4, 8, 16, 2, ...Array.from({ length: Math.min(heads, 512) }, (_, i) => i + 1)];
  const between = all.filter((one) => one < heads && heads % one === 0 && !ends.includes(one));
  return sorted([...ends, ...[...new Set(between)].slice(0, 5 - new Set(ends).size)]);
}

/** The object that a key stands in. */
function siblings(
  config: Readonly<Record<string, unknown>>,
  path: readonly string[],
): Readonly<Record<string, unknown>> {
  return path.slice(0, -1).reduce((inner, name) => (inner[name] ?? {}) as Record<string, unknown>, config);
}

/** The values of a key to compare, its own among them, in order. */
function neighbours(key: string, value: unknown): readonly unknown[] | undefined {
  if (/^(tie_word_embeddings|attention_bias|mlp_bias|qkv_bias|bias|use_bias)$/.test(key))
    return typeof value === "boolean" ? [false, true] : undefined;
  if (/^(torch_dtype|dtype)$/.test(key))
    return typeof value === "string" ? sorted([value, "bfloat16", "float32"]) : undefined;
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1) return undefined;
  if (/heads?$|n_head$/.test(key)) return sorted([value / 2, value, value * 2].filter(Number.isInteger));
  if (/^(num_hidden_layers|n_layers?|num_layers|encoder_layers|decoder_layers)$/.test(key))
    return sorted([Math.ceil(value / 2), value - 1, value, value + 1, value * 2].filter((one) => one > 0));
  if (/^(num_local_experts|num_experts|n_routed_experts)$/.test(key))
    return sorted([value / 2, value, value * 2].filter((one) => Number.isInteger(one) && one > 1));
  if (/^(num_experts_per_tok|num_experts_per_token)$/.test(key)) return sorted([1, 2, value, value * 2]);
  if (costly.test(key))
    return sorted([value / 2, (3 * value) / 4, value, (3 * value) / 2, value * 2].filter(Number.isInteger));
  return undefined;
}

const costly =
  /^(hidden_size|n_embd|d_model|dim|intermediate_size|n_inner|d_ff|hidden_dim|moe_intermediate_size|shared_expert_intermediate_size|vocab_size|head_dim|d_kv|max_position_embeddings|n_positions|type_vocab_size|image_size|patch_size|sliding_window|kv_lora_rank|q_lora_rank|v_head_dim|qk_rope_head_dim|qk_nope_head_dim|state_size|embedding_size|encoder_ffn_dim|decoder_ffn_dim)$/;

function sorted(values: readonly unknown[]): unknown[] {
  return [...new Set(values)].sort((a, b) => (typeof a === "number" && typeof b === "number" ? a - b : 0));
}
