/** The longest sequence that a config's model is made for: the size of its table of positions, or what rotary positions reach. */

export interface TrainedLength {
  /** The key that says so. */
  readonly key: string;
  readonly positions: number;
  /** The rope setting that stretches what the key says; undefined where none does. */
  readonly stretchedBy?: string | undefined;
  /** Whether positions are rows of a table, so that there is nothing behind the last. */
  readonly isTable: boolean;
}

type Values = Readonly<Record<string, unknown>>;

/** Undefined for a model whose positions have no end: relative ones, linear biases, none at all. */
export function trainedLength(values: Values): TrainedLength | undefined {
  const hasNoEnd =
    values["relative_attention_num_buckets"] !== undefined ||
    values["alibi"] === true ||
    isObject(values["attn_config"]) ||
    /^(bloom|mpt|rwkv|mamba2?|falcon_mamba)$/.test(String(values["model_type"]));
  const key = keys.find((name) => isSize(values[name]));
  if (hasNoEnd || !key) return undefined;
  const own = values[key] as number;
  const rope = ropeEntry(values);
  const isRotary = rope !== undefined || values["rope_theta"] !== undefined;
  const positions = rope ? Math.max(own, stretched(own, rope)) : own;
  return {
    key,
    positions,
    stretchedBy: positions > own ? kindOf(rope) : undefined,
    isTable: !isRotary,
  };
}

/** `8,192 tokens are beyond the 1,024 positions of n_positions: …`; undefined for a length within them. */
export function beyondTrained(length: TrainedLength | undefined, tokens: number): string | undefined {
  if (!length || tokens <= length.positions) return undefined;
  const { key, positions, stretchedBy, isTable } = length;
  const show = (count: number) => count.toLocaleString("en-US");
  const from = stretchedBy === undefined ? key : `${key}, stretched by ${stretchedBy}`;
  const why = isTable ? "its table of positions has no rows there" : "nothing beyond was trained";
  return `${show(tokens)} tokens are beyond the ${show(positions)} positions that the model is made for (${from}): ${why}`;
}

const keys = ["max_position_embeddings", "n_positions", "max_target_positions", "n_ctx"];

/** What a rope setting makes of the length: YaRN's and Llama 3's factor is of the length before it, the older ones' of the key's. */
function stretched(own: number, rope: Values): number {
  const { factor, original_max_position_embeddings: original } = rope;
  if (typeof factor !== "number" || factor <= 1) return own;
  switch (kindOf(rope)) {
    case "yarn":
    case "llama3":
    case "linear":
    case "dynamic":
      return Math.floor(factor * (isSize(original) ? original : own));
    default:
      return own;
  }
}

const kindOf = (rope: Values | undefined) => String(rope?.["rope_type"] ?? rope?.["type"] ?? "");

/** The rope setting, of full attention's layers where each kind has its own. */
function ropeEntry(values: Values): Values | undefined {
  const own = [values["rope_scaling"], values["rope_parameters"]].find(isObject);
  if (!own) return undefined;
  if ("rope_type" in own || "type" in own || "rope_theta" in own) return own;
  return [own["full_attention"], ...Object.values(own)].find(isObject) ?? own;
}

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0;
}
