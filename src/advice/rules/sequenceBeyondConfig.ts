import { beyondTrained, trainedLength } from "../../configs/trainedLength.ts";
import { codeOf } from "../code/tree.ts";
import { literal, loadedConfigs } from "../scripts/configs.ts";
import type { Rule } from "./rule.ts";

/** Keywords by which tokenizers and trainers are told how long their sequences may be. */
const lengths = new Set([
  "max_length",
  "max_seq_length",
  "max_seq_len",
  "max_sequence_length",
  "model_max_length",
  "block_size",
  "seq_len",
  "seq_length",
  "sequence_len",
]);

/**
 * Sequences that are cut at more tokens than the model's config has positions for.
 *
 * Only files that load one model whose config lies in the workspace are looked at, and only whole numbers that the code gives to a
 * keyword that means a length.
 */
const sequenceBeyondConfig: Rule = {
  id: "sequence-beyond-config",
  price: "Shorter sequences hold less context; a longer table of positions must be trained.",

  *read({ file, text, configOf }) {
    const code = codeOf(file, text);
    const configs = new Map(loadedConfigs(code, configOf).map(({ config }) => [config.path, config]));
    const [config] = configs.values();
    if (!config || configs.size > 1) return;
    const trained = trainedLength(config.value);
    for (const call of code.calls) {
      for (const { arg, value } of call.keywords) {
        const tokens = arg !== null && lengths.has(arg) ? literal(value, code) : undefined;
        const beyond = typeof tokens === "number" ? beyondTrained(trained, tokens) : undefined;
        if (beyond === undefined) continue;
        yield {
          severity: "warning",
          at: code.place(value),
          what: `${arg}: ${beyond}, by ${config.path}.`,
          why: "The script and the model's config are checked against each other.",
          fixes: [],
        };
      }
    }
  },
};
export default sequenceBeyondConfig;
