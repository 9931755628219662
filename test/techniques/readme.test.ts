import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { techniques } from "../../src/advice/techniques.ts";

const [begin, end] = ["<!-- techniques -->", "<!-- end of techniques -->"];

it("the README's table of techniques is that of the catalogue (UPDATE=1 writes it)", () => {
  const text = readFileSync("README.md", "utf8");
  const [before = "", rest = ""] = text.split(begin);
  const [, after = ""] = rest.split(end);
  const whole = `${before}${begin}\n\n${table()}\n\n${end}${after}`;
  if (process.env["UPDATE"]) writeFileSync("README.md", whole);
  else assert.equal(text, whole);
});

function table(): string {
  const rows = [...techniques.values()].map(({ id, paper, what, demands, exact, edit, change }) => {
    const modelled = `${exact ? "same outputs" : `demands ${demands}`}${edit ? ", edit" : ""}`;
    assert(change);
    const source = paper ? `[${paper.year}](https://arxiv.org/abs/${paper.arxiv})` : "common practice";
    return `| \`${id}\` | ${source} | ${what} | ${modelled} |`;
  });
  return ["| id | paper | what it changes | |", "|---|---|---|---|", ...rows].join("\n");
}
