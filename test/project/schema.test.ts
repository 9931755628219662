/** The JSON schema that editors complete and check `assay.json` by is the one that the code reads it by. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { ruleProperties } from "../../src/advice/ruleSettings.ts";
import { projectJsonSchema } from "../../src/configs/project/project.ts";

const file = "media/assay.schema.json";

/** The schema with the ids of all findings, which the project's reader leaves open. */
function schema() {
  const whole = projectJsonSchema() as { properties: Record<string, object> };
  const { rules } = whole.properties;
  return { ...whole, properties: { ...whole.properties, rules: { ...rules, properties: ruleProperties() } } };
}

describe("the schema of assay.json", () => {
  it(`${file} is current; UPDATE=1 writes it anew`, () => {
    const text = `${JSON.stringify(schema(), null, 2)}\n`;
    if (process.env.UPDATE) writeFileSync(file, text);
    assert.equal(existsSync(file) ? readFileSync(file, "utf8") : "", text);
  });

  it("the extension contributes it", () => {
    const { contributes } = JSON.parse(readFileSync("package.json", "utf8"));
    assert.deepEqual(contributes.jsonValidation, [{ fileMatch: "assay.json", url: `./${file}` }]);
  });

  it("each key says what it is", () => {
    const { properties } = projectJsonSchema() as { properties: Record<string, { description?: string }> };
    assert.deepEqual(
      Object.keys(properties).filter((key) => key !== "$schema" && !properties[key]!.description),
      [],
    );
  });
});
