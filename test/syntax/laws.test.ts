import assert from "node:assert/strict";
import type { Module } from "../../src/syntax/ast.ts";
import { absolute, walk } from "../../src/syntax/walk.ts";
import { law, type Random } from "../support/random.ts";
import { parser } from "./parser.ts";
import { sample } from "./sample.ts";

describe("laws of parsing", () => {
  law("damaged text gives a tree whose spans lie inside the text, never an error", 150, (random) => {
    const text = damaged(sample, random);
    const module = parser.parse("model.py", text);
    const lengths = text.split("\n").map((line) => line.length);
    for (const { chunk, node } of module.statements) {
      walk(node, (each) => assertInside(absolute(each, chunk.firstLine), lengths, each.kind));
    }
    for (const { message, span } of module.problems) assertInside(span, lengths, message);
  });

  law("text of random characters gives a tree", 60, (random) => {
    const length = random.integer(0, 300);
    const alphabet = "()[]{}:;,.'\"\\\n\t #@=+-*/%x1_éfb🙂\0\r";
    const text = Array.from({ length }, () => random.pick([...alphabet])).join("");
    assert.ok(Array.isArray(parser.parse("model.py", text).statements));
  });

  law("parsing with the former tree gives what parsing afresh gives, and keeps unchanged statements", 60, (random) => {
    let text = sample;
    let module = parser.parse("model.py", text);
    let kept = 0;
    for (let edit = 0; edit < 6; edit++) {
      text = damaged(edit === 3 ? sample : text, random, 1);
      const former = new Set(module.statements.map(({ node }) => node));
      const next: Module = parser.parse("model.py", text, module);
      const fresh = parser.parse("model.py", text);
      assert.deepEqual(next, fresh, `after an edit:\n${text}`);
      assert.equal(new Set(next.statements.map(({ node }) => node)).size, next.statements.length);
      kept += next.statements.filter(({ node }) => former.has(node)).length;
      module = next;
    }
    assert.ok(kept > 0, "no statement was kept");
  });

  law("a statement below the damage is as in the whole text", 60, (random) => {
    const top = sample.slice(0, sample.indexOf("class Attention"));
    const below = "\n\ndef last(x):\n    return x + 1\n";
    const lines = top.split("\n");
    const at = random.integer(0, lines.length - 1);
    const line = lines[at] as string;
    lines[at] = line.slice(0, random.integer(0, line.length)).replace(/\\$|"""$/, "");
    const module = parser.parse("model.py", lines.join("\n") + below);
    const last = module.statements.at(-1)?.node;
    assert.deepEqual(last, parser.parse("model.py", below).statements[0]?.node, lines.join("\n"));
  });
});

/** The text with a few tokens deleted, doubled or swapped, lines indented, or its end cut off. */
function damaged(text: string, random: Random, times = random.integer(1, 4)): string {
  for (let round = 0; round < times; round++) {
    const tokens = [...text.matchAll(/\w+|\n *|[^\w\s]|\s+/g)];
    if (tokens.length === 0) return text;
    const { 0: token, index } = random.pick(tokens);
    const [before, after] = [text.slice(0, index), text.slice(index + token.length)];
    switch (random.integer(0, 5)) {
      case 0:
        text = before + after;
        break;
      case 1:
        text = before + token + token + after;
        break;
      case 2:
        text = before + random.pick(tokens)[0] + after;
        break;
      case 3:
        text = `${before}${token}${random.pick(["(", "]", '"', "'''", ".", " = ", ":", "\n   ", "def f(", "\\"])}${after}`;
        break;
      case 4:
        text = random.integer(0, 3) === 0 ? before : before + after.slice(random.integer(0, 20));
        break;
      default:
        text = `${before}${token.replace(/\n */, "$&  ")}${after}`;
    }
  }
  return text;
}

function assertInside(
  span: { line: number; column: number; endLine: number; endColumn: number },
  lengths: number[],
  what: string,
): void {
  const shown = `${what} at ${JSON.stringify(span)}`;
  assert.ok(span.line >= 0 && span.column >= 0, shown);
  assert.ok(span.line < span.endLine || (span.line === span.endLine && span.column <= span.endColumn), shown);
  assert.ok(span.endLine < lengths.length, shown);
  assert.ok(
    span.column <= (lengths[span.line] as number) && span.endColumn <= (lengths[span.endLine] as number),
    shown,
  );
}
