/** Files that the real TensorFlow.js writes tell of the same models. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fromTopology, reallyRun, reallyTold, tf, told } from "../support/tfjs.ts";

const folder = path.resolve("test/tfjs/models");
// What a person's own layers are is in their code, not in the file.
const files = readdirSync(folder).filter((file) => /\.[jt]s$/.test(file) && file !== "custom.js");

describe("model.json", function () {
  this.timeout(60_000);
  let compared = 0;

  for (const file of files) {
    it(`is read as ${file} wrote it`, async () => {
      const at = path.join(folder, file);
      for (const [name, model] of Object.entries(reallyRun(at, readFileSync(at, "utf8")))) {
        if (!(model instanceof tf.LayersModel)) continue;
        const saved = await written(model as Saveable);
        const again = await tf.models.modelFromJSON(structuredClone(saved)).catch(() => undefined);
        // What the library cannot read of its own writing says nothing of ours.
        if (!again) continue;
        const { ours, model: own } = fromTopology(saved);
        assert.deepEqual(told(ours, own), reallyTold(again), name);
        compared++;
      }
    });
  }

  it("is compared often", () => assert.ok(compared >= 30, String(compared)));
});

interface Saveable {
  save(handler: unknown): Promise<unknown>;
}

/** What the library hands to whoever saves a model. */
async function written(model: Saveable): Promise<object> {
  let topology: object = {};
  const take = (artifacts: { modelTopology: object }) => {
    topology = artifacts.modelTopology;
    return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } });
  };
  await model.save(tf.io.withSaveHandler(take));
  return { format: "layers-model", modelTopology: JSON.parse(JSON.stringify(topology)) };
}
