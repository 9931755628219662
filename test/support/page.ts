import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type Example, examples } from "./example.ts";
import type { Block } from "./markdown.ts";
import { broken, type Found } from "./promises.ts";

export type { Example } from "./example.ts";

/** What the program says of an example. Lines count from 0 in the main file. */
export interface Outcome {
  /** What is known of each line: the values bound or computed there, as they are shown. */
  values: Map<number, string[]>;
  findings: Found[];
  /** A text for each snapshot kind that the example has a block for. */
  snapshots: Record<string, string>;
}

/** Registers a mocha test for each example of a page. With `UPDATE=1` its snapshot blocks are rewritten instead of compared. */
export function page(file: string, check: (example: Example) => Promise<Outcome> | Outcome): void {
  const markdown = readFileSync(file, "utf8");
  const rewritten: { block: Block; text: string }[] = [];
  describe(file, () => {
    let found: Example[] = [];
    try {
      found = examples(markdown);
      if (found.length === 0) throw new Error("this page has no example");
    } catch (error) {
      it("reads as a page of examples", () => {
        throw error;
      });
    }
    for (const example of found) {
      it(example.title, async () => {
        const outcome = await check(example);
        const faults = broken(example.promises, outcome.values, outcome.findings);
        const first = example.blocks.main.line + 1;
        if (faults.length > 0)
          assert.fail(faults.map(({ line, text }) => `${file}:${first + line}: ${text}`).join("\n"));
        for (const [kind, block] of Object.entries(example.blocks.snapshots)) {
          const shown = outcome.snapshots[kind];
          assert(shown !== undefined, `${file}:${block.line}: nothing to show as ${kind}`);
          const text = withNewline(shown);
          if (process.env.UPDATE) rewritten.push({ block, text });
          else assert.equal(text, withNewline(block.text), `${file}:${block.line}: the ${kind} snapshot differs`);
        }
      });
    }
    after(() => {
      if (rewritten.length > 0) writeFileSync(file, withTexts(markdown, rewritten));
    });
  });
}

/** `page` for every Markdown file of a folder and below. */
export function pages(folder: string, check: (example: Example) => Promise<Outcome> | Outcome): void {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".md"));
  for (const file of files.sort()) page(`${folder}/${file}`, check);
}

function withNewline(text: string): string {
  const lines = text.split("\n").map((line) => line.trimEnd());
  return `${lines.join("\n").trimEnd()}\n`;
}

function withTexts(markdown: string, changes: { block: Block; text: string }[]): string {
  let result = markdown;
  for (const { block, text } of changes.toSorted((a, b) => b.block.start - a.block.start)) {
    result = result.slice(0, block.start) + text + result.slice(block.end);
  }
  return result;
}
