import { showCount } from "../../base/units.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { invocationFlops, type Processor, processorParams } from "../cache/consolidation.ts";
import { processorEdit } from "../cache/consolidationCode.ts";
import { cacheShape, has } from "../cache/targets.ts";
import { type Found, type Site, type Term, technique } from "./technique.ts";

/** Kernels of a processor's block, and what starting one takes (5 µs). */
const kernelsPerLayer = 12;
const startSeconds = 5e-6;

/**
 * A trained processor rewrites keys and values of the reasoning step that ended and of those it attended to most.
 *
 * A cost, not a saving: L·(2·c·d_p + 4·d_p² + g·d_p·f_p) parameters, 2·n·P + 4·L·n²·d_p FLOPs at the end of each step. The
 * cache keeps its length and its bytes.
 */
export default technique<Site>({
  id: "bottlenecked-transformer",
  name: "Bottlenecked Transformer",
  kind: "kv-cache",
  paper: {
    title: "Bottlenecked Transformers: Periodic KV Cache Consolidation for Generalised Reasoning",
    arxiv: "2505.16950",
    year: 2025,
    where: "design; closed forms derived",
  },
  what: "At the end of each reasoning step a small trained block per layer rewrites a part of the KV cache in place.",
  price:
    "It costs on every axis and saves nothing: bought for accuracy on reasoning, reported for models up to 8 B. The backbone is fine-tuned and the processor trained step after step. Prefix caches cannot be shared, and eager attention is needed where its weights are.",
  demands: "training",
  exact: false,
  knobs: {
    width: { default: 512, what: "of the processor", min: 1 },
    hidden: { default: 2240, what: "width of its feed-forward part", min: 1 },
    gated: { default: true, what: "whether its feed-forward part is gated" },
    recalled: { default: 32, what: "older positions that are rewritten", min: 0 },
    recent: { default: 64, what: "positions of the step that are rewritten at most", min: 1 },
    step: { default: 32, what: "mean tokens of a reasoning step", min: 1 },
  },

  find(subject): Found<Site> {
    const cache = cacheShape(subject);
    if (has(subject, "CacheProcessor")) return { sites: [], why: "A processor rewrites its cache already." };
    if (!cache || subject.scenario.phase !== "decode")
      return {
        sites: [],
        why: cache ? "It rewrites the cache while tokens are decoded, not in this phase." : undefined,
      };
    return {
      sites: [
        {
          at: undefined,
          what: `${cache.layers} layers cache ${cache.elementsPerLayer} elements a token; all of it is kept, and costs are added.`,
        },
      ],
    };
  },

  change(subject, _, knobs) {
    const cache = cacheShape(subject);
    if (!cache) return {};
    const processor: Processor = {
      layers: cache.layers,
      elements: cache.elementsPerLayer,
      width: Number(knobs.width),
      hidden: Number(knobs.hidden),
      matrices: knobs.gated === true ? 3 : 2,
    };
    const params = processorParams(processor);
    const step = Number(knobs.step);
    const positions = Math.min(step, Number(knobs.recent)) + Number(knobs.recalled);
    const flops = (subject.scenario.batch * invocationFlops(processor, positions)) / step;
    const item = itemBytes(subject.kvCaches[0]?.[0]?.dtype ?? "bfloat16");
    const rewritten = 2 * positions * cache.layers * cache.elementsPerLayer * item * subject.scenario.batch;
    const bytes = (item * params + rewritten) / step;
    const { device } = subject;
    const seconds = device
      ? bytes / device.memoryBytesPerSecond + (cache.layers * kernelsPerLayer * startSeconds) / step
      : 0;
    const parameters = "L·(2·c·d_p + 4·d_p² + g·d_p·f_p + 1)";
    const reading =
      "its weights and the rewritten positions read at each step's end, 12 kernels a layer, over the step's tokens";
    const terms: Term[] = [
      { figure: "params", add: params, formula: parameters },
      { figure: "trainableParams", add: params, formula: parameters },
      { figure: "weightBytes", add: item * params, formula: parameters },
      { figure: "peakBytes", add: item * params, formula: parameters },
      { figure: "trafficBytes", add: bytes, formula: reading },
      { figure: "seconds", add: seconds, formula: reading },
      { figure: "eagerSeconds", add: seconds, formula: reading },
    ];
    return {
      terms,
      shows: [
        { name: "parameters added", after: showCount(params) },
        { name: "share of the model", after: `${((100 * params) / cache.params).toFixed(1)} %` },
        { name: "KV cache", before: "as it is", after: "as it is" },
        {
          name: "FLOPs of decoding more by",
          after: `${((100 * flops) / (2 * cache.params * subject.scenario.batch)).toFixed(0)} %`,
        },
      ],
      remarks: [
        "A cost, not a saving. The time is a floor: selecting positions by attention weights that eager attention writes out comes on top.",
      ],
    };
  },

  edit(subject, _, knobs) {
    const number = (name: string) => Number(knobs[name]);
    return processorEdit(subject, {
      width: number("width"),
      hidden: number("hidden"),
      isGated: knobs["gated"] === true,
      recalled: number("recalled"),
      recent: number("recent"),
    });
  },
});
