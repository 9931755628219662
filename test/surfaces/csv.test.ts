/** The layer table: one row a layer, plain numbers, cells that read back as they were. */
import assert from "node:assert/strict";
import path from "node:path";
import { csv, layerTable, tsv } from "../../src/surfaces/csv.ts";
import { assay, folderWith } from "../cli/assay.ts";
import { analyzed, samples } from "../support/analysis.ts";

/** A reader of RFC 4180 that shares nothing with the writer. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    let cell = "";
    if (text[at] === '"') {
      for (at++; text[at] !== '"' || text[at + 1] === '"'; at++) {
        if (text[at] === '"') at++;
        cell += text[at];
      }
      at++;
    } else while (text[at] !== "," && text[at] !== "\r") cell += text[at++];
    row.push(cell);
    if (text[at] === "\r") {
      rows.push(row);
      row = [];
      at += 2;
    } else at++;
  }
  return rows;
}

describe("the layer table", () => {
  const file = "test/models/gpt.py";
  const [model] = analyzed(file, samples.get(file)!).models;
  const view = { units: "GB", shorten: (one: string) => one } as const;
  const rows = layerTable(model!, view);

  it("has every layer once, the model first, and the figures of the report", () => {
    const [head, first, ...rest] = rows;
    const column = (name: string) => head!.indexOf(name);
    assert.equal(first![0], "GPT");
    assert.equal(first![column("params")], String(model!.root.params));
    assert.equal(first![column("flops")], String(model!.root.flops));
    assert.equal(new Set(rest.map(([layer]) => layer)).size, rest.length);
    const own = rest
      .filter(([layer]) => layer !== "lm_head")
      .reduce((sum, row) => sum + Number(row[column("own_params")]), 0);
    assert.equal(own, model!.root.params);
    const blocks = rest.filter(([layer]) => /^transformer\.h\.\d+$/.test(layer!));
    assert.equal(blocks.length, 12);
    for (const row of rows) assert.equal(row.length, head!.length);
  });

  it("reads back as it was, commas, quotes and ends of lines included", () => {
    assert.deepEqual(readCsv(csv(rows)), rows);
    const odd = [["a,b", 'say "so"', "two\nlines", "", " x "]];
    assert.deepEqual(readCsv(csv(odd)), odd);
    assert.deepEqual(
      tsv(rows)
        .slice(0, -1)
        .split("\n")
        .map((line) => line.split("\t")),
      rows,
    );
  });

  it("is what the command line prints as csv", async () => {
    const folder = folderWith({ "gpt.py": samples.get(file)! });
    const { code, out } = await assay([path.join(folder, "gpt.py"), "--format", "csv", "--batch", "2"]);
    assert.equal(code, 0);
    const [head, first] = readCsv(out);
    assert.deepEqual(head, rows[0]);
    assert.deepEqual(first!.slice(0, 4), rows[1]!.slice(0, 4));
    assert.match(
      (await assay(["fits", path.join(folder, "gpt.py"), "--format", "csv"])).error,
      /--format csv is of `assay FILE`/,
    );
  });
});
