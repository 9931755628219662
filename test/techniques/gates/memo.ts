/** Published and derived figures of Memo (arXiv:2510.19732, sections 4.3, 4.6 and 4.8). */
import { memoContext, streamedContext, trainingPasses } from "../../../src/advice/cache/summaries.ts";
import { subjectOf } from "../../support/subject.ts";
import { advised } from "../advised.ts";
import type { Gate } from "./gate.ts";

/** A policy of the released size: 4 layers, 256 features, 8 heads, as a decoder of tokens. */
const policy = JSON.stringify({
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  hidden_size: 256,
  intermediate_size: 1024,
  num_hidden_layers: 4,
  num_attention_heads: 8,
  num_key_value_heads: 8,
  max_position_embeddings: 65536,
  vocab_size: 64,
  torch_dtype: "float16",
  tie_word_embeddings: false,
});

export function memoGates(): readonly Gate[] {
  const exact = "exact" as const;
  const rollout = (summary: number) => {
    const subject = subjectOf(policy, { phase: "decode", sequence: 32_768, device: "nvidia-a100-sxm-40gb" });
    return advised(subject, `memo[summary=${summary}]`);
  };
  const atMost = (summary: number) =>
    Number.parseFloat(String(rollout(summary).shows.find(({ name }) => name === "at most")?.after));
  const { before, after } = rollout(32);
  // A whole rollout of single steps: each meets all before it, or the summaries and its segment.
  const tokens = 32_000;
  const [layers, width, block] = [4, 256, 4 * 256 ** 2 + 3 * 256 * 1024];
  const steps = Array.from({ length: tokens }, (_, step) => step);
  const dense = steps.reduce((sum, step) => sum + layers * (2 * block + 4 * width * step), 0);
  const summed = steps.reduce(
    (sum, step) => sum + layers * (2 * block + 4 * width * memoContext(step, 256, 32)) * (1 + (2 * 32) / 256),
    0,
  );
  // All segments but their summaries, as training runs them, over one full pass.
  const ofTraining = Array.from({ length: 16 }, (_, n) => (32 * n + 288) ** 2).reduce((sum, one) => sum + one, 0);
  return [
    { what: "l_seg 256, l_sum 32: fewer tokens by, ×", published: "8", here: atMost(32), within: exact },
    { what: "l_sum 16: fewer tokens by, ×", published: "16", here: atMost(16), within: exact },
    { what: "l_sum 64: fewer tokens by, ×", published: "4", here: atMost(64), within: exact },
    {
      what: "fewest at 32,000 steps, with a full segment open, ×",
      published: "7.52",
      here: tokens / streamedContext(Math.floor(tokens / 256), 256, 32),
      within: exact,
    },
    {
      what: "at 4096 steps, with a full segment open, × (5.6 to 8)",
      published: "5.6",
      here: 4096 / streamedContext(4096 / 256 - 1, 256, 32),
      within: 0.02,
    },
    {
      what: "streaming, 24 segments: context that is kept",
      published: "1024",
      here: streamedContext(24, 256, 32),
      within: exact,
    },
    {
      what: "the same by the printed round(6000/256) segments",
      published: "992",
      here: streamedContext(Math.round(6000 / 256), 256, 32),
      within: exact,
    },
    {
      what: "training, 4096 steps: tokens through the layers",
      published: "8448",
      here: 4096 * trainingPasses(4096, 256, 32),
      within: exact,
    },
    {
      what: "training: the layers' work over one full pass, ×",
      published: "2.06",
      here: trainingPasses(4096, 256, 32),
      within: exact,
    },
    {
      what: "training: attention over one full pass, ×",
      published: "0.29",
      here: ofTraining / 4096 ** 2,
      within: exact,
    },
    { what: "32,000 steps, each by itself: FLOPs less by, ×", published: "4.2", here: dense / summed, within: 0.2 },
    {
      what: "32,768 steps: cache less by, × (one tenth, and 8 to 10, in notes)",
      published: "10",
      here: (before.kvBytes ?? 0) / (after.kvBytes ?? 1),
      within: [7, 10],
    },
  ];
}
