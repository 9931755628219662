/** Configs of the models that dossiers name, as their authors publish them. */
import { costsOf } from "../../../src/advice/pricing.ts";
import { subjectOf } from "../../support/subject.ts";

const llama = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  vocab_size: 128256,
  max_position_embeddings: 131072,
  torch_dtype: "bfloat16",
};
const qwen = {
  architectures: ["Qwen2ForCausalLM"],
  model_type: "qwen2",
  max_position_embeddings: 131072,
  torch_dtype: "bfloat16",
};
export const models = {
  "Llama-3.1-8B": {
    ...llama,
    hidden_size: 4096,
    intermediate_size: 14336,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    tie_word_embeddings: false,
  },
  "Qwen2.5-14B": {
    ...qwen,
    vocab_size: 152064,
    hidden_size: 5120,
    intermediate_size: 13824,
    num_hidden_layers: 48,
    num_attention_heads: 40,
    num_key_value_heads: 8,
    tie_word_embeddings: false,
  },
  "Qwen2.5-32B": {
    ...qwen,
    vocab_size: 152064,
    hidden_size: 5120,
    intermediate_size: 27648,
    num_hidden_layers: 64,
    num_attention_heads: 40,
    num_key_value_heads: 8,
    tie_word_embeddings: false,
  },
  "Llama-3.2-1B": {
    ...llama,
    hidden_size: 2048,
    intermediate_size: 8192,
    num_hidden_layers: 16,
    num_attention_heads: 32,
    num_key_value_heads: 8,
    head_dim: 64,
    tie_word_embeddings: true,
  },
  "Qwen2.5-0.5B": {
    ...qwen,
    vocab_size: 151936,
    hidden_size: 896,
    intermediate_size: 4864,
    num_hidden_layers: 24,
    num_attention_heads: 14,
    num_key_value_heads: 2,
    tie_word_embeddings: true,
  },
  "Llama-3.2-3B": {
    ...llama,
    hidden_size: 3072,
    intermediate_size: 8192,
    num_hidden_layers: 28,
    num_attention_heads: 24,
    num_key_value_heads: 8,
    head_dim: 128,
    tie_word_embeddings: true,
  },
  "Qwen3-0.6B": {
    ...qwen,
    architectures: ["Qwen3ForCausalLM"],
    model_type: "qwen3",
    vocab_size: 151936,
    hidden_size: 1024,
    intermediate_size: 3072,
    num_hidden_layers: 28,
    num_attention_heads: 16,
    num_key_value_heads: 8,
    head_dim: 128,
    tie_word_embeddings: true,
  },
} as const;

/** Parameters and bytes that a token's keys and values take, weighed. */
export function weighed(name: keyof typeof models): { params: number; kv: number } {
  const { params = 0, kvBytes = 0 } = costsOf(
    subjectOf(JSON.stringify(models[name]), { phase: "decode", sequence: 63 }),
  );
  return { params, kv: kvBytes / 64 };
}
