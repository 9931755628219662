/** Models that a comment or `assay.json` says how to build. */
import assert from "node:assert/strict";
import { readProject } from "../../src/configs/project/read.ts";
import { analyzedScript } from "../support/scripts.ts";

const makers = `import * as tf from "@tensorflow/tfjs";
export function createModel({ classes, width }) {
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: width, inputShape: [8] }));
  model.add(tf.layers.dense({ units: classes }));
  return model;
}
export class Net {
  constructor(units) { this.model = tf.sequential({ layers: [tf.layers.dense({ units, inputShape: [7] })] }); }
}
`;

const weighed = (text: string) =>
  analyzedScript("model.js", text).models.map(({ name, root, evidence, complete }) => ({
    name,
    params: root.params,
    flops: root.flops,
    kind: evidence.kind,
    complete: complete.params,
  }));

describe("a comment says how a JavaScript model is built", () => {
  it("gives a function its arguments, so that nothing is guessed", () => {
    const [model] = weighed(`// assay: createModel({ classes: 5, width: 16 })\n${makers}`);
    assert.deepEqual(model, {
      name: "createModel",
      params: 9 * 16 + 17 * 5,
      flops: 2 * 2 * (8 * 16 + 16 * 5),
      kind: "comment",
      complete: true,
    });
  });

  it("takes the model that a class holds", () => {
    const [model] = weighed(`${makers}// assay: new Net(3)(float32[B, 7])\n`);
    assert.deepEqual([model?.name, model?.params, model?.flops], ["Net", 8 * 3, 2 * 2 * 7 * 3]);
  });

  it("inputs go before the scenario's sizes", () => {
    const [model] = weighed(`${makers}// assay: createModel({ classes: 5, width: 16 })(float32[10, 8])\n`);
    assert.equal(model?.flops, 10 * 2 * (8 * 16 + 16 * 5));
  });

  it("tells what cannot be followed, each once, and answers the rest", () => {
    const report = analyzedScript(
      "model.js",
      [
        "// assay: createModel(((",
        "// assay: build()",
        "// assay: createModel({ classes: 5, width: 16 })(float32[B, 9])",
        "// assay: createModel({ classes: 5, width: 16 })(a picture)",
        makers,
        "const x = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [4] })] });",
      ].join("\n"),
    );
    assert.deepEqual(
      report.problems.map(({ at, what }) => `${at.line + 1} ${what}`),
      [
        "1 cannot be read: createModel(((. Write it as createModel(arguments)(float32[B, 28, 28, 1]).",
        "2 build is not defined in this file.",
        "3 the model takes [B, 8], not [B, 9].",
        "4 cannot be read: createModel({ classes: 5, width: 16 })(a picture). Write it as createModel(arguments)(float32[B, 28, 28, 1]).",
      ],
    );
    assert.equal(report.models.find(({ name }) => name === "x")?.root.params, 5);
  });
});

describe("assay.json says how a JavaScript model is built", () => {
  it("names it, and gives it a scenario of its own", () => {
    const entry = {
      name: "small",
      file: "src/model.js",
      model: "createModel({ classes: 2, width: 4 })",
      inputs: ["float32[B, 8]"],
      scenario: { batch: 3 },
    };
    const { project } = readProject("assay.json", JSON.stringify({ models: [entry] }));
    const report = analyzedScript("src/model.js", makers, undefined, {}, {}, project);
    const [model] = report.models;
    assert.deepEqual(
      [model?.name, model?.evidence.kind, model?.root.params, model?.root.flops],
      ["small", "project", 9 * 4 + 5 * 2, 3 * 2 * (8 * 4 + 4 * 2)],
    );
  });
});
