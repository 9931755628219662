/** What is wrong with a config, and what the checks of its values share. */
import type { KeyChange } from "../edits.ts";

export type Values = Readonly<Record<string, unknown>>;

/** One fault of a config. */
export interface ConfigProblem {
  /** `impossible-value`: what such findings are called. */
  readonly rule: string;
  readonly severity: "error" | "warning" | "information" | "hint";
  /** The key it stands at, from the outside in; no key: the file's beginning. */
  readonly path: readonly string[];
  /** Whether it is about the key's name; else about its value. */
  readonly ofKey?: boolean;
  /** One sentence with the numbers. */
  readonly text: string;
  readonly why?: string;
  readonly price?: string;
  readonly fixes?: readonly ConfigFix[];
  /** It is a fault only where the family's definition cannot be built or run: other families have sizes of their own. */
  readonly ifRefused?: boolean;
}

/** An edit of the file that takes the fault away. */
export interface ConfigFix {
  readonly title: string;
  readonly changes: readonly KeyChange[];
  /** Another name for the key at the fault's path. */
  readonly rename?: string;
}

/** A fault of one object of the file, by the names of its keys. */
export interface Fault extends Omit<ConfigProblem, "path" | "fixes"> {
  /** The first of these keys that the file has is where it stands. */
  readonly keys: readonly string[];
  readonly fixes?: readonly (Omit<ConfigFix, "changes"> & { readonly set: readonly (readonly [string, unknown])[] })[];
}

/** One object of a config. */
export interface Part {
  /** What the file says. */
  readonly given: Values;
  /** With the family's defaults and what it derives from them. */
  readonly values: Values;
  /** The family's defaults alone; undefined where they are not known. */
  readonly defaults: Values | undefined;
  /** The class that is built; undefined for a part. */
  readonly className: string | undefined;
}

/** Looks at an object and tells its faults. */
export type Check = (part: Part) => Iterable<Fault>;

/** Other names of the sizes that most families have. */
export const sizeNames = {
  hidden: ["hidden_size", "n_embd", "d_model", "dim"],
  heads: ["num_attention_heads", "n_head", "n_heads", "num_heads"],
  keyHeads: ["num_key_value_heads"],
  layers: ["num_hidden_layers", "n_layer", "n_layers", "num_layers"],
  vocabulary: ["vocab_size"],
  experts: ["num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts"],
  chosenExperts: ["num_experts_per_tok", "num_experts_per_token", "moe_k", "top_k_experts"],
} as const;

/** The first of some keys that holds a whole number. */
export function pick(values: Values, keys: readonly string[]): { name: string; size: number | undefined } {
  const name = keys.find((key) => isSize(values[key])) ?? (keys[0] as string);
  const size = values[name];
  return { name, size: isSize(size) ? size : undefined };
}

export function isSize(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value);
}

export function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A value as the file writes it, cut short. */
export function written(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 40 ? `${text.slice(0, 37)}…` : text;
}

/** The divisor of a number that is nearest to a wish, the smaller of two. */
export function nearestDivisor(of: number, wish: number): number {
  for (let far = 0; far < of; far++) {
    for (const one of [wish - far, wish + far]) if (one >= 1 && one <= of && of % one === 0) return one;
  }
  return 1;
}

export function impossible(keys: readonly string[], text: string, fixes: Fault["fixes"] = []): Fault {
  return { rule: "impossible-value", severity: "error", keys, text, fixes };
}
