import assert from "node:assert/strict";
import { heuristicSplits, leanSchedule, wholeHeads } from "../../src/advice/attention/decodeSchedule.ts";
import { gateParameters } from "../../src/advice/attention/gate.ts";
import { attentionSize } from "../../src/advice/attention/landmarks.ts";
import { bandPairs, bigBird, longformer } from "../../src/advice/attention/sparse.ts";
import type { Subject } from "../../src/advice/subject.ts";
import type { Storage } from "../../src/tensor/tensor.ts";
import { subjectOf } from "../support/subject.ts";
import { advised } from "./advised.ts";
import { ssaLayer } from "./gates/ssa.ts";

const MiB = 2 ** 20;
/** As in tables 18 to 21 of FlashAttention: 16 sequences, 8 heads of 64, fp16. */
const s = (positions: number) => 16 * 8 * positions ** 2 * 2;
const u = (positions: number) => 16 * 8 * positions * 64 * 2;

/** The bytes that tensors and what autograd keeps take at most, `withWorkspaces` what kernels take beside. */
function peakBytes({ step }: Subject, withWorkspaces: boolean): number {
  const live = new Map<Storage, number>();
  let peak = 0;
  for (const event of step?.events ?? []) {
    if (event.kind === "release") live.delete(event.storage);
    if (event.kind !== "operation") continue;
    for (const one of [...event.inputs.map(({ storage }) => storage), ...event.made, ...event.saved])
      live.set(one, Number(one.bytes));
    const now = [...live.values()].reduce((sum, bytes) => sum + bytes, 0);
    // The loss and its gradient belong to no module, and stand in for the gradient that the paper hands in.
    if (event.module === 0) continue;
    peak = Math.max(peak, now + (withWorkspaces ? Number(event.workspaceBytes) : 0));
  }
  return peak;
}

const a100 = { device: "nvidia-a100-sxm-80gb", phase: "train", dtype: "fp16", sequence: 16 } as const;
const imports = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n";

/** Attention as the cell of a notebook writes it: every name stays alive through the backward pass. */
const cell = (positions: number, isFlash: boolean) => `${imports}
class Cell(nn.Module):  # assay: Cell()()
    def __init__(self):
        super().__init__()
        self.given = nn.ParameterList([torch.empty(16, ${positions}, 8, 64) for _ in range(3)])

    def forward(self):
${
  isFlash
    ? `        self.q, self.k, self.v = (one + 0 for one in self.given)
        q, k, v = (one.transpose(1, 2) for one in (self.q, self.k, self.v))
        self.out = F.scaled_dot_product_attention(q, k, v)`
    : `        self.q, self.k, self.v = (one.transpose(1, 2).contiguous() for one in self.given)
        self.scaled = self.q / 8
        self.scores = self.scaled @ self.k.transpose(-2, -1)
        self.weights = torch.softmax(self.scores, dim=-1)
        self.out = self.weights @ self.v`
}
        self.merged = self.out.transpose(1, 2).flatten(2)
        return self.merged
`;

describe("FlashAttention's figures", () => {
  const eager = { 128: 36, 256: 104, 512: 336, 1024: 1184, 2048: 4416, 4096: 17024 };
  for (const [positions, printed] of Object.entries(eager))
    it(`${printed} MB for attention that is written out over ${positions} positions, which is 4s + 10u (table 21)`, () => {
      const peak = peakBytes(subjectOf(cell(Number(positions), false), a100), false);
      assert.equal(Math.floor(peak / MiB), printed);
      assert.equal(4 * s(Number(positions)) + 10 * u(Number(positions)), printed * MiB);
      assert(peak - printed * MiB < 64, "beside it only the loss");
    });

  const flash = { 512: 104, 1024: 209, 2048: 418, 4096: 836, 8192: 1672, 16384: 3344, 32768: 6688, 65536: 13376 };
  for (const [positions, printed] of Object.entries(flash))
    it(`${printed} MB for the kernel over ${positions} positions, which is 13u + 8BhS (table 21)`, () => {
      const peak = peakBytes(subjectOf(cell(Number(positions), true), a100), true);
      assert.equal(Math.floor(peak / MiB), printed);
      assert(peak - (13 * u(Number(positions)) + 8 * 16 * 8 * Number(positions)) < 64);
    });

  it("40.3 GB moved by GPT-2 medium's attention with a mask and dropout (figure 2)", () => {
    const text = `${imports}
class Attention(nn.Module):  # assay: Attention()(float32[64, 16, 1024, 64], float32[64, 16, 1024, 64], float32[64, 16, 1024, 64])
    def __init__(self):
        super().__init__()
        self.into = nn.Parameter(torch.ones(1))
        self.register_buffer("mask", torch.zeros(1024, 1024))

    def forward(self, q, k, v):
        q, k, v = q + self.into, k + self.into, v + self.into
        weights = F.dropout(torch.softmax(q @ k.transpose(-2, -1) + self.mask, dim=-1), 0.1)
        return weights @ v
`;
    const { step } = subjectOf(text, { ...a100, device: "nvidia-a100-sxm-40gb" });
    const moved = (step?.events ?? []).reduce((sum, event) => {
      const isWide =
        event.kind === "operation" &&
        [...event.inputs, ...event.outputs].some(({ storage }) => Number(storage.bytes) >= 2 ** 31);
      return isWide ? sum + Number(event.bytesRead) + Number(event.bytesWritten) : sum;
    }, 0);
    assert(Math.abs(moved / 40.3e9 - 1) < 0.06, `${moved / 1e9} GB`);
  });

  it("14 parts of products in the place of 12: backward computes the scores again", () => {
    const { before, after } = advised(
      subjectOf(cell(256, false).replaceAll("self.weights", "weights").replaceAll("self.scores", "scores"), a100),
      "flash-attention",
    );
    assert.equal((after.stepFlops ?? 0) / (before.stepFlops ?? 1), 14 / 12);
  });
});

describe("Lean Attention's schedules", () => {
  const work = { sequences: 1, group: 1, queries: 1, units: 108, width: 64 };
  const rows = [
    [
      { ...work, keyHeads: 32, keys: 262144 },
      { tiles: 32768, blocks: 216, tilesPerBlock: 152, splits: 8, scratchBytes: 66688 },
      0.998,
    ],
    [
      { ...work, keyHeads: 8, group: 4, keys: 131072, width: 128, units: 132 },
      { tiles: 8192, blocks: 256, tilesPerBlock: 32, splits: 33, scratchBytes: 544928 },
      1,
    ],
    [{ ...work, keyHeads: 56, keys: 4096 }, { tiles: 896, blocks: 216, tilesPerBlock: 5, splits: 5 }, 0.83],
  ] as const;
  for (const [given, expected, efficiency] of rows)
    it(`${expected.tiles} tiles on ${expected.blocks} blocks, as ONNX Runtime has them`, () => {
      const schedule = leanSchedule(given);
      for (const [name, value] of Object.entries(expected))
        assert.equal(schedule[name as keyof typeof schedule], value, name);
      assert.equal(Number(schedule.efficiency.toFixed(3)), efficiency);
    });

  const ratios = [
    [1, 32, 3.37, 3, 1.13],
    [1, 56, 1.93, 5, 1.16],
    [4, 32, 1.69, 1, 1.69],
    [1, 12, 8.98, 8, 1.12],
  ] as const;
  for (const [sequences, keyHeads, overWhole, splits, overSplit] of ratios)
    it(`${overWhole} × against whole heads, ${overSplit} × against ${splits} parts, at ${sequences} × ${keyHeads} heads`, () => {
      const given = { ...work, sequences, keyHeads, keys: 262144 };
      const { makespan } = leanSchedule(given);
      const split = heuristicSplits(given);
      assert.equal((wholeHeads(given).makespan / makespan).toFixed(2), overWhole.toFixed(2));
      assert.equal(split.splits, splits);
      assert.equal((split.makespan / makespan).toFixed(2), overSplit.toFixed(2));
    });
});

describe("the patterns of Longformer and BigBird", () => {
  it("have these pairs, and keep these bytes of probabilities", () => {
    assert.equal(bandPairs(4096, 512), 2_035_456);
    assert.equal(bigBird(4096, 64, 3).pairs, 2_547_712);
    const kept = (pairs: number) => (12 * pairs * 2) / MiB;
    assert.equal(kept(4096 ** 2), 384);
    assert.equal(kept(longformer(4096, 512, 1).pairs).toFixed(1), "48.3");
    assert.equal(kept(bigBird(4096, 64, 3).pairs).toFixed(1), "58.3");
  });

  it("take 2.22 and 9.72 of RoBERTa's attention at 512 with BigBird", () => {
    assert.equal((bigBird(1024, 64, 3).pairs / 512 ** 2).toFixed(2), "2.22");
    assert.equal((bigBird(4096, 64, 3).pairs / 512 ** 2).toFixed(2), "9.72");
  });

  it("chunks hold about twice the band", () => {
    const { scoreProducts } = longformer(4096, 512, 0);
    assert.equal((scoreProducts / bandPairs(4096, 512)).toFixed(2), "1.93");
  });
});

describe("the gates of Quantizable Transformers", () => {
  const rows = [
    ["BERT-base", "mlp", 12, 64, 12, 152_208],
    ["BERT-base", "linear", 12, 64, 12, 9_360],
    ["OPT-350m", "linear", 16, 64, 24, 24_960],
    ["OPT-1.3B", "all-heads", 32, 64, 24, 1_573_632],
  ] as const;
  for (const [model, kind, heads, width, layers, expected] of rows)
    it(`${expected} parameters of ${kind} gates in ${model}`, () => {
      assert.equal(layers * gateParameters(kind, heads, width), expected);
    });
});

describe("Stochastically Subsampled self-Attention's share of a layer", () => {
  const rows = [
    [1024, 768, 0.864, 0.841],
    [2048, 1024, 0.812, 0.781],
    [8192, 1024, 0.571, 0.5],
  ] as const;
  for (const [positions, width, four, eight] of rows)
    it(`leaves ${four} and ${eight} of it at ${positions} positions, ${width} wide`, () => {
      const subject = subjectOf(ssaLayer(width), {
        ...a100,
        sequence: positions,
        device: "nvidia-h200-sxm-141gb",
      });
      for (const [ratio, share] of [
        [4, four],
        [8, eight],
      ] as const) {
        const { before, after } = advised(subject, `ssa-information-pathways[ratio=${ratio}]`);
        assert(Math.abs((after.stepFlops ?? 0) / (before.stepFlops ?? 1) - share) < 0.0006);
        assert.equal(after.flops, before.flops);
      }
    });
});

describe("Landmark Attention's figures", () => {
  const llama = JSON.stringify({
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: 4096,
    intermediate_size: 11008,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    vocab_size: 32000,
    max_position_embeddings: 65536,
    torch_dtype: "float16",
  });
  it("LLaMA-7B over 32,070 tokens keeps 17.1 GB on the host, 0.168 + 0.267 GB on the GPU and fetches 134 MB a step", () => {
    const subject = subjectOf(llama, { phase: "decode", batch: 1, sequence: 32069, device: "nvidia-a100-sxm-80gb" });
    const { shows } = advised(subject, "landmark-attention[blocks=5;offload=true]");
    const shown = (name: string) => Number(shows.find((one) => one.name.startsWith(name))?.after);
    assert(Math.abs(shown("keys and values on the host") / 17.1e9 - 1) < 0.005);
    assert.equal((shown("landmark keys on the GPU") / 1e9).toFixed(3), "0.168");
    assert.equal((shown("fetched blocks and recent tokens") / 1e9).toFixed(3), "0.267");
    assert.equal((shown("from the host a layer") / 1e6).toFixed(2), "4.18");
    assert.equal((shown("from the host a step") / 1e6).toFixed(0), "134");
  });

  const sizes = [
    [512, 2, 360],
    [2048, 2, 390],
    [2048, 4, 490],
    [4096, 2, 430],
    [4096, 4, 530],
  ] as const;
  for (const [keys, blocks, size] of sizes)
    it(`attention size ${size} at ${keys} tokens and ${blocks} blocks, landmarks counted literally`, () => {
      assert.equal(attentionSize(keys, { block: 50, blocks, local: 250 }), size);
    });
});
