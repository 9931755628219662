import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { weighed, wrongLayers } from "./support/weigh.ts";

interface Row {
  readonly file: string;
  readonly model: string;
  readonly inputs: readonly string[];
  readonly params: number;
  readonly buffers: number;
  readonly flops: number;
  readonly flops_by_module: Readonly<Record<string, number>>;
  readonly outputs: unknown;
  readonly saved: number | null;
}

const [, ...lines] = readFileSync("test/oracle/models.jsonl", "utf8").trim().split("\n");
const rows = lines.map((line) => JSON.parse(line) as Row);

describe("sample models are weighed as PyTorch does", () => {
  it("every sample has a row", () => {
    const files = readdirSync("test/models").filter((file) => file.endsWith(".py"));
    assert.deepEqual([...new Set(rows.map(({ file }) => file))].sort(), files.sort());
  });

  for (const row of rows) {
    it(`${row.file}: ${row.model}`, () => {
      const setup = `from ${row.file.slice(0, -3)} import *`;
      const answer = weighed({ root: "test/models", setup, model: row.model, args: row.inputs });
      assert.equal(answer.error, undefined);
      assert.deepEqual(answer.unknowns, []);
      assert.equal(answer.params, row.params);
      assert.equal(answer.bufferElements, row.buffers);
      assert.equal(answer.flops, row.flops);
      assert.deepEqual(wrongLayers(answer, row.flops_by_module), []);
      assert.deepEqual(answer.outputs, row.outputs);
      if (row.saved !== null) assert.equal(answer.savedBytes, row.saved);
      assert.equal(answer.complete?.params && answer.complete.flops, true);
    });
  }
});
