import techniqueRecords from "every:techniques";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { otherPages, pairs } from "../oracle/rewrite_pairs.mjs";

/** Rows of real PyTorch: a rewrite, the digest of its two texts, the type, what differed and what it was allowed. */
const rows = rowsOf("test/oracle/rewrites.tsv");
/** Of training code, on a CPU: a rewrite, its digest, what differed and what it was allowed. */
const others = rowsOf("test/oracle/other_rewrites.tsv");

function rowsOf(file: string): string[][] {
  return readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .slice(2)
    .map((row) => row.split("\t"));
}

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

  for (const [rewrite, , output, gradients, allowed, holds] of others)
    it(`${rewrite}`, () => {
      assert.equal(holds, "yes");
      assert(Number(output) <= Number(allowed) && Number(gradients) <= Number(allowed));
    });

  it("of training code are proved as they are written now, on every page of a fix that is called exact", () => {
    const proved = new Set(others.map(([, digest]) => digest));
    const spellings = pairs(otherPages);
    for (const { name, digest } of spellings)
      assert(proved.has(digest), `${name}: run test/oracle/prove_other_rewrites.py again`);
    const pages = new Set([...pairs(), ...spellings].map(({ name }) => name.split(":")[0]));
    assert.deepEqual(
      exactPages().filter((page) => !pages.has(page)),
      unproved,
    );
  });
});

/** What no CPU can show: kernels that run on CUDA alone. Drafting is no edit of the model's file. */
const unproved = ["techniques/fusedOptimizer", "techniques/leanAttention", "techniques/speculativeDecoding"];

/** Pages of the records whose fix is applied unseen, or whose technique keeps what is computed and has an edit. */
function exactPages(): string[] {
  const techniques = techniqueRecords.filter(({ record }) => record.exact && record.edit);
  const rules = readdirSync("src/advice/rules").filter((file) =>
    /exact: true/.test(readFileSync(`src/advice/rules/${file}`, "utf8")),
  );
  return [
    ...rules.map((file) => `rules/${file.replace(".ts", "")}`),
    ...techniques.map(({ file }) => `techniques/${file.replace(".ts", "")}`),
  ];
}
