import { known } from "../../base/unknown.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { attentionCalls } from "../attention/calls.ts";
import { memoEdit } from "../cache/memoEdit.ts";
import { memoContext, readingPairs, readingPasses, trainingPasses } from "../cache/summaries.ts";
import { cacheShape, has } from "../cache/targets.ts";
import { productWeights } from "../weights/products.ts";
import { type Found, type Site, technique } from "./technique.ts";

/**
 * After each segment learned tokens sum it up; later steps attend to all summaries and the current segment.
 *
 * C(t) = ⌊t/l_seg⌋·l_sum + t mod l_seg in place of t: a decode step is interpreted again at that length, one that ends no segment.
 * Writing summaries and reading them in again multiplies the layers' work by 1 + 2·l_sum/l_seg; l_sum·d parameters are added.
 */
export default technique<Site>({
  id: "memo",
  name: "Memo",
  kind: "kv-cache",
  paper: {
    title: "Memo: Training Memory-Efficient Embodied Agents with Reinforcement Learning",
    arxiv: "2510.19732",
    year: 2025,
    where: "sections 3, 4.3 and 4.6; released code",
  },
  what: "Learned summary tokens stand for all but the current segment of a long rollout.",
  price:
    "Trained from scratch with gradients through all segments, at about twice the layers' work; sensitive to the number of summary tokens, and it extrapolates to 1.5 to 2.5 times the trained length. The released code keeps the raw cache: the saving has to be made in storage.",
  demands: "training",
  exact: false,
  knobs: {
    segment: { default: 256, what: "inputs before a summary is written", min: 2 },
    summary: { default: 32, what: "summary tokens for each segment; fewer than its inputs", min: 1 },
  },

  find(subject): Found<Site> {
    const cache = cacheShape(subject);
    if (!cache) return { sites: [] };
    const { phase, sequence } = subject.scenario;
    if (has(subject, "Memo")) return { sites: [], why: "It reads in segments and keeps their summaries already." };
    if (phase !== "decode") return { sites: [], why: "It shortens what a decode step attends to, not this phase." };
    if (sequence < 10 * 256) return { sites: [], why: `${sequence} steps are fewer than ten segments of 256.` };
    return {
      sites: [{ at: undefined, what: `A step attends to ${sequence} earlier ones in each of ${cache.layers} layers.` }],
    };
  },

  change(subject, _, knobs) {
    const [segment, summary] = [Number(knobs.segment), Number(knobs.summary)];
    const { sequence } = subject.scenario;
    if (summary >= segment) return { remarks: [`${summary} summary tokens for ${segment} inputs sum up nothing.`] };
    const context = memoContext(sequence, segment, summary);
    const [first] = productWeights(subject);
    const added = summary * (first?.inputs ?? 0);
    const own = known(subject.figures.layers.get("")?.flops ?? 0) ?? 0;
    const core = attentionCalls(subject.inference).reduce(
      (sum, { rows, queries, keys, width, valueWidth }) => sum + 2 * rows * queries * keys * (width + valueWidth),
      0,
    );
    const read =
      (own - core) * readingPasses(sequence, segment, summary) +
      (core * readingPairs(sequence, segment, summary)) / sequence ** 2;
    return {
      scenario: { sequence: context },
      terms: [
        { figure: "params", add: added, formula: "l_sum·d" },
        { figure: "weightBytes", add: added * itemBytes(first?.tensor.dtype ?? "float32"), formula: "l_sum·d" },
        { figure: "trainableParams", add: added, formula: "l_sum·d" },
        {
          figure: "flops",
          factor: 0,
          add: read,
          formula: "the rollout read in segments: (1 + 2·l_sum/l_seg) of the layers' work, and each segment's pairs",
        },
      ],
      shows: [
        { name: "tokens attended to", before: sequence, after: context },
        { name: "context shorter by", after: `${(sequence / context).toFixed(2)} ×` },
        { name: "layers' work", after: `${1 + (2 * summary) / segment} ×: summaries are written, and read in again` },
        { name: "a step's time, with the share of a segment's summaries", after: `${1 + (2 * summary) / segment} ×` },
        { name: "at most", after: `${(segment / summary).toFixed(0)} ×` },
        {
          name: "layers' work in training",
          after: `${trainingPasses(4096, segment, summary).toFixed(2)} × at 4096 steps`,
        },
      ],
    };
  },

  edit(subject, _, knobs) {
    const [segment, summary] = [Number(knobs["segment"]), Number(knobs["summary"])];
    if (summary >= segment) return { reason: `${summary} summary tokens for ${segment} inputs sum up nothing` };
    return memoEdit(subject, segment, summary);
  },
});
