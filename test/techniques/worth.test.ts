import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { advise } from "../../src/advice/advise.ts";
import adaptformer from "../../src/advice/techniques/adaptformer.ts";
import { linearUses } from "../../src/advice/training/linears.ts";
import { subjectOf } from "../support/subject.ts";

const gpt = subjectOf(readFileSync("test/models/gpt.py", "utf8"), { phase: "train", batch: 2, sequence: 256 });

describe("what a technique is worth", () => {
  const { fitting } = advise(gpt);

  it("an adapter leads with peak memory or time, not with the parameters that it trains", () => {
    const lora = fitting.find(({ id }) => id === "lora");
    assert(lora, fitting.map(({ id }) => id).join());
    const { before, after, saves } = lora;
    const part = (figure: "trainableParams" | "peakBytes") =>
      1 - (after[figure] as number) / (before[figure] as number);
    assert(part("trainableParams") > part("peakBytes"));
    assert.deepEqual(saves, { figure: "peakBytes", share: part("peakBytes") });
  });

  it("peak memory and time come before other figures, then the larger share; what saves nothing is last", () => {
    const first = ["peakBytes", "eagerSeconds", "seconds"];
    const ranks = fitting.map(({ saves }) => (!saves ? 2 : first.includes(saves.figure) ? 0 : 1));
    assert.deepEqual(ranks, [...ranks].sort());
    assert(ranks.includes(0));
    const shares = fitting.filter((_, i) => ranks[i] === 0).map(({ saves }) => saves?.share as number);
    assert.deepEqual(
      shares,
      [...shares].sort((a, b) => b - a),
    );
  });
});

describe("a head that is the embedding", () => {
  const uses = linearUses(gpt.step ?? gpt.inference, gpt.figures.tree);

  it("is the product of the layer that runs it", () => {
    assert.equal(uses.at(-1)?.path, "lm_head");
  });

  it("stays frozen with the rest of the backbone", () => {
    const { sites } = adaptformer.find(gpt);
    const fix = adaptformer.edit?.(gpt, sites, { width: 64, norm: false });
    assert(fix && "edits" in fix);
    assert(fix.edits.some(({ text }) => text.includes("train_adapters(self, set())")));
  });
});
