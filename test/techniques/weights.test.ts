import assert from "node:assert/strict";
import { adviceOf } from "../../src/advice/advise.ts";
import { invocationFlops, processorParams } from "../../src/advice/cache/consolidation.ts";
import {
  breakEvenPrompt,
  draftPrefillFlops,
  drafts,
  speculativeTime,
  tokensPerPass,
} from "../../src/advice/cache/speculation.ts";
import { memoContext, streamedContext, trainingPasses } from "../../src/advice/cache/summaries.ts";
import { costsOf } from "../../src/advice/pricing.ts";
import type { Subject } from "../../src/advice/subject.ts";
import { asked } from "../../src/advice/techniques.ts";
import { blockTableElements, tableElements, tableMacs } from "../../src/advice/weights/memoryLayers.ts";
import type { AppliedTechnique, AskedScenario } from "../../src/base/scenario.ts";
import { Unknown } from "../../src/base/unknown.ts";
import type { AdviceReport, CostName } from "../../src/cost/figuresAfter.ts";
import { applied } from "../rules/check.ts";
import { subjectOf } from "../support/subject.ts";
import { bert, gpt, llama } from "./weightModels.ts";

function advice(subject: Subject, wanted: AppliedTechnique): AdviceReport {
  const found = asked(wanted);
  assert(!("reason" in found));
  const { sites, why } = found.technique.find(subject);
  assert(sites.length > 0, why);
  const report = adviceOf(subject, found.technique, sites, costsOf(subject), found.knobs);
  assert(!(report instanceof Unknown), String(report));
  return report;
}

const tokens: Partial<AskedScenario> = { sequence: 64 };
const training: Partial<AskedScenario> = { sequence: 64, phase: "train" };

describe("edits of weights deliver what was promised", () => {
  const cases: readonly [AppliedTechnique, string, Partial<AskedScenario>, readonly CostName[]][] = [
    [{ id: "llm-int8" }, gpt, { ...tokens, dtype: "fp16" }, ["weightBytes"]],
    [{ id: "weight-only-int4" }, gpt, { ...tokens, dtype: "fp16" }, ["weightBytes"]],
    [{ id: "weight-only-int4", knobs: { format: "nf4-double" } }, gpt, { ...tokens, dtype: "bf16" }, ["weightBytes"]],
    [{ id: "unified-normalization" }, gpt, tokens, ["trafficBytes", "seconds", "eagerSeconds"]],
    [{ id: "memoryformer" }, gpt, { sequence: 1 }, ["flops", "trafficBytes"]],
    [{ id: "tied-embeddings" }, gpt, training, ["params", "weightBytes", "optimizerBytes", "peakBytes"]],
    [{ id: "cross-layer-sharing" }, gpt, training, ["params", "weightBytes", "optimizerBytes", "peakBytes"]],
    [{ id: "cross-layer-sharing", knobs: { repetitions: 3 } }, gpt, tokens, ["params", "weightBytes", "peakBytes"]],
    [{ id: "distillation" }, gpt, training, ["params", "stepFlops", "peakBytes", "eagerSeconds"]],
    [{ id: "tied-embeddings" }, llama(2), tokens, ["params", "weightBytes", "peakBytes"]],
    [{ id: "distillation" }, llama(4), tokens, ["params", "flops", "peakBytes", "seconds"]],
  ];
  for (const [wanted, text, scenario, figures] of cases)
    it(`${wanted.id} ${JSON.stringify(wanted.knobs ?? {})} ${text.startsWith("{") ? "config" : "code"}`, () => {
      const { before, after, fix } = advice(subjectOf(text, scenario), wanted);
      assert(fix, "an edit is offered");
      const delivered = costsOf(subjectOf(applied(text, fix), scenario));
      for (const figure of figures) {
        const [promised, saved] = [before[figure]! - after[figure]!, before[figure]! - delivered[figure]!];
        assert(
          promised > 0 && Math.abs(saved / promised - 1) < 0.1,
          `${figure}: promised ${promised}, delivered ${saved}`,
        );
      }
      if (wanted.id === "cross-layer-sharing") assert.equal(delivered.flops, after.flops);
    });
});

describe("cross-layer sharing", () => {
  it("halves 56.70 M parameters of eight blocks of width 768, and no FLOP", () => {
    const text = gpt.replace("layers=12", "layers=8");
    const { before, after } = advice(subjectOf(text, tokens), { id: "cross-layer-sharing" });
    const block = 12 * 768 ** 2 + 13 * 768;
    assert.equal(before.params! - after.params!, 4 * block);
    assert.equal((8 * block).toPrecision(4), "5.670e+7");
    assert.equal(before.flops, after.flops);
  });
});

describe("MemoryFormer", () => {
  it("gives table 1's multiply-adds of dense blocks at 2048 tokens, 12·s·d² and with attention 2·s²·d more, in the trace", () => {
    const found = [512, 768, 1024].map((d) => {
      const text = gpt.replace("d=768, heads=12, layers=12", `d=${d}, heads=8, layers=1`);
      assert(text.includes(`d=${d}`));
      const subject = subjectOf(text, { sequence: 2048 });
      const head = 2048 * d * 50_304;
      return ((costsOf(subject).flops as number) / 2 - head) / 1e9;
    });
    assert.deepEqual(
      found.map((one) => one.toFixed(1)),
      ["10.7", "20.9", "34.4"],
    );
  });

  it("is overtaken by attention from 6·d tokens on: 24,576 at a width of 4096", () => {
    assert.equal(6 * 4096, 24_576);
    const text = gpt.replace("d=768, heads=12, layers=12", "d=512, heads=8, layers=2");
    const found = asked({ id: "memoryformer" });
    assert(!("reason" in found));
    const why = (sequence: number) => found.technique.find(subjectOf(text, { sequence })).why;
    assert.equal(why(6 * 512 - 1), undefined);
    assert.match(String(why(6 * 512)), /6·d = 3072/);
  });

  const macs = (width: number, bits: number, length: number) => (6 * width * length * width) / bits;
  it("gives table 1's multiply-adds of a block at 2048 tokens", () => {
    const giga = (n: number) => Number((n / 1e9).toFixed(2));
    const rows = [512, 768, 1024].map((d) => [macs(d, 8, 2048), macs(d, 8, 2048) + 2 * 2048 ** 2 * d]);
    assert.deepEqual(
      rows.map((row) => row.map(giga)),
      [
        [0.4, 4.7],
        [0.91, 7.35],
        [1.61, 10.2],
      ],
    );
    const share = (macs(2048, 8, 2048) + 2 * 2048 ** 3) / (12 * 2048 ** 3 + 2 * 2048 ** 3);
    assert.equal(Number(share.toFixed(3)), 0.196);
  });

  it("gives table 3's multiply-adds and table sizes of a layer of width 512", () => {
    const forms = [
      { bits: 4, tables: 128, outputs: 512 },
      { bits: 8, tables: 64, outputs: 512 },
      { bits: 10, tables: 51, outputs: 512 },
    ];
    assert.deepEqual(
      forms.map((form) => Number(((2048 * tableMacs(form)) / 1e9).toFixed(3))),
      [0.135, 0.068, 0.055],
    );
    assert.deepEqual(
      forms.map((form) => 2 * tableElements(form)),
      [2_097_152, 16_777_216, 53_477_376],
    );
  });

  it("gives table 5's sizes of the feed-forward tables", () => {
    const sizes = [0, 1, 2, 3].map((extra) => {
      const hidden = (8 + extra) * 64;
      const all = tableElements({ bits: 8, tables: 64, outputs: hidden });
      return Number(((2 * (all + tableElements({ bits: 8 + extra, tables: 64, outputs: 512 }))) / 1e6).toFixed(1));
    });
    assert.deepEqual(sizes, [33.6, 52.4, 88.1, 157.3]);
  });

  it("has 22 times the parameters of dense blocks, in the changed trace as in the closed form", () => {
    for (const d of [512, 768, 1024]) assert.equal(blockTableElements(d, 8, 2), 22 * 12 * d ** 2);
    const { before, after } = advice(subjectOf(gpt, tokens), { id: "memoryformer", knobs: { form: "kernel" } });
    const biases = 12 * (3 + 1 + 4 + 1) * 768;
    assert.equal(after.params! - before.params!, 12 * 21 * 12 * 768 ** 2 - biases);
  });

  it("runs a block's look-ups in the changed trace", () => {
    const one = gpt.replace("layers=12", "layers=2");
    const { before, after } = advice(subjectOf(one, { sequence: 64 }), {
      id: "memoryformer",
      knobs: { form: "kernel" },
    });
    const [d, tables, length] = [768, 96, 64];
    const [dense, hidden] = [12 * d ** 2, 10 * tables];
    const looked = tables * (8 + 3 * d) + tables * (8 + hidden) + tables * (10 + d);
    assert.equal(before.flops! - after.flops!, 2 * 2 * length * (dense - looked));
  });
});

describe("SpecKV and SpecPC", () => {
  const [oneB, halfB] = [drafts["llama-3.2-1b"]!, drafts["qwen2.5-0.5b"]!];
  it("caches 131,072 bytes a token of Llama-3.1-8B, and keeps 33.6 MB of 256", () => {
    const subject = subjectOf(llama(4), { phase: "decode", sequence: 512 });
    const { kvBytes } = costsOf(subject);
    assert.equal(kvBytes! / 4, (131_072 / 32) * 513);
    assert.equal((256 * 131_072).toPrecision(3), "3.36e+7");
    assert.equal((131_072 * 131_072).toPrecision(4), "1.718e+10");
  });

  it("breaks even at 25.5 k, 5.6 k and 4.2 k tokens", () => {
    const thousands = [
      breakEvenPrompt(oneB, 131_072, 256),
      breakEvenPrompt(halfB, 196_608, 256),
      breakEvenPrompt(halfB, 262_144, 256),
    ].map((one) => Number((one / 1000).toFixed(1)));
    assert.deepEqual(thousands, [25.5, 5.6, 4.2]);
  });

  it("gives a draft's prefill of 64 k tokens 6.2 % of Qwen2.5-14B's", () => {
    const target = draftPrefillFlops(
      { name: "", params: 14.77e9, layers: 48, width: 5120, kvBytesPerToken: 0, bytesPerParameter: 2, tableParams: 0 },
      65_536,
    );
    assert(Math.abs(draftPrefillFlops(halfB, 65_536) / target / 0.062 - 1) < 0.2);
  });
});

describe("Bottlenecked Transformer", () => {
  const processor = (layers: number, elements: number, matrices: number) => ({
    layers,
    elements,
    width: 512,
    hidden: 2240,
    matrices,
  });
  it("adds the derived parameters", () => {
    const millions = (n: number) => Number((n / 1e6).toFixed(1));
    assert.deepEqual(
      [3, 2].map((gated) => millions(processorParams(processor(16, 1024, gated)))),
      [88.6, 70.3],
    );
    assert.deepEqual(
      [3, 2].map((gated) => Math.round(processorParams(processor(28, 2048, gated)) / 1e6)),
      [184, 152],
    );
    assert.deepEqual(
      [3, 2].map((gated) => Math.round(processorParams(processor(32, 2048, gated)) / 1e6)),
      [211, 174],
    );
  });
  it("adds 22, 15 and 11 % of decoding at steps of 16, 32 and 64 tokens", () => {
    const shares = [16, 32, 64].map(
      (step) => invocationFlops(processor(16, 1024, 3), step + 32) / (2 * step * 1.2358e9),
    );
    assert.deepEqual(
      shares.map((one) => Math.round(100 * one)),
      [22, 15, 11],
    );
  });
});

describe("Memo", () => {
  it("keeps 1024 tokens of 24 segments, and shortens 32 k steps 8 times, one step before 7.1 times", () => {
    assert.equal(streamedContext(24, 256, 32), 1024);
    assert.equal(memoContext(32_768, 256, 32), 4096);
    assert.equal(memoContext(6000, 256, 32), 23 * 32 + 112);
    assert.deepEqual(
      [16, 32, 64].map((summary) => 256 / summary),
      [16, 8, 4],
    );
    assert.equal(Number((32_000 / (memoContext(32_000, 256, 32) - (32_000 % 256) + 256)).toFixed(2)), 7.52);
  });
  it("runs 8448 tokens through the layers in a training rollout of 4096", () => {
    assert.equal(4096 * trainingPasses(4096, 256, 32), 8448);
  });
});

describe("MTM", () => {
  it("needs 8.75 times fewer passes on Twitter's articles and 5.07 times on Weibo's", () => {
    assert.deepEqual(
      [43.736 / 5, 15.209 / 3].map((one) => Number(one.toFixed(2))),
      [8.75, 5.07],
    );
  });
  it("has an index of 229 MB for Twitter's sentences and of 1.29 GB for Weibo's", () => {
    assert.deepEqual(
      [74_482, 418_314].map((count) => Number(((count * 768 * 4) / 1e9).toPrecision(3))),
      [0.229, 1.29],
    );
  });
  it("has a head of 3,527,568 parameters", () => {
    const text = `import torch.nn as nn


class Head(nn.Module):  # assay: Head()(float32[B, 2304])
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2304, 1152), nn.Linear(1152, 576), nn.Linear(576, 288), nn.Linear(288, 144), nn.Linear(144, 2, bias=False)
        )

    def forward(self, x):
        return self.layers(x)
`;
    assert.equal(costsOf(subjectOf(text)).params, 3_527_568);
  });
});

describe("Simple Hack", () => {
  it("takes 96.6, 45.9 and 22.35 GFLOPs of BERT-base at 512, 256 and 128 tokens: 2.11 and 4.32 times fewer", () => {
    const whole = subjectOf(bert, { sequence: 512 });
    const costs = [256, 128].map((length) => advice(whole, { id: "simple-hack", knobs: { length } }));
    const head = 2 * (768 ** 2 + 768 * 2);
    const giga = [costs[0]!.before.flops!, ...costs.map(({ after }) => after.flops!)].map((flops) => flops - head);
    assert.deepEqual(
      giga.map((flops) => (flops / 1e9).toFixed(2)),
      ["96.64", "45.90", "22.35"],
    );
    assert.deepEqual(
      giga.slice(1).map((flops) => (giga[0]! / flops).toFixed(2)),
      ["2.11", "4.32"],
    );
  });
});

describe("speculative decoding", () => {
  it("gives as many tokens as drafting one by one does", () => {
    let expected = 1;
    for (let i = 1; i <= 5; i++) expected += 0.7 ** i;
    assert(Math.abs(tokensPerPass(0.7, 5) - expected) < 1e-12);
    assert.equal(tokensPerPass(1, 5), 6);
    assert(speculativeTime(0.1, 5, 0.1) > 1 && speculativeTime(0.8, 5, 0.1) < 1);
  });
});
