import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** Rows of real PyTorch: the digest of the edited code, the type, how far outputs were apart and how far they may be. */
const rows = readFileSync("test/oracle/folds.tsv", "utf8")
  .trim()
  .split("\n")
  .slice(2)
  .map((row) => row.split("\t"));

describe("norms folded into linear layers, run in PyTorch", () => {
  for (const [, dtype, apart, allowed, holds] of rows)
    it(`give what the trained model gives in ${dtype}`, () => {
      assert.equal(holds, "yes");
      assert(Number(apart) <= Number(allowed));
    });

  it("are proved as the page shows them now, in two types", () => {
    const page = readFileSync("test/techniques/unifiedNormalization.md", "utf8");
    const after = /^```after\n([\s\S]*?)^```/m.exec(page)?.[1] ?? "";
    const digest = createHash("sha256").update(after).digest("hex").slice(0, 12);
    assert.deepEqual(
      rows.map(([of]) => of),
      [digest, digest],
      "run test/oracle/prove_folds.py again",
    );
  });
});
