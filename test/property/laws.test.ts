import assert from "node:assert/strict";
import type { Scenario } from "../../src/base/scenario.ts";
import { known } from "../../src/base/unknown.ts";
import type { FileReport, LayerReport } from "../../src/cost/report.ts";
import { scenarioNames } from "../../src/evidence/names.ts";
import { constant, type Expr, evaluate, product, quotient, sum, symbol } from "../../src/tensor/expression.ts";
import { analyzed, samples, smallScenario } from "../support/analysis.ts";
import { law, type Random } from "../support/random.ts";

const first = (report: FileReport) => {
  const [model] = report.models;
  assert.ok(model, "the sample has a model");
  return model;
};

function layers(root: LayerReport): LayerReport[] {
  return [root, ...root.children.flatMap(layers)];
}

/** `[B, 3, T // 2]` at a scenario's sizes: the text of a shape read as JavaScript reads sums and products. */
function atScenario(symbolic: string, scenario: Scenario): string {
  const names = scenarioNames(scenario);
  const text = symbolic.replace(/[A-Z]\b/g, (name) => String(names.get(name) ?? name)).replaceAll("·", "*");
  const floored = text.replace(/\(([^()]*) \/\/ ([^()]*)\)/g, "Math.floor(($1)/($2))");
  return `[${(new Function(`return ${floored}`)() as number[]).join(", ")}]`;
}

describe("laws of the figures", () => {
  for (const [path, text] of samples) {
    it(`${path}: the expression of each size, at another scenario, is what interpreting there finds`, () => {
      const other: Scenario = { ...smallScenario, batch: 3, sequence: 48 };
      const here = layers(first(analyzed(path, text)).root);
      const there = new Map(layers(first(analyzed(path, text, other)).root).map((layer) => [layer.path, layer]));
      for (const layer of here) {
        const want = there.get(layer.path)?.outputs.map(({ concrete }) => concrete);
        assert.deepEqual(
          layer.outputs.map(({ symbolic }) => atScenario(symbolic, other)),
          want,
          layer.path,
        );
      }
    });

    it(`${path}: the whole is the sum of its layers' own parameters, ties counted once`, () => {
      const { root } = first(analyzed(path, text));
      const own = layers(root).reduce((total, { ownParams }) => total + (known(ownParams) ?? Number.NaN), 0);
      const whole = known(root.params) ?? Number.NaN;
      assert.ok(
        whole <= own && (whole === own || path.endsWith("gpt.py") || path.endsWith("lstm_lm.py")),
        `${whole} of ${own}`,
      );
    });

    it(`${path}: a bigger batch never costs less, fewer bits never take more bytes`, () => {
      const at = (change: Partial<Scenario>) => first(analyzed(path, text, { ...smallScenario, ...change }));
      const [small, large, half] = [at({}), at({ batch: 4 }), at({ dtype: "bf16" })];
      const number = (value: unknown) => Number(value);
      assert.ok(number(large.root.flops) >= number(small.root.flops));
      assert.ok(number(large.root.savedBytes) >= number(small.root.savedBytes));
      assert.ok(number(large.memory.peakBytes) >= number(small.memory.peakBytes));
      assert.ok(number(half.root.weightBytes) <= number(small.root.weightBytes));
      assert.ok(number(half.memory.peakBytes) <= number(small.memory.peakBytes));
    });

    it(`${path}: the same text gives the same report`, () => {
      assert.equal(JSON.stringify(analyzed(path, text)), JSON.stringify(analyzed(path, text)));
    });
  }
});

describe("laws of expressions", () => {
  const names = ["B", "T", "H"];
  const made = (random: Random, depth: number): { expr: Expr; value: (at: ReadonlyMap<string, number>) => number } => {
    if (depth === 0 || random.next() < 0.2) {
      if (random.next() < 0.5) {
        const n = random.integer(1, 12);
        return { expr: constant(n), value: () => n };
      }
      const name = random.pick(names);
      return { expr: symbol(name), value: (at) => at.get(name) as number };
    }
    const [a, b] = [made(random, depth - 1), made(random, depth - 1)];
    const kind = random.integer(0, 2);
    if (kind === 0) return { expr: sum(a.expr, b.expr), value: (at) => a.value(at) + b.value(at) };
    if (kind === 1) return { expr: product(a.expr, b.expr), value: (at) => a.value(at) * b.value(at) };
    return { expr: quotient(a.expr, b.expr), value: (at) => Math.floor(a.value(at) / b.value(at)) };
  };

  law("folding sizes early equals folding late", 300, (random) => {
    const { expr, value } = made(random, 4);
    const at = new Map(names.map((name) => [name, random.integer(1, 40)]));
    const want = value(at);
    if (Number.isSafeInteger(want)) assert.equal(evaluate(expr, at), want);
  });
});

describe("any text is answered", () => {
  const texts = [...samples];
  const limits = { steps: 300_000, depth: 200, allocation: 2_000_000 };

  law("tokens deleted, doubled, cut off: no throw, within budget", 40, (random) => {
    const [path, text] = random.pick(texts);
    const tokens = text.split(/(\W)/);
    for (let i = random.integer(1, 4); i > 0; i--) {
      const at = random.integer(0, tokens.length - 1);
      const kind = random.integer(0, 2);
      if (kind === 0) tokens.splice(at, 1);
      else if (kind === 1) tokens.splice(at, 0, tokens[at] as string);
      else if (random.next() < 0.3) tokens.length = at;
    }
    const report = analyzed(path, tokens.join(""), smallScenario, limits);
    assert.equal(report.path, path);
  });
});
