/** Values of another kind than the family reads: text for a number, a list for an object. */
import { type Check, type Fault, isObject, written } from "./problem.ts";

export const types: Check = function* ({ given, defaults }) {
  for (const [name, value] of Object.entries(given)) {
    // What begins with an underscore is a library's own note.
    if (name === "model_type" || name === "architectures" || name.startsWith("_")) continue;
    const fault = wrong(name, value, defaults?.[name]);
    if (fault) yield fault;
  }
};

function wrong(name: string, value: unknown, usual: unknown): Fault | undefined {
  const of = (what: string, fixes: Fault["fixes"] = []): Fault => ({
    rule: "wrong-type",
    severity: "error",
    keys: [name],
    text: `${[name, "is", ...kindOf(value), written(value)].join(" ")}: ${what}.`,
    fixes,
  });
  const isPart = /(^|_)config$/.test(name) || /^rope_(parameters|scaling)$/.test(name);
  if (isPart && value !== null && !isObject(value)) return of("it must be an object");
  if (typeof value === "string" && (typeof usual === "number" || (usual === undefined && counts.test(name)))) {
    const number = Number(value);
    if (value.trim() === "" || !Number.isFinite(number)) return of("it must be a number");
    return of("it must be a number", [{ title: `Write ${number}`, set: [[name, number]] }]);
  }
  if (typeof value === "boolean" && typeof usual === "number" && counts.test(name)) return of("it must be a number");
  if (isObject(value) && (typeof usual === "number" || counts.test(name))) return of("it must be a number");
  if (typeof value === "number" && counts.test(name) && Math.abs(value) > Number.MAX_SAFE_INTEGER)
    return { ...of(""), text: `${name} is ${value}, more than can be counted exactly.` };
  if (typeof value === "number" && counts.test(name) && !Number.isInteger(value))
    return of("it must be a whole number", [{ title: `Write ${Math.round(value)}`, set: [[name, Math.round(value)]] }]);
  if (typeof usual === "boolean" && typeof value === "string" && /^(true|false)$/i.test(value)) {
    const meant = value.toLowerCase() === "true";
    return of("it must be true or false", [{ title: `Write ${meant}`, set: [[name, meant]] }]);
  }
  return undefined;
}

/** Keys that count something in every family that has them. */
const counts =
  /^(hidden_size|n_embd|d_model|num_attention_heads|n_heads?|num_key_value_heads|num_hidden_layers|n_layers?|num_layers|vocab_size|max_position_embeddings|n_positions|head_dim|intermediate_size|moe_intermediate_size|num_experts|num_local_experts|n_routed_experts|num_experts_per_tok|kv_lora_rank|encoder_layers|decoder_layers|encoder_ffn_dim|decoder_ffn_dim)$/;

function kindOf(value: unknown): string[] {
  if (Array.isArray(value)) return ["the list"];
  return typeof value === "string" ? ["the text"] : isObject(value) ? ["the object"] : [];
}
