/** vLLM: pages of tokens from one pool; layers of a kind in groups of one size, so that every page of a group is as large. */
import { scenarioItemBytes } from "../../../base/scenario.ts";
import { type Known, Unknown } from "../../../base/unknown.ts";
import { type CachedState, type CachedTokens, isTokens, tokenElements } from "./cachedLayer.ts";
import { type Kept, type Layout, type Runtime, statesOf, tokensOf, upTo } from "./layout.ts";

/** The default `block_size` on CUDA devices. */
const pageTokens = 16;

/** Layers whose pages are alike. */
interface Spec {
  readonly layers: number;
  readonly example: CachedTokens | undefined;
  /** Of one token of a layer; of a state's page. */
  readonly bytes: number;
}

export const vllm: Runtime = {
  id: "vllm",
  source: (kept) =>
    [
      `vLLM (kv_cache_utils.py): pages of ${pageTokens} tokens`,
      ...(tokensOf(kept.layers).some(({ window }) => window !== undefined)
        ? ["pages behind a window are given back"]
        : []),
      ...(tokensOf(kept.layers).some(({ kind }) => kind === "latent") ? ["latent vectors stay latent"] : []),
      ...(statesOf(kept.layers).length > 0 ? ["a state takes a page as large as attention's"] : []),
      ...(specsOf(kept).length > 1 ? ["layers in groups of one size"] : []),
    ].join("; "),
  layout: (kept) => {
    const refused = refusal(kept);
    return refused ? new Unknown(refused) : paged(specsOf(kept), kept.layers[0]?.batch ?? 1);
  },
};

/** Each group of a spec's layers takes its own pages; a group's page is the page of each of its layers. */
function paged(specs: readonly Spec[], batch: number): Known<Layout> {
  const states = specs.filter(({ example }) => !example);
  const attention = specs.filter((spec) => spec.example);
  const stateBytes = Math.max(0, ...states.map(({ bytes }) => bytes));
  const least = Math.min(...attention.map(({ bytes }) => bytes));
  const most = Math.max(...attention.map(({ bytes }) => bytes));
  if (attention.length === 0) {
    const bytes = batch * states.reduce((sum, spec) => sum + spec.layers * spec.bytes, 0);
    return { bytes, bytesPerToken: 0 };
  }
  if (states.length > 0 && least !== most)
    return new Unknown("how vLLM makes pages of states and of unequal layers as large is not known");
  if (attention.some(({ bytes }) => most % bytes !== 0))
    return new Unknown("vLLM makes no pages of layers whose tokens are not multiples of each other");
  const block = states.length > 0 ? upTo(pageTokens, Math.ceil(stateBytes / most)) : pageTokens;
  const page = block * most;
  const counts = specs.map(({ layers }) => layers);
  const [fewest, largest] = [Math.min(...counts), Math.max(...counts)];
  const size = largest < fewest * 1.25 ? largest : fewest;
  const of = (layers: number) => Math.ceil(layers / size) * size;
  let bytes = 0;
  let bytesPerToken = 0;
  for (const { layers, example, bytes: each } of specs) {
    if (!example) {
      bytes += batch * of(layers) * page;
      continue;
    }
    const tokens = (block * most) / each;
    const pages = Math.ceil(example.tokens / tokens) - Math.floor(passed(example) / tokens);
    bytes += example.batch * of(layers) * pages * page;
    if (example.kind !== "crossed" && passed(example) === 0) bytesPerToken += of(layers) * each;
  }
  return { bytes, bytesPerToken };
}

/** Tokens that a window has left behind. */
function passed({ tokens, window, chunked }: CachedTokens): number {
  if (window === undefined) return 0;
  return chunked ? Math.floor(tokens / window) * window : Math.max(0, tokens - window + 1);
}

function specsOf({ layers, facts, kvDtype }: Kept): Spec[] {
  const specs = new Map<string, Spec>();
  const add = (name: string, example: CachedTokens | undefined, bytes: number) => {
    const one = specs.get(name) ?? { layers: 0, example, bytes };
    specs.set(name, { ...one, layers: one.layers + 1 });
  };
  for (const layer of layers) {
    if (!isTokens(layer)) continue;
    const { kind, heads, keyWidth, valueWidth, window, tokens } = layer;
    const scales = kvDtype === "int8" ? 2 * heads * 4 : 0;
    const item = kvDtype === undefined ? layer.itemBytes : scenarioItemBytes(kvDtype);
    add([kind, heads, keyWidth, valueWidth, window, tokens].join(), layer, tokenElements(layer) * item + scales);
  }
  const pages = new Map<number, number>();
  const ownItem = layers.find((layer) => layer.kind !== "recurrent")?.itemBytes;
  for (const state of statesOf(layers))
    pages.set(state.call, (pages.get(state.call) ?? 0) + statePart(state, facts, ownItem));
  for (const bytes of pages.values()) add(`state ${bytes}`, undefined, bytes);
  return [...specs.values()];
}

/** A state is in the model's type where the config does not name another for it. */
function statePart(
  { kind, elements, itemBytes }: CachedState,
  facts: Kept["facts"],
  ownItem: number | undefined,
): number {
  const isWide = facts["mamba_ssm_dtype"] === "float32";
  return elements * (kind === "convolution" ? itemBytes : isWide ? 4 : (ownItem ?? itemBytes));
}

/** Why it cannot be said; undefined where it can. */
function refusal({ layers, facts, kvDtype }: Kept): string | undefined {
  if (kvDtype === "int4") return "vLLM has no KV cache in int4";
  if (facts["model_type"] === undefined) return "the model names no family, so that what vLLM makes of it is not known";
  if (unserved.has(String(facts["model_type"]))) return `vLLM does not run ${facts["model_type"]}`;
  if (statesOf(layers).length > 0 && !stateful.has(String(facts["model_type"])))
    return `how vLLM keeps the states of ${facts["model_type"]} is not known`;
  if (layers.some(({ kind }) => kind === "index")) return "what vLLM keeps of an indexer's keys is not known";
  return undefined;
}

/** Families with encoders, and old ones, that vLLM has no model of. */
const unserved = new Set(["t5", "mt5", "umt5", "ctrl", "xglm"]);

/** Families whose states are in `MambaSpec`, by their convolution and their recurrence. */
const stateful = new Set([
  "bamba",
  "falcon_h1",
  "falcon_mamba",
  "granitemoehybrid",
  "jamba",
  "kimi_linear",
  "lfm2",
  "lfm2_moe",
  "mamba",
  "mamba2",
  "nemotron_h",
  "qwen3_next",
  "zamba2",
]);
