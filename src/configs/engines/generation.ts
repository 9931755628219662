/** `generation_config.json` as part of a scenario: how a model writes. */
import type { AskedScenario } from "../../base/scenario.ts";
import type { Reading } from "./deepspeed.ts";
import { asTable, Keys, type Table } from "./keys.ts";

/** Whether a file is one, by its name, or by keys that only it has. */
export function isGeneration(table: Table, path: string): boolean {
  const has = (...keys: readonly string[]) => keys.some((key) => key in table);
  return /(^|\/)generation_config\.json$/.test(path) || (has("max_new_tokens", "do_sample") && !has("model_type"));
}

/** The step at the end of the longest answer that it allows, where the cache is largest; each beam is a sequence. */
export function readGeneration(table: Table): Reading {
  const keys = new Keys(table);
  const change: { -readonly [key in keyof AskedScenario]?: AskedScenario[key] } = { phase: "decode" };
  const whole = keys.count("max_length", (n) => `${n} tokens, the prompt's counted`);
  const fresh = keys.count("max_new_tokens", (n) => `${n} tokens behind the prompt`);
  const length = fresh ?? whole;
  if (length !== undefined) change.sequence = length;
  const beams = keys.count("num_beams", (n) => `${n} beams, a sequence each`) ?? 1;
  const answers = keys.count("num_return_sequences", (n) => `${n} answers, a sequence each`) ?? 1;
  // Beams hold the answers that come back among them.
  const sequences = Math.max(beams, answers);
  if (sequences > 1) change.batch = sequences;
  readCache(keys, change);
  if (keys.flag("use_cache") === false) {
    change.phase = "prefill";
    keys.understand("use_cache", "no cache: every token reads all again");
  }
  keys.harmless(
    ..."_from_model_config transformers_version bos_token_id eos_token_id pad_token_id decoder_start_token_id forced_bos_token_id forced_eos_token_id do_sample temperature top_p top_k min_p typical_p repetition_penalty length_penalty early_stopping no_repeat_ngram_size encoder_no_repeat_ngram_size bad_words_ids suppress_tokens begin_suppress_tokens min_length min_new_tokens renormalize_logits output_attentions output_hidden_states output_scores return_dict_in_generate chat_format epsilon_cutoff eta_cutoff use_cache alignment_heads lang_to_id task_to_id is_multilingual no_timestamps_token_id max_initial_timestamp_index prev_sot_token_id return_timestamps user_token_id assistant_token_id max_window_size trust_remote_code token_healing".split(
      " ",
    ),
  );
  keys.rest();
  return { change, keys };
}

function readCache(keys: Keys, change: { -readonly [key in keyof AskedScenario]?: AskedScenario[key] }): void {
  const cache = keys.word("cache_implementation");
  const config = asTable(keys.value("cache_config"));
  keys.harmless("cache_config.*");
  if (cache === undefined) return;
  if (cache === "quantized") {
    const bits = config?.["nbits"] ?? 4;
    change.runtime = "transformers";
    change.kvDtype = bits === 8 ? "int8" : "int4";
    keys.understand("cache_implementation", `the cache in ${bits} bits`);
    if (bits !== 4 && bits !== 8) keys.ignore("cache_config", `${String(bits)} bits are weighed as 4`);
  } else if (/^(dynamic|dynamic_full|static|sliding_window|hybrid)$/.test(cache)) {
    change.runtime = "transformers";
    keys.understand("cache_implementation", `transformers' ${cache} cache`);
  } else keys.ignore("cache_implementation", `${cache} is not modelled`);
}
