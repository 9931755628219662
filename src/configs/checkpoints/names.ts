/** Names of tensors as releases of transformers have spelled them. */

/** `model.layers.3.mlp.up_proj.weight` as `model.layers.*.mlp.up_proj.weight`. */
export function foldedName(name: string): string {
  return name.replaceAll(/(?<=^|\.)\d+(?=\.|$)/g, "*");
}

/**
 * The names by which a model may know a checkpoint's tensor. `prefix`: the part of the model that holds all but its head, which
 * checkpoints of the bare model leave out, and checkpoints of a model with a head keep where the model is bare.
 */
export function spellings(name: string, prefix: string): readonly string[] {
  const found = new Set<string>();
  for (const own of [
    name,
    renamed(name),
    name.replace(/^model\.(?=(layers|embed_tokens|norm)\.)/, "model.language_model."),
  ]) {
    found.add(own);
    found.add(`${prefix}.${own}`);
    if (own.startsWith(`${prefix}.`)) found.add(own.slice(prefix.length + 1));
    // A base model's own prefix is not among its layers' names.
    const [first = "", ...rest] = own.split(".");
    if (bases.test(first)) found.add(rest.join("."));
  }
  return [...found];
}

const bases = /^(model|transformer|bert|roberta|distilbert|electra|deberta|gpt_neox|vit|backbone|decoder|base_model)$/;

/** Parts that changed their names: multimodal models in version 4.52, experts in 5, normalizations of the first models. */
function renamed(name: string): string {
  return name
    .replace(/^language_model\.model\./, "model.language_model.")
    .replace(/^language_model\.lm_head\./, "lm_head.")
    .replace(/^(visual|vision_tower|vision_model|multi_modal_projector|audio_tower)\./, "model.$1.")
    .replace(/\.block_sparse_moe\./, ".mlp.")
    .replace(/\.gamma$/, ".weight")
    .replace(/\.beta$/, ".bias");
}

/** Buffers that older releases stored and newer ones make anew, and scales that AWQ divides activations by. */
export function isOldBuffer(name: string): boolean {
  return /(^|\.)(inv_freq|position_ids|attn\.bias|attn\.masked_bias|attention\.bias|attention\.masked_bias|embed_positions\.weights|act\.scales)$/.test(
    name,
  );
}
