/** FLOPs of backward passes, as torch's flop counter counts them around `loss.backward()`. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { step } from "../support/step.ts";

interface Row {
  readonly library: string;
  readonly setup?: string;
  readonly model: string;
  readonly args: readonly string[];
  readonly flops: number;
  readonly backward: number;
}

const [head, ...lines] = readFileSync("test/oracle/backward.jsonl", "utf8").trim().split("\n");
const { setup } = JSON.parse(head as string) as { setup: string };
const rows = lines.map((line) => JSON.parse(line) as Row);
/** A folder with the sources of torchvision, timm and transformers, where there is one: their models are tested too. */
const { ASSAY_SOURCES } = process.env;

describe("FLOPs of the backward pass are torch's counter's", () => {
  for (const row of rows) {
    const own = row.library === "samples" || row.library === "modules";
    if (!own && !ASSAY_SOURCES) continue;
    it(`${row.library}: ${row.model}`, () => {
      const { flops } = step(
        [own ? "test/models" : (ASSAY_SOURCES as string)],
        row.setup ?? setup,
        row.model,
        row.args,
      );
      assert.equal(flops("forward"), row.flops);
      assert.equal(flops("backward", "recompute"), row.backward);
    });
  }
});
