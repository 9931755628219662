/** Experts, groups and tokens: numbers that count into each other. */
import { type Check, impossible, isSize, nearestDivisor, pick, sizeNames } from "./problem.ts";

export const experts: Check = function* ({ values }) {
  const all = pick(values, sizeNames.experts);
  const chosen = pick(values, sizeNames.chosenExperts);
  if (all.size && chosen.size && chosen.size > all.size)
    yield impossible([chosen.name, all.name], `${chosen.name} ${chosen.size} is more than ${all.name} ${all.size}.`, [
      { title: `Set ${chosen.name} to ${all.size}`, set: [[chosen.name, all.size]] },
    ]);
  const { n_group: groups, topk_group: chosenGroups } = values;
  if (isSize(groups) && groups > 0 && all.size && all.size % groups !== 0) {
    const near = nearestDivisor(all.size, groups);
    yield impossible(["n_group", all.name], `${all.name} ${all.size} is not a multiple of n_group ${groups}.`, [
      { title: `Set n_group to ${near}`, set: [["n_group", near]] },
    ]);
  }
  if (isSize(groups) && isSize(chosenGroups) && groups > 0 && chosenGroups > groups)
    yield impossible(["topk_group", "n_group"], `topk_group ${chosenGroups} is more than n_group ${groups}.`, [
      { title: `Set topk_group to ${groups}`, set: [["topk_group", groups]] },
    ]);
};

/** A padding token must have a row in the embedding. */
export const tokens: Check = function* ({ values, given }) {
  const { pad_token_id: pad, vocab_size: vocabulary } = values;
  if (!isSize(pad) || !isSize(vocabulary) || vocabulary < 1 || pad < vocabulary || !("pad_token_id" in given)) return;
  yield impossible(
    ["pad_token_id"],
    `pad_token_id ${pad} is not below vocab_size ${vocabulary}: it has no embedding.`,
    [
      {
        title: `Set vocab_size to ${64 * Math.ceil((pad + 1) / 64)}`,
        set: [["vocab_size", 64 * Math.ceil((pad + 1) / 64)]],
      },
      { title: "Set pad_token_id to null", set: [["pad_token_id", null]] },
    ],
  );
};

/** One matrix cannot be two of different sizes. */
export const ties: Check = function* ({ values, given, defaults }) {
  const isTied = given["tie_word_embeddings"] === true || given["share_encoder_decoder_embeddings"] === true;
  if (!isTied) return;
  const untie = { title: "Set tie_word_embeddings to false", set: [["tie_word_embeddings", false]] as const };
  const { embedding_size: narrow, hidden_size: wide, vocab_size: source, decoder_vocab_size: target } = values;
  if (isSize(narrow) && isSize(wide) && narrow !== wide && defaults && !isSize(defaults["embedding_size"]))
    yield impossible(
      ["tie_word_embeddings"],
      `tie_word_embeddings is true, but embedding_size ${narrow} is not hidden_size ${wide}: one matrix cannot be both.`,
      [untie, { title: `Set embedding_size to ${wide}`, set: [["embedding_size", wide]] }],
    );
  if (isSize(source) && isSize(target) && source !== target)
    yield impossible(
      ["tie_word_embeddings", "share_encoder_decoder_embeddings"],
      `The embeddings are shared, but vocab_size ${source} is not decoder_vocab_size ${target}.`,
      [{ title: `Set decoder_vocab_size to ${source}`, set: [["decoder_vocab_size", source]] }],
    );
};
