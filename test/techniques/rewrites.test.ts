import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { pairs } from "../oracle/rewrite_pairs.mjs";

/** Rows of real PyTorch: a rewrite, the digest of its two texts, the type, what differed and what it was allowed. */
const rows = readFileSync("test/oracle/rewrites.tsv", "utf8")
  .trim()
  .split("\n")
  .slice(2)
  .map((row) => row.split("\t"));

describe("rewrites that keep what is computed, run in PyTorch before and after", () => {
  for (const [rewrite, , dtype, output, gradients, allowed, allowedOfGradients, holds] of rows)
    it(`${rewrite} in ${dtype}`, () => {
      assert.equal(holds, "yes");
      assert(Number(output) <= Number(allowed) && Number(gradients) <= Number(allowedOfGradients));
    });

  it("are proved as they are written now, each in both types", () => {
    const proved = new Map(rows.map(([, digest, dtype]) => [`${digest} ${dtype}`, true]));
    const spellings = pairs().filter(({ name }) => /unfusedAttention|flashAttention/.test(name));
    assert(spellings.length >= 20);
    for (const { name, digest } of spellings)
      for (const dtype of ["float32", "bfloat16"])
        assert(proved.has(`${digest} ${dtype}`), `${name} in ${dtype}: run test/oracle/prove_rewrites.py again`);
  });
});
