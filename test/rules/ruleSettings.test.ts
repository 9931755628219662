/** The ids of findings are completed where severities are set. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { findingIds } from "../../src/advice/ids.ts";
import { ruleProperties } from "../../src/advice/ruleSettings.ts";

const file = "package.json";
const key = "assay.rules";

describe("severities by finding", () => {
  it(`${file} lists every finding with what it says; UPDATE=1 writes it anew`, () => {
    const manifest = JSON.parse(readFileSync(file, "utf8"));
    const { properties } = manifest.contributes.configuration;
    if (process.env.UPDATE) {
      const { type, ...rest } = properties[key];
      properties[key] = { type, ...rest, properties: ruleProperties() };
      writeFileSync(file, `${JSON.stringify(manifest, null, 2)}\n`);
    }
    assert.deepEqual(properties[key].properties, ruleProperties());
    assert.deepEqual(Object.keys(properties[key].properties).sort(), [...findingIds()].sort());
  });

  it("each says in a sentence what it finds", () => {
    for (const [id, { description }] of Object.entries(ruleProperties()))
      assert.match(description, /^[A-Za-z`].{15,}\.$/s, id);
  });
});
