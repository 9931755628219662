/** Half-typed JavaScript gives what can be read of it and never an exception. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { law, type Random } from "../support/random.ts";
import { analyzedScript } from "../support/scripts.ts";

const folder = "test/tfjs/models";
const files = readdirSync(folder)
  .filter((file) => /\.[jt]s$/.test(file))
  .map((file) => ({ file: path.join(folder, file), text: readFileSync(path.join(folder, file), "utf8") }));
const limits = { steps: 20_000, depth: 60, allocation: 1_000_000 };

describe("broken scripts", function () {
  this.timeout(60_000);

  law("a text that ends anywhere is analysed", 60, (random) => {
    const { file, text } = random.pick(files);
    analyzedScript(file, text.slice(0, random.integer(0, text.length)), limits);
  });

  law("a text with words left out, doubled or in another place is analysed", 80, (random) => {
    const { file, text } = random.pick(files);
    const report = analyzedScript(file, damaged(text, random), limits);
    assert.equal(report.path, file);
  });

  law("a page whose script ends anywhere is analysed", 10, (random) => {
    const { text } = random.pick(files);
    const page = `<html><body><script type="module">\n${text.slice(0, random.integer(0, text.length))}`;
    analyzedScript("page.html", page, limits);
  });

  it("what never ends is stopped", () => {
    const report = analyzedScript("loop.js", "for (;;) {}\nconst m = tf.sequential();", limits);
    assert.match(report.remarks.join(), /stopped after 20000 steps/);
  });

  it("code that reaches for the host finds nothing of it", () => {
    const text = `const made = [].constructor.constructor("return process")();
const again = "".constructor.prototype.__proto__.constructor("return globalThis")();
const key = Object.getPrototypeOf(tf.tidy).constructor;
const model = tf.sequential({ layers: [tf.layers.dense({ units: made ? 1 : 2, inputShape: [3] })] });`;
    const report = analyzedScript("reach.js", text, limits);
    assert.equal(
      report.models.every(({ complete }) => !complete.params),
      true,
    );
  });
});

function damaged(text: string, random: Random): string {
  const words = text.split(/(?<=\W)/);
  for (let i = random.integer(1, 6); i > 0; i--) {
    const at = random.integer(0, words.length - 1);
    const word = words[at] ?? "";
    random.pick([
      () => words.splice(at, 1),
      () => words.splice(at, 0, word),
      () => words.splice(random.integer(0, words.length - 1), 0, word),
      () => words.splice(at, random.integer(1, 20)),
    ])();
  }
  return words.join("");
}
