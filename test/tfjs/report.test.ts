/** What an editor shows of a JavaScript file. */
import assert from "node:assert/strict";
import { hints } from "../../src/surfaces/hints.ts";
import { hover } from "../../src/surfaces/hover.ts";
import { lenses } from "../../src/surfaces/lens.ts";
import { analyzedScript } from "../support/scripts.ts";

const view = { units: "GB" as const, device: undefined, shorten: (file: string) => file };
const text = `import * as tf from "@tensorflow/tfjs";
const size = 28;
export function createModel(units = 10) {
  const model = tf.sequential();
  model.add(tf.layers.conv2d({ inputShape: [size, size, 1], kernelSize: 5, filters: 8 }));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units }));
  return model;
}
const x = tf.input({ shape: [16] });
const wide = tf.layers.dense({
  units: 32,
}).apply(x);
const all = tf.sequential({
  layers: [
    tf.layers.dense({ units: 4, inputShape: [3] }),
    tf.layers.dense({ units: 2 }),
  ],
});
`;

describe("a JavaScript file's report", () => {
  const report = analyzedScript("model.js", text);

  it("names each model by its variable, or by the function that makes it", () => {
    assert.deepEqual(
      report.models.map(({ name, root, complete }) => [name, root.params, complete.params]),
      [
        ["all", 26, true],
        ["createModel", 208 + (24 * 24 * 8 + 1) * 10, true],
      ],
    );
  });

  it("says each layer's shape behind the call that applied it", () => {
    assert.deepEqual(
      hints(report).map(({ line, text }) => `${line + 1}${text}`),
      ["5 ⟨B, 24, 24, 8⟩", "6 ⟨B, 4608⟩", "7 ⟨B, 10⟩", "10 ⟨B, 16⟩", "13 ⟨B, 32⟩", "16 ⟨B, 4⟩", "17 ⟨B, 2⟩"],
    );
  });

  it("tells of a layer on hover", () => {
    const found = hover(report, text, 4, 25, view);
    assert.equal(found?.model, "createModel");
    assert.match(found?.markdown ?? "", /conv2d.*208/s);
  });

  it("puts a lens over each model", () => {
    assert.deepEqual(
      lenses(report, view).map(({ at, model }) => [at.line + 1, model]),
      [
        [4, "createModel"],
        [14, "all"],
      ],
    );
  });

  it("names both sizes of what does not fit", () => {
    const wrong = analyzedScript(
      "wrong.ts",
      `import * as tf from "@tensorflow/tfjs";
const a = tf.input({ shape: [4, 8] });
const b = tf.input({ shape: [4, 6] });
const sum = tf.layers.add().apply([a, b]) as tf.SymbolicTensor;
`,
    );
    const [found] = wrong.problems;
    assert.equal(found?.rule, "shape-mismatch");
    assert.equal(found?.at.line, 3);
    assert.match(found?.what ?? "", /8 against 6/);
  });

  it("reads the scripts of a page at their places", () => {
    const page = `<html>\n<script src="tf.min.js"></script>\n<script>\n${text.replace(/^import.*\n/, "\n").replace("export ", "")}</script>\n</html>\n`;
    const found = analyzedScript("index.html", page);
    assert.deepEqual(
      found.models.map(({ name, at }) => [name, at.line + 1]),
      [
        ["all", 17],
        ["createModel", 7],
      ],
    );
    assert.deepEqual(found.problems, []);
  });

  it("finds models inside callbacks and classes that nothing calls", () => {
    const found = analyzedScript(
      "app.tsx",
      `import * as tf from "@tensorflow/tfjs";
class Trainer {
  model: tf.Sequential;
  constructor(private units: number) {}
  buildModel() {
    this.model = tf.sequential({ layers: [tf.layers.dense({ units: 5, inputShape: [2] })] });
  }
}
export default function App() {
  useEffect(() => {
    const net = tf.sequential();
    net.add(tf.layers.dense({ units: 3, inputShape: [2] }));
  }, []);
  return <div onClick={() => train()}>{tf.version}</div>;
}
`,
    );
    assert.deepEqual(found.models.map(({ root }) => root.params).sort(), [15, 9]);
    assert.deepEqual(found.problems, []);
  });
});

describe("what is not known in JavaScript", () => {
  const models = (text: string) =>
    analyzedScript("unknown.js", `import * as tf from "@tensorflow/tfjs";\n${text}`).models.map(
      ({ name, root, complete }) => [name, typeof root.params === "number" ? root.params : "?", complete.params],
    );
  const layer = "tf.layers.dense({ units: 2, inputShape: [3] })";

  it("a size from outside leaves the parameters unknown", () => {
    assert.deepEqual(
      models(`const m = tf.sequential();\nm.add(tf.layers.dense({ units: window.n, inputShape: [3] }));`),
      [["m", "?", false]],
    );
  });

  it("a loop over what is not known leaves what it changes unknown", () => {
    assert.deepEqual(
      models(
        `let n = 0;\nfor (const x of fetched) n += 1;\nconst m = tf.sequential();\nm.add(tf.layers.dense({ units: n + 1, inputShape: [3] }));`,
      ),
      [["m", "?", false]],
    );
    assert.deepEqual(
      models(
        `const m = tf.sequential({ layers: [${layer}] });\nfor (const x of fetched) m.add(tf.layers.dense({ units: 2 }));`,
      ),
      [["m", 8, false]],
    );
    assert.deepEqual(
      models(
        `const sizes = [];\nwhile (true) { if (fetched.done) break; sizes.push(4); }\nconst m = tf.sequential();\nm.add(${layer});\nfor (const units of sizes) m.add(tf.layers.dense({ units }));`,
      ),
      [["m", 8, false]],
    );
  });

  it("what has nothing to do with the model takes nothing from it", () => {
    assert.deepEqual(
      models(
        `const m = tf.sequential({ layers: [${layer}] });\nfor (const row of document.rows) draw(row);\nif (location.hash) start();`,
      ),
      [["m", 8, true]],
    );
  });

  it("a branch that is not decided is said", () => {
    assert.deepEqual(
      models(
        `const m = tf.sequential({ layers: [${layer}] });\nif (location.hash) m.add(tf.layers.dense({ units: 2 }));\nelse m.add(tf.layers.dense({ units: 3 }));`,
      ),
      [["m", 14, false]],
    );
  });

  it("a model that got no layer is told of in words, not as nothing", () => {
    const report = analyzedScript(
      "empty.js",
      `import * as tf from "@tensorflow/tfjs";\nfunction make(size) {\n  const m = tf.sequential();\n  if (!size.known) throw new Error("no size");\n  m.add(size.layer());\n}\nfunction fail() {\n  const m = tf.sequential();\n  null.x;\n}\n`,
    );
    assert.deepEqual(
      report.models.filter(({ root }) => root.params === 0),
      [],
    );
  });
});
