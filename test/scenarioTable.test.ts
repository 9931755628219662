import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { scenarioSchemas } from "../src/base/settings.ts";

const [begin, end] = ["<!-- scenario -->", "<!-- end of scenario -->"];

it("the README lists every field of a scenario with what it says (UPDATE=1 writes it)", () => {
  const text = readFileSync("README.md", "utf8");
  const [before = "", rest = ""] = text.split(begin);
  const [, after = ""] = rest.split(end);
  const whole = `${before}${begin}\n\n${table()}\n\n${end}${after}`;
  if (process.env["UPDATE"]) writeFileSync("README.md", whole);
  else assert.equal(text, whole);
});

interface Property {
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly markdownDescription: string;
}

/** The fields as the settings describe them, and below `parallel` those of its object. */
function table(): string {
  const { properties } = JSON.parse(readFileSync("package.json", "utf8")).contributes.configuration as {
    properties: Record<string, Property>;
  };
  const rows = Object.keys(scenarioSchemas).map((key) => {
    const property = properties[`assay.scenario.${key}`];
    assert(property, `${key} has no setting`);
    const values = (property.enum ?? []).filter((value) => value !== null).map((value) => `\`${value}\``);
    const usual = property.default === null || property.default === undefined ? "" : `\`${property.default}\``;
    return `| \`${key}\` | ${values.join(", ")} | ${usual} | ${property.markdownDescription.replaceAll("|", "\\|").replaceAll("\n", " ")} |`;
  });
  const inner = Object.entries(scenarioSchemas.parallel.unwrap().shape).map(([key, schema]) => {
    const { description } = schema.unwrap();
    assert(description, `parallel.${key} has no description`);
    return `| \`parallel.${key}\` | | | ${description} |`;
  });
  return ["| field | values | default | |", "|---|---|---|---|", ...rows, ...inner].join("\n");
}
