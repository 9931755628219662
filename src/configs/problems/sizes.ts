/** Sizes that do not fit each other: heads, layers, patches. */
import { type Check, impossible, isSize, nearestDivisor, pick, sizeNames, type Values } from "./problem.ts";

export const sizes: Check = function* ({ values, given }) {
  yield* headFaults(values);
  yield* layerFaults(values);
  const { image_size: image, patch_size: patch } = values;
  if (typeof image === "number" && typeof patch === "number" && patch > image)
    yield impossible(["patch_size", "image_size"], `patch_size ${patch} is larger than image_size ${image}.`);
  for (const [name, value] of Object.entries(given)) {
    // A window that is switched off is written as 0.
    const isOff = name === "sliding_window" && value === 0 && values["use_sliding_window"] !== true;
    if (isSize(value) && value <= 0 && atLeastOne.test(name) && !isOff)
      yield impossible([name], `${name} is ${value}, but it must be at least 1.`);
  }
};

const atLeastOne =
  /^(hidden_size|n_embd|d_model|dim|num_attention_heads|n_heads?|num_heads|num_key_value_heads|num_hidden_layers|n_layers?|num_layers|vocab_size|intermediate_size|patch_size|image_size|max_position_embeddings|n_positions|sliding_window)$/;

function* headFaults(values: Values) {
  const hidden = pick(values, sizeNames.hidden);
  const heads = pick(values, sizeNames.heads);
  const keyHeads = pick(values, sizeNames.keyHeads);
  if (!heads.size || heads.size < 0) return;
  const isDivided = !hidden.size || hidden.size % heads.size === 0;
  if (hidden.size && hidden.size > 0 && !isDivided) {
    const near = nearestDivisor(hidden.size, heads.size);
    const fault = impossible(
      [hidden.name, ...sizeNames.hidden, heads.name],
      `${hidden.name} ${hidden.size} is not a multiple of ${heads.name} ${heads.size}.`,
      [
        { title: `Set ${heads.name} to ${near}`, set: [[heads.name, near], ...keyHeadsFor(near, keyHeads)] },
        ...wider(hidden.name, hidden.size, heads.size),
      ],
    );
    yield { ...fault, ifRefused: true };
  }
  if (keyHeads.size && keyHeads.size > 0 && heads.size % keyHeads.size !== 0) {
    const near = nearestDivisor(heads.size, keyHeads.size);
    yield impossible(
      [...sizeNames.keyHeads, heads.name],
      `${heads.name} ${heads.size} is not a multiple of ${keyHeads.name} ${keyHeads.size}.`,
      [{ title: `Set ${keyHeads.name} to ${near}`, set: [[keyHeads.name, near]] }],
    );
  }
}

/** Key heads that divide other heads, where they do not. */
function keyHeadsFor(heads: number, { name, size }: ReturnType<typeof pick>): [string, number][] {
  return size && heads % size !== 0 ? [[name, nearestDivisor(heads, size)]] : [];
}

/** The next width that gives each head an even one. */
function wider(name: string, size: number, heads: number) {
  const next = 2 * heads * Math.ceil(size / (2 * heads));
  return [{ title: `Set ${name} to ${next}`, set: [[name, next]] as const }];
}

function* layerFaults(values: Values) {
  const { name, size } = pick(values, sizeNames.layers);
  if (!size) return;
  for (const list of ["layer_types", "mlp_layer_types", "layers_block_type"]) {
    const types = values[list];
    if (!Array.isArray(types) || types.length === size) continue;
    yield impossible([list, name], `${list} names ${types.length} layers, but ${name} is ${size}.`, [
      { title: `Set ${name} to ${types.length}`, set: [[name, types.length]] },
      ...(size <= 1000 && types.length > 0
        ? [{ title: `Make ${list} ${size} long`, set: [[list, resized(types, size)]] as const }]
        : []),
    ]);
  }
  const { use_sliding_window: windows, max_window_layers: whole, sliding_window: window } = values;
  if (windows === true && isSize(window) && isSize(whole) && whole >= size)
    yield {
      rule: "ineffective-value",
      severity: "information" as const,
      keys: ["max_window_layers", "use_sliding_window"],
      text: `max_window_layers ${whole} leaves none of the ${size} layers a window.`,
      why: `The first max_window_layers layers attend to everything: sliding_window ${window} is never used.`,
      fixes: [{ title: "Set max_window_layers to 0", set: [["max_window_layers", 0]] as const }],
    };
  const reach = values["max_position_embeddings"];
  if (isSize(window) && isSize(reach) && reach > 0 && window > reach && windows !== false)
    yield {
      rule: "ineffective-value",
      severity: "hint" as const,
      keys: ["sliding_window"],
      text: `sliding_window ${window} is longer than max_position_embeddings ${reach}: no sequence reaches it.`,
    };
}

/** A list continued by its own period. */
export function resized(list: readonly unknown[], length: number): unknown[] {
  return Array.from({ length }, (_, i) => list[i % list.length]);
}
