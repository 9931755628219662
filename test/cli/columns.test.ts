import assert from "node:assert/strict";
import { assay } from "./assay.ts";

const model = "test/models/gpt.py";
const runs = [
  ["what-if", model, "--phase", "train", "--sequence", "64", "--apply", "flash-attention,lora,no-such"],
  ["advise", model, "--phase", "train", "--sequence", "64"],
  ["techniques"],
  ["explain", "flash-attention"],
  ["explain", "unfused-attention"],
  [model, "--sequence", "64"],
];

describe("what assay prints of techniques", () => {
  for (const words of runs)
    it(`fits 80 columns: ${words.join(" ")}`, async () => {
      const { out } = await assay(words);
      // Code on a page, and what is copied as one word, stays as it is written.
      const lines = out.replace(/^```[\s\S]*?^```/gm, "").split("\n");
      assert(lines.length > 5);
      assert.deepEqual(
        lines.filter((line) => line.length > 80 && line.includes(" ")),
        [],
      );
    }).timeout(60_000);
});
