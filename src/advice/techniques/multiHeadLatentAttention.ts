import { known } from "../../base/unknown.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { cacheBytes } from "../attention/caches.ts";
import { type AttentionCall, attentionCalls } from "../attention/calls.ts";
import { headsOf } from "../attention/keyHeads.ts";
import { operationSeconds } from "../attention/seconds.ts";
import { type CallSite, placed } from "../attention/sites.ts";
import type { Subject } from "../subject.ts";
import { type Found, type Knobs, type Term, technique } from "./technique.ts";

interface LatentSite extends CallSite {
  readonly heads: number;
  readonly keyHeads: number;
}

/**
 * One narrow latent vector a token in the KV cache, out of which each head's keys and values are made, and a few rotary
 * features that all heads share.
 *
 * Closed form: `L·B·S·(r + d_r)` cached elements; a layer's keys and values have `d·(r + d_r) + r·h·(d_h + d_v)` parameters,
 * its queries `d·h·(d_h + d_r)`. In decoding the latent is attended to itself: `h·S·(2·r + d_r)` multiply-adds a token.
 */
export default technique<LatentSite>({
  id: "multi-head-latent-attention",
  name: "Multi-head latent attention",
  kind: "attention",
  paper: {
    title: "DeepSeek-V2: A Strong, Economical, and Efficient Mixture-of-Experts Language Model",
    arxiv: "2405.04434",
    year: 2024,
    where: "section 2.1",
  },
  what: "Keys and values are cached as one latent vector a token, from which every head makes its own.",
  price:
    "Other weights, to be trained from the start or converted and trained on. Decoding multiplies more: each head attends over the whole latent, unless keys and values are made from it again for every token.",
  demands: "training",
  exact: false,
  knobs: {
    rank: { default: 512, what: "width of the latent vector", min: 1 },
    rotary: { default: 64, what: "rotary features that all heads share", min: 0 },
  },

  find({ pass, scenario, kvCaches }): Found<LatentSite> {
    const calls = attentionCalls(pass).filter(isLookingBack);
    if (calls.length === 0) return { sites: [] };
    if (kvCaches.length === 0)
      return { sites: [], why: "Its layers keep no KV cache, which is what a latent vector makes small." };
    const sites = placed(calls, () => "").map((site) => {
      const { queries, keys } = headsOf(site.calls[0] as AttentionCall, pass, scenario.batch);
      const [{ width, valueWidth }] = site.calls as readonly [AttentionCall];
      return {
        ...site,
        heads: queries,
        keyHeads: keys,
        what: `${keys} heads cache ${keys * (width + valueWidth)} elements a token in each of ${site.calls.length} layers.`,
      };
    });
    const own = (site: LatentSite) => site.keyHeads * ((site.calls[0]?.width ?? 0) + (site.calls[0]?.valueWidth ?? 0));
    const fitting = sites.filter((site) => own(site) > 576);
    const [first] = sites as [LatentSite];
    return fitting.length > 0
      ? { sites: fitting }
      : {
          sites: [],
          why: `Its layers cache ${own(first)} elements a token, no more than a latent vector of 512 with 64 rotary features.`,
        };
  },

  change(subject, sites, knobs) {
    const rank = Number(knobs.rank);
    const latent = rank + Number(knobs.rotary);
    const before = cacheBytes(subject.kvCaches);
    const item = itemBytes(subject.kvCaches[0]?.[0]?.dtype ?? "float32");
    const [{ keyHeads, calls }] = sites as [LatentSite];
    const [{ width, valueWidth, keys }] = calls as [AttentionCall];
    const after = (before * latent) / (keyHeads * (width + valueWidth));
    const { params, macs } = sites
      .flatMap((site) => site.calls.map((call) => differences(site, call, subject, knobs)))
      .reduce(added, { params: 0, macs: 0 });
    const all = known(subject.figures.layers.get("")?.params ?? 0) || 1;
    const isDecoding = subject.scenario.phase === "decode";
    const secondsOf = operationSeconds(subject);
    const seconds = sites.flatMap((site) => site.calls).reduce((sum, { operation }) => sum + secondsOf(operation), 0);
    const own = { seconds, read: before };
    const formula = "W_q d·h·(d_h + d_r), W_kv d·(r + d_r), then r·h·(d_h + d_v); before d·h·d_h + d·h_kv·(d_h + d_v)";
    return {
      terms: [
        { figure: "kvBytes", add: after - before, formula: "L·B·S·(r + d_r)·bytes" },
        { figure: "params", add: params, formula },
        { figure: "trainableParams", add: params, formula },
        { figure: "weightBytes", factor: 1 + params / all, formula },
        { figure: "gradientBytes", factor: 1 + params / all, formula },
        { figure: "optimizerBytes", factor: 1 + params / all, formula },
        { figure: "peakBytes", add: after - before + params * item, formula: "with the cache and the weights" },
        ...(isDecoding
          ? readingTerms(after - before, own)
          : [
              {
                figure: "flops",
                add: 2 * macs,
                formula: "two for each multiply-add of these weights, and wider scores",
              } as const,
            ]),
      ],
      shows: [
        { name: "elements cached a token and layer", before: keyHeads * (width + valueWidth), after: latent },
        ...(isDecoding
          ? [
              {
                name: "multiply-adds of a head's attention a token",
                before: keys * (width + valueWidth),
                after: keys * (2 * rank + Number(knobs.rotary)),
              },
            ]
          : []),
      ],
    };
  },
});

/** Attention's time falls with the bytes that it reads. */
function readingTerms(bytes: number, { seconds, read }: { seconds: number; read: number }): Term[] {
  const formula = "attention's time in proportion to the cache that it reads";
  return [
    { figure: "trafficBytes", add: bytes, formula: "the cache is read once" },
    { figure: "seconds", add: (seconds * bytes) / read, formula },
    { figure: "eagerSeconds", add: (seconds * bytes) / read, formula },
  ];
}

function isLookingBack({ isCausal, queries, keys, isMaskedByQuery }: AttentionCall): boolean {
  return isCausal || isMaskedByQuery || (queries <= 16 && keys > queries);
}

interface Difference {
  readonly params: number;
  readonly macs: number;
}

/** Parameters and multiply-adds that a layer has more, of a model as wide as all its heads. */
function differences(
  { heads, keyHeads }: LatentSite,
  call: AttentionCall,
  { scenario }: Subject,
  knobs: Knobs,
): Difference {
  const [rank, rotary] = [Number(knobs.rank), Number(knobs.rotary)];
  const { width, valueWidth, queries, keys, rows } = call;
  const model = heads * width;
  const before = model * heads * width + model * keyHeads * (width + valueWidth);
  const after = model * heads * (width + rotary) + model * (rank + rotary) + rank * heads * (width + valueWidth);
  const tokens = Math.min(scenario.batch, rows) * queries;
  return { params: after - before, macs: (after - before) * tokens + rows * queries * keys * rotary };
}

function added(a: Difference, b: Difference): Difference {
  return { params: a.params + b.params, macs: a.macs + b.macs };
}
