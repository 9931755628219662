/** What one layer keeps from token to token, in numbers. */
import { type Known, known, Unknown } from "../../../base/unknown.ts";
import type { CacheFacts, CacheRecord } from "../../../evidence/caches.ts";
import { itemBytes } from "../../../tensor/dtype.ts";
import { elements } from "../../../tensor/tensor.ts";
import type { CacheNote } from "../../../torch/cacheNotes.ts";
import { sizesOf } from "../holdings.ts";

/** Keys and values of tokens, or a latent vector that stands for them; an encoder's; keys that only pick tokens. */
export interface CachedTokens {
  readonly kind: "keys" | "latent" | "crossed" | "index";
  readonly batch: number;
  /** Tokens of one sequence. */
  readonly tokens: number;
  /** Heads of their own keys and values; a latent vector is one. */
  readonly heads: number;
  readonly keyWidth: number;
  readonly valueWidth: number;
  /** How many tokens the layer looks back; undefined: all. */
  readonly window: number | undefined;
  /** Whether windows do not slide: a token sees its own stretch of tokens. */
  readonly chunked: boolean;
  /** Tokens that the model's own cache holds of a sequence. */
  readonly heldTokens: number;
  /** Elements of each token in every head's keys and values, where the layer can keep a latent vector. */
  readonly expandedElements: number;
  /** Whether the model's own cache holds a latent vector expanded. */
  readonly expanded: boolean;
  /** Of one element in the model's own type. */
  readonly itemBytes: number;
}

/** A convolution's last inputs, or a recurrent state: of one size whatever the length. */
export interface CachedState {
  readonly kind: "convolution" | "recurrent";
  readonly batch: number;
  /** Of one sequence: all that the next token needs. */
  readonly elements: number;
  /** Of one sequence, as transformers keeps it: a convolution's oldest input too. */
  readonly keptElements: number;
  readonly itemBytes: number;
  /** The module call that keeps it. */
  readonly call: number;
}

export type CachedLayer = CachedTokens | CachedState;

/** What a record's notes say, each in numbers; unknown where one of them is. */
export function cachedLayers({ notes, observed, more, facts }: CacheRecord): Known<readonly CachedLayer[]> {
  const layers: CachedLayer[] = [];
  for (const note of notes) {
    if (note.kind === "unknown") return new Unknown("the model keeps tensors that Assay knows no layout of");
    const layer = isState(note) ? stateOf(note, observed) : tokensOf(note, more, observed, facts);
    if (layer instanceof Unknown) return layer;
    if (layer) layers.push(layer);
  }
  return layers;
}

const isState = ({ kind }: CacheNote) => kind === "convolution" || kind === "recurrent";

export const isTokens = (layer: CachedLayer): layer is CachedTokens =>
  layer.kind !== "convolution" && layer.kind !== "recurrent";

function stateOf(
  { kind, tensors, kernel, keeps, axis = -1, call }: CacheNote,
  observed: boolean,
): Known<CachedState> | undefined {
  const tensor = tensors[0];
  const sizes = tensor && sizesOf(tensor);
  const count = tensor && known(elements(tensor.shape));
  if (!tensor) return undefined;
  if (!sizes || count === undefined || !sizes[0]) return new Unknown("the size of a state is not known");
  const [batch, inputs] = [sizes[0], sizes.at(axis) ?? 1];
  const common = { batch, itemBytes: itemBytes(tensor.dtype), call };
  const each = count / batch;
  if (kind === "recurrent" || inputs === 0) return { kind: "recurrent", ...common, elements: each, keptElements: each };
  const columns = kernel ?? (observed ? inputs : 1);
  const channels = each / inputs;
  return {
    kind: "convolution",
    ...common,
    elements: channels * (columns - 1),
    keptElements: channels * (keeps ?? columns),
  };
}

function tokensOf(
  { kind, tensors, window, keepsAll, tokens: seen }: CacheNote,
  more: number,
  observed: boolean,
  facts: CacheFacts,
): Known<CachedTokens> | undefined {
  const [key, value] = tensors;
  const sizes = key && sizesOf(key);
  const others = value ? sizesOf(value) : [];
  if (!key) return undefined;
  if (!sizes || !others || sizes.length < 3) return new Unknown("the size of a layer's keys and values is not known");
  const [batch = 1] = sizes;
  const [held = 0, keyWidth = 0] = sizes.slice(-2);
  if (value && others.at(-2) !== held) return new Unknown("which axis of a cache holds its tokens is not known");
  const valueWidth = value ? (others.at(-1) ?? 0) : 0;
  const heads = sizes.slice(1, -2).reduce((product, size) => product * size, 1);
  const grown = kind === "crossed" ? 0 : more;
  const tokens = (seen ?? held) + grown;
  const ownWindow = kind === "keys" ? window : undefined;
  const chunk = facts["attention_chunk_size"];
  const common = {
    batch,
    tokens,
    window: ownWindow,
    chunked: ownWindow !== undefined && ownWindow === chunk && facts["sliding_window"] !== ownWindow,
    heldTokens: ownWindow === undefined || keepsAll === true || tokens < ownWindow ? tokens : ownWindow - 1,
    itemBytes: itemBytes(key.dtype),
  };
  const plain = { ...common, heads, keyWidth, valueWidth, expandedElements: heads * (keyWidth + valueWidth) };
  const latent = kind === "keys" ? latentWidths(facts, heads, keyWidth) : undefined;
  if (!latent) return { kind: kind === "crossed" || kind === "index" ? kind : "keys", ...plain, expanded: false };
  const expanded = heads > 1;
  const all = expanded ? plain.expandedElements : latent.expandedElements;
  const widths = { keyWidth: latent.rank, valueWidth: latent.turned };
  return { kind: "latent", ...common, heads: 1, ...widths, expandedElements: all, expanded };
}

/** The widths of multi-head latent attention, where the config names them and a layer's keys are of it. */
function latentWidths(
  facts: CacheFacts,
  heads: number,
  keyWidth: number,
): { rank: number; turned: number; expandedElements: number } | undefined {
  const number = (name: string) => (typeof facts[name] === "number" ? facts[name] : undefined);
  const [rank, turned, plain, width] = ["kv_lora_rank", "qk_rope_head_dim", "qk_nope_head_dim", "v_head_dim"].map(
    number,
  );
  const all = number("num_attention_heads");
  if (!rank || turned === undefined || !plain || !width || !all) return undefined;
  const isLatent = heads === 1 && (keyWidth === rank || keyWidth === rank + turned);
  const isExpanded = heads === all && keyWidth === plain + turned;
  return isLatent || isExpanded ? { rank, turned, expandedElements: all * (plain + turned + width) } : undefined;
}

/** Elements of one token. */
export function tokenElements({ heads, keyWidth, valueWidth }: CachedTokens): number {
  return heads * (keyWidth + valueWidth);
}
