/** The language server on JavaScript files, over the protocol. */
import assert from "node:assert/strict";
import { eventually, workspace } from "../support/server.ts";

const model = `import * as tf from "@tensorflow/tfjs";
import { units } from "./sizes";

export const model = tf.sequential();
model.add(tf.layers.dense({ units, inputShape: [4] }));
model.add(tf.layers.dense({ units: 2, inputShape: [4] }));
`;

describe("the server and JavaScript", () => {
  it("weighs a script with what it imports, and anew when that changes", async () => {
    const { start, open, edit, ask, uri } = workspace({ "model.ts": model, "sizes.ts": "export const units = 3;\n" });
    const textDocument = { uri: uri("model.ts") };
    const range = { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } };
    const shapes = async () =>
      (await ask<{ label: string }[] | null>("textDocument/inlayHint", { textDocument, range }))?.map(
        ({ label }) => label,
      );
    await start();
    await open("model.ts");
    assert.deepEqual(await eventually(shapes, (found) => (found?.length ?? 0) > 0), ["⟨B, 3⟩", "⟨B, 2⟩"]);
    const hover = await ask<{ contents: { value: string } } | null>("textDocument/hover", {
      textDocument,
      position: { line: 4, character: 22 },
    });
    assert.match(hover?.contents.value ?? "", /Dense/);
    await open("sizes.ts");
    await edit("sizes.ts", "export const units = 7;\n");
    await edit("model.ts", `${model}\n`);
    await eventually(shapes, (found) => found?.[0] === "⟨B, 7⟩");
  }).timeout(60_000);

  it("leaves scripts alone that have nothing to do with models", async () => {
    const { start, open, report } = workspace({ "other.js": "const x = 1;\n", "model.ts": model });
    await start();
    await open("other.js");
    await open("model.ts");
    await eventually(
      () => report("model.ts"),
      (found) => found !== null,
    );
    assert.equal(await report("other.js"), null);
  }).timeout(60_000);

  it("lives through every beginning of a script", async () => {
    const { start, open, edit, report } = workspace({ "model.ts": model });
    await start();
    await open("model.ts", "import * as tf");
    for (let end = 15; end < model.length; end += 7) await edit("model.ts", model.slice(0, end));
    await edit("model.ts", model.replace("units,", "units: 5,"));
    await eventually(
      () => report("model.ts"),
      (found) => found !== null,
    );
  }).timeout(60_000);
});
