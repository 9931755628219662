import assert from "node:assert/strict";
import { adviceOf } from "../../src/advice/advise.ts";
import { costsOf } from "../../src/advice/pricing.ts";
import type { Subject } from "../../src/advice/subject.ts";
import { asked } from "../../src/advice/techniques.ts";
import { eightBitFormats, fourBitFormats } from "../../src/advice/weights/formats.ts";
import { int8Speed, int8Speeds, outlierColumns } from "../../src/advice/weights/int8Speeds.ts";
import type { AppliedTechnique, AskedScenario } from "../../src/base/scenario.ts";
import { Unknown } from "../../src/base/unknown.ts";
import type { AdviceReport } from "../../src/cost/figuresAfter.ts";
import { applied } from "../rules/check.ts";
import { subjectOf } from "../support/subject.ts";

function advice(subject: Subject, wanted: AppliedTechnique): AdviceReport {
  const found = asked(wanted);
  assert(!("reason" in found));
  const { sites, why } = found.technique.find(subject);
  assert(sites.length > 0, why);
  const report = adviceOf(subject, found.technique, sites, costsOf(subject), found.knobs);
  assert(!(report instanceof Unknown));
  return report;
}

const opt = (hidden_size: number, num_hidden_layers: number, num_attention_heads: number, projection = hidden_size) =>
  JSON.stringify({
    model_type: "opt",
    architectures: ["OPTForCausalLM"],
    hidden_size,
    num_hidden_layers,
    num_attention_heads,
    ffn_dim: 4 * hidden_size,
    word_embed_proj_dim: projection,
    max_position_embeddings: 2048,
    vocab_size: 50272,
    torch_dtype: "float16",
  });

const sequence: Partial<AskedScenario> = { sequence: 64 };

describe("LLM.int8()", () => {
  for (const [name, config, perParameter] of [
    ["OPT-125M", opt(768, 12, 12), 1.325],
    ["OPT-1.3B", opt(2048, 24, 32), 1.083],
    ["OPT-6.7B", opt(4096, 32, 32), 1.033],
  ] as const)
    it(`stores ${name} in ${perParameter} bytes a parameter`, () => {
      const { after } = advice(subjectOf(config, sequence), { id: "llm-int8" });
      const scales = 1.005;
      const found = after.weightBytes! / after.params!;
      assert(found >= perParameter - 0.001 && found <= perParameter * scales + 0.0005, `${found}`);
    });

  it("stores BLOOM-176B in 1.96 times fewer bytes", () => {
    const bloom = JSON.stringify({
      model_type: "bloom",
      architectures: ["BloomForCausalLM"],
      hidden_size: 14336,
      n_layer: 70,
      n_head: 112,
      vocab_size: 250880,
      torch_dtype: "bfloat16",
    });
    const { before, after } = advice(subjectOf(bloom, { sequence: 16 }), { id: "llm-int8" });
    assert.equal((before.weightBytes! / 1e9).toFixed(2), "352.49");
    assert.equal((before.weightBytes! / after.weightBytes!).toFixed(3), "1.959");
  });

  it("gives the speeds of table 5 at its widths, and breaks even near 4500", () => {
    const widths = [768, 1024, 1536, 2048, 2560, 4096, 5140, 12288];
    for (const kind of ["llm-int8", "vectorwise", "raw"] as const)
      assert.deepEqual(
        widths.map((width) => int8Speed(width, kind)),
        [...int8Speeds[kind]],
      );
    assert(int8Speed(4400, "llm-int8") < 1 && int8Speed(4600, "llm-int8") > 1);
  });

  it("finds as many columns of outliers as table 4", () => {
    const sizes = [117, 125, 345, 762, 1300, 1500, 2700, 6000, 6700, 13_000].map((millions) =>
      outlierColumns(millions * 1e6),
    );
    assert.deepEqual(sizes, [1, 2, 2, 2, 4, 2, 5, 6, 6, 7]);
    assert.equal(outlierColumns(175e9), 7);
  });

  // What fits 95 % of the memory of so many devices, in 8 bits and in 16 (table 2).
  for (const [name, config, eight, sixteen, perParameter] of [
    ["OPT-13B", opt(5120, 40, 40), 13.1, 25.7, 1.022],
    ["OPT-30B", opt(7168, 48, 56), 30.4, 60.0, undefined],
    ["OPT-66B", opt(9216, 64, 72), 66.2, 131.4, 1.008],
    ["OPT-175B", opt(12288, 96, 96), 175.3, 349.2, 1.004],
  ] as const)
    it(`${name} takes ${eight} GB in 8 bits and ${sixteen} GB in 16`, () => {
      const { before, after } = advice(subjectOf(config, { sequence: 16 }), { id: "llm-int8" });
      const [own, was] = [after.weightBytes! / 1e9, before.weightBytes! / 1e9];
      assert(Math.abs(own / eight - 1) < 0.005 && Math.abs(was / sixteen - 1) < 0.005, `${own} ${was}`);
      if (perParameter) assert(Math.abs(own / (after.params! / 1e9) - perParameter) < 0.002, `${own}`);
      const fits = (gigabytes: number, devices: number, each: number) => gigabytes <= 0.95 * devices * each;
      if (name === "OPT-175B")
        assert(fits(own, 8, 80) && fits(was, 8, 80) && fits(own, 8, 40) && fits(own, 8, 24) && !fits(was, 8, 40));
      if (name === "OPT-66B") assert(fits(was, 8, 40) && fits(was, 8, 24) && fits(own, 4, 24) && !fits(was, 4, 24));
      if (name === "OPT-30B") assert(fits(was, 4, 24));
      if (name === "OPT-13B") assert(fits(own, 1, 15) && !fits(was, 1, 15));
    });

  it("says that a small model becomes slower, and that its memory falls", () => {
    const { before, after, remarks } = advice(subjectOf(opt(768, 12, 12), { sequence: 512 }), { id: "llm-int8" });
    assert(after.seconds! > before.seconds! && after.weightBytes! < before.weightBytes!);
    assert(remarks.some((one) => one.includes("slower")));
  });

  it("is no help in training", () => {
    const found = asked({ id: "llm-int8" });
    assert(!("reason" in found));
    assert.deepEqual(found.technique.find(subjectOf(opt(768, 2, 12), { phase: "train", sequence: 16 })).sites, []);
  });
});

describe("weights in fewer bits", () => {
  const model = subjectOf(opt(768, 12, 12), { ...sequence, phase: "decode" });
  for (const wanted of [
    { id: "llm-int8" },
    { id: "weight-only-int4" },
    { id: "weight-only-int4", knobs: { format: "gptq" } },
    { id: "weight-only-int4", knobs: { format: "awq" } },
    { id: "weight-only-int8", knobs: { format: "gptq" } },
  ]) {
    const name = `${wanted.id} ${JSON.stringify(wanted.knobs ?? {})}`;
    it(`delivers from the edited config what it promised: ${name}`, () => {
      const report = advice(model, wanted);
      assert(report.fix);
      const text = applied(model.text, report.fix);
      assert.doesNotThrow(() => JSON.parse(text));
      const delivered = costsOf(subjectOf(text, { ...sequence, phase: "decode" }));
      const promised = report.before.weightBytes! - report.after.weightBytes!;
      const saved = report.before.weightBytes! - delivered.weightBytes!;
      assert(Math.abs(saved / promised - 1) < 0.1, `promised ${promised}, delivered ${saved}`);
    });
  }

  it("reads fewer bytes in a decode step, in less time", () => {
    const { before, after } = advice(model, { id: "weight-only-int4", knobs: { format: "awq" } });
    const stored = before.weightBytes! - after.weightBytes!;
    assert(Math.abs((before.trafficBytes! - after.trafficBytes!) / stored - 1) < 0.01);
    assert(after.seconds! < before.seconds!);
  });

  it("counts scales, zero points and order", () => {
    const matrix = { outputs: 4096, inputs: 4096 };
    const bits = (bytes: number) => (8 * bytes) / 4096 ** 2;
    const four = (name: string) => fourBitFormats[name]!;
    assert.equal(bits(four("nf4").bytes(matrix, 64)), 4.5);
    assert.equal(Number(bits(four("nf4-double").bytes(matrix, 64)).toFixed(3)), 4.127);
    assert.equal(bits(four("awq").bytes(matrix, 128)), 4 + 20 / 128);
    assert.equal(bits(four("gptq").bytes(matrix, 128)), 4 + 20 / 128 + 32 / 4096);
    assert.equal(bits(four("torchao").bytes(matrix, 128)), 4.25);
    assert.equal(bits(eightBitFormats["torchao"]!.bytes(matrix, 0)), 8 + 16 / 4096);
  });
});
