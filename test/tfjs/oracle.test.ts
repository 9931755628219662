/** Parameters, every layer's output shape and multiply-adds of many models, exact against the real TensorFlow.js. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { law } from "../support/random.ts";
import {
  exportedModels,
  multipliedByUs,
  reallyMultiplied,
  reallyRun,
  reallyTold,
  run,
  tf,
  told,
} from "../support/tfjs.ts";
import { randomProgram } from "../support/tfjsModels.ts";

const folder = path.resolve("test/tfjs/models");
const files = readdirSync(folder).filter((file) => /\.[jt]s$/.test(file));

/** Sizes for the axes that a model leaves open. */
function closed(shape: (number | null)[]): number[] {
  return shape.map((size, i) => size ?? (i === 0 ? 2 : shape.length > 3 ? 8 : 5));
}

describe("tfjs against the real library", function () {
  this.timeout(120_000);
  before(() => tf.setBackend("cpu"));
  let compared = 0;

  /** Runs a program on both sides and compares every model that it exports. */
  async function compare(at: string, text: string): Promise<void> {
    const real = reallyRun(at, text);
    const ours = run(at, text);
    assert.deepEqual(ours.program.machine.remarks, []);
    const models = exportedModels(ours);
    for (const [name, model] of Object.entries(real)) {
      if (!(model instanceof tf.LayersModel)) continue;
      const own = models.get(name);
      assert.ok(own, `${name} is not found`);
      assert.deepEqual(told(ours, own), reallyTold(model), name);
      const shapes = (model as { inputs: { shape: (number | null)[] }[] }).inputs.map(({ shape }) => closed(shape));
      const expected = await reallyMultiplied(model, shapes);
      assert.deepEqual(multipliedByUs(ours, own, shapes), { ...expected, failure: undefined }, name);
      compared++;
    }
  }

  for (const file of files) {
    it(`tells ${file} as it is`, () => compare(path.join(folder, file), readFileSync(path.join(folder, file), "utf8")));
  }

  law("tells models written by chance as they are", 60, (random) =>
    compare(path.join(folder, "chance.js"), randomProgram(random)),
  );

  it("compares many", () => assert.ok(compared >= 90, String(compared)));
});
