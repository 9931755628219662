import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { defaultSettings, otherSchemas, readSettings, scenarioSchemas } from "../src/base/settings.ts";

interface Property {
  type: string | string[];
  enum?: unknown[];
  default?: unknown;
  markdownDescription?: string;
}

const properties: Record<string, Property> = JSON.parse(readFileSync("package.json", "utf8")).contributes.configuration
  .properties;

/** The settings as `assay.name` and as `assay.scenario.name`. */
const schemas = new Map<string, { safeParse(value: unknown): { success: boolean } }>([
  ...Object.entries(scenarioSchemas).map(([key, schema]) => [`assay.scenario.${key}`, schema] as const),
  ...Object.entries(otherSchemas).map(([key, schema]) => [`assay.${key}`, schema] as const),
]);

describe("settings", () => {
  it("are the same in package.json and in the code", () => {
    assert.deepEqual(Object.keys(properties).sort(), [...schemas.keys()].sort());
  });

  for (const [name, property] of Object.entries(properties)) {
    it(`${name} has one default, one list of values, and a description`, () => {
      const inCode = name.startsWith("assay.scenario.")
        ? (defaultSettings.scenario as unknown as Record<string, unknown>)[name.slice(15)]
        : (defaultSettings as unknown as Record<string, unknown>)[name.slice(6)];
      assert.deepEqual(property.default ?? undefined, inCode);
      assert.match(property.markdownDescription ?? "", /^[A-Z].*\.$/s);
      const schema = schemas.get(name)!;
      const values = property.enum?.filter((value) => value !== null);
      for (const value of values ?? []) assert(schema.safeParse(value).success, `${value} is not known to the code`);
      const options = "options" in schema ? schema.options : undefined;
      if (options) assert.deepEqual(values, options);
    });
  }

  it("a wrong value falls back alone, and is named", () => {
    const { settings, problems } = readSettings({
      units: "GiB",
      codeLens: "yes",
      scenario: { batch: -1, sequence: 77 },
    });
    assert.equal(settings.units, "GiB");
    assert.equal(settings.codeLens, true);
    assert.equal(settings.scenario.batch, 1);
    assert.equal(settings.scenario.sequence, 77);
    assert.deepEqual(
      problems.map((problem) => problem.split(":")[0]),
      ["assay.scenario.batch", "assay.codeLens"],
    );
  });

  it("nothing given is the defaults", () => {
    assert.deepEqual(readSettings(undefined), { settings: defaultSettings, problems: [] });
  });
});
