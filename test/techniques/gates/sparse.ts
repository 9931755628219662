/** Published and counted figures of Longformer's and BigBird's patterns (arXiv:2201.11838, 2004.05150, 2007.14062). */
import { bandPairs, bigBird, longformer } from "../../../src/advice/attention/sparse.ts";
import { costsOf } from "../../../src/advice/pricing.ts";
import { subjectOf } from "../../support/subject.ts";
import type { Gate } from "./gate.ts";

const MiB = 2 ** 20;
const unit = 512 ** 2;
/** Scores of 12 heads in fp16. */
const kept = (pairs: number) => (12 * pairs * 2) / MiB;

const roberta = JSON.stringify({
  architectures: ["RobertaModel"],
  model_type: "roberta",
  hidden_size: 768,
  intermediate_size: 3072,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  vocab_size: 50265,
  max_position_embeddings: 514,
  type_vocab_size: 1,
});

export function sparseGates(): readonly Gate[] {
  const band = bandPairs(4096, 512);
  const blocks = bigBird(4096, 64, 3).pairs;
  // Without its pooler.
  const encoder = (costsOf(subjectOf(roberta, { sequence: 16 })).params ?? 0) - (768 ** 2 + 768);
  const projections = 12 * 3 * (768 ** 2 + 768);
  const positions = (4098 - 514) * 768;
  return [
    { what: "Longformer, 4096 tokens, window 512: pairs", published: "2035456", here: band, within: "exact" },
    { what: "the same, % of all pairs", published: "12.1", here: (100 * band) / 4096 ** 2, within: "exact" },
    {
      what: "BigBird, 4096 tokens, blocks of 64, 3 at random: pairs",
      published: "2547712",
      here: blocks,
      within: "exact",
    },
    { what: "the same, % of all pairs", published: "15.2", here: (100 * blocks) / 4096 ** 2, within: "exact" },
    {
      what: "BigBird, 1024 tokens, in units of 512² (printed 2 leaves the whole rows out)",
      published: "2.22",
      here: bigBird(1024, 64, 3).pairs / unit,
      within: "exact",
    },
    {
      what: "BigBird, 4096 tokens, in units of 512² (printed 8 leaves the whole rows out)",
      published: "9.72",
      here: blocks / unit,
      within: "exact",
    },
    { what: "dense, 1024 tokens, in units of 512²", published: "4", here: 1024 ** 2 / unit, within: "exact" },
    { what: "dense, 4096 tokens, in units of 512²", published: "64", here: 4096 ** 2 / unit, within: "exact" },
    {
      what: "window 512: keys of a token beside itself, as many as RoBERTa's",
      published: "512",
      here: longformer(4096, 512, 0).pairs / 4096 - 1,
      within: "exact",
    },
    {
      what: "scores in chunks over those of the band, × (2 in Longformer's appendix A)",
      published: "1.87",
      here: longformer(4096, 512, 0).scoreProducts / longformer(4096, 512, 0).pairs,
      within: "exact",
    },
    { what: "probabilities of a dense layer, MiB", published: "384", here: kept(4096 ** 2), within: "exact" },
    { what: "of Longformer's", published: "48.2", here: kept(longformer(4096, 512, 1).pairs), within: 0.005 },
    { what: "of BigBird's", published: "58.3", here: kept(blocks), within: "exact" },
    {
      what: "Longformer-base: projections of global tokens, M",
      published: "21.26",
      here: projections / 1e6,
      within: "exact",
    },
    { what: "RoBERTa-base's encoder, M", published: "124.06", here: encoder / 1e6, within: "exact" },
    {
      what: "Longformer-base's, with projections and 4098 positions, M",
      published: "148.07",
      here: (encoder + projections + positions) / 1e6,
      within: "exact",
    },
    {
      what: "break-even of transformers' chunks with full attention at window 512, tokens",
      published: "896",
      here: breakEven(),
      within: "exact",
    },
  ];
}

/** The length at which chunks multiply as much as full attention does. */
function breakEven(): number {
  let length = 512;
  while (limit(length) > 2 * length ** 2) length += 1;
  return length;
}

/** Products a feature in the limit of many chunks: 2·w·S for the scores, 1.5·w·S for the values. */
function limit(length: number): number {
  return 3.5 * 512 * length;
}
