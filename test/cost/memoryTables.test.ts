import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { peakErrors } from "../../src/cost/memory/errors.ts";
import { optimizerSources } from "../../src/cost/memory/optimizers.ts";

const page = "src/cost/README.md";
const [begin, end] = ["<!-- memory -->", "<!-- end of memory -->"];

/** The tables that are made of data. */
function tables(): string {
  const share = (of: number) => `${(100 * of).toFixed(2)} %`;
  return [
    "| optimizer | what it keeps and takes |",
    "|---|---|",
    ...Object.entries(optimizerSources).map(([name, source]) => `| \`${name}\` | ${source} |`),
    "",
    "How far measured peaks of whole models were from predicted ones (`test/oracle/memory.jsonl`, one NVIDIA H200, torch 2.11;",
    "`node test/oracle/fit_memory.mjs` compares them). `peakInterval` is the predicted peak less and more the last column, but no less than",
    "4 %, and 2 % wider on devices that nobody measured (`memory/interval.ts`).",
    "",
    "| phase | rows | half within | 95 of 100 within |",
    "|---|---|---|---|",
    ...Object.entries(peakErrors).map(
      ([phase, { rows, half, most }]) => `| ${phase} | ${rows} | ${share(half)} | ${share(most)} |`,
    ),
  ].join("\n");
}

describe("the README's page on memory", () => {
  it("has the tables that the records give (UPDATE=1 rewrites them)", () => {
    const text = readFileSync(page, "utf8");
    const [before = "", rest = ""] = text.split(begin);
    const [had = "", behind = ""] = rest.split(end);
    const wanted = `\n\n${tables()}\n\n`;
    if (process.env.UPDATE && had !== wanted) writeFileSync(page, `${before}${begin}${wanted}${end}${behind}`);
    else assert.equal(had, wanted);
  });
});
