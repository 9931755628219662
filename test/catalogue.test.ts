import devices from "every:devices";
import interconnects from "every:interconnects";
import ops from "every:ops";
import quantization from "every:quantization";
import rules from "every:rules";
import scriptRules from "every:scriptRules";
import techniques from "every:techniques";
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { filesBelow } from "./support/sources.ts";

const stem = (file: string) => path.basename(file, path.extname(file));
/** The words of a name without what stands between them: `slidingWindow`, `sliding-window` and `sliding_window` agree. */
const words = (name: string) => name.replaceAll(/[-_]/g, "").toLowerCase();
const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/;

describe("the catalogue of operations", () => {
  const rows = new Set(["ops", "ops_cuda"].flatMap((table) => [...firstColumn(`test/oracle/${table}.tsv`)]));
  const pages = filesBelow("test/ops", ".md");
  const mentioned = new Set(pages.flatMap((page) => readFileSync(page, "utf8").match(/[a-z_]\w*/g) ?? []));
  for (const { file, record } of ops) {
    const family = "name" in record ? [record] : record;
    const plain = family.map(({ name }) => name.replace(/^aten\./, ""));
    it(`${file} is named for what it holds`, () => {
      assert.match(stem(file), /^[a-z][A-Za-z0-9]*$/);
      if ("name" in record) assert.equal(words(stem(file)), words(plain[0]!), `it holds ${record.name} alone`);
    });
    it(`${file} is tested`, () => {
      const own = "name" in record && pages.some((page) => stem(page) === stem(file));
      const untested = plain.filter(
        (name) => !own && !mentioned.has(name) && !rows.has(name) && !rows.has(`aten.${name}`),
      );
      assert.deepEqual(
        untested,
        [],
        "no page in test/ops and no row of test/oracle/ops.tsv or ops_cuda.tsv names these",
      );
    });
  }
  unique(ops.flatMap(({ record }) => ("name" in record ? [record.name] : record.map(({ name }) => name))));
});

describe("the catalogue of devices", () => {
  const listed = firstColumn("test/oracle/devices.tsv");
  for (const { file, record } of devices) {
    it(`${file} is named for its device, and the data sheet's row stands in test/oracle/devices.tsv`, () => {
      assert.match(record.id, kebab);
      assert(words(record.id).includes(words(stem(file))), `its id is ${record.id}`);
      assert(listed.has(record.id), `no row for ${record.id}`);
      assert(record.sources.length > 0 && record.sources.every((source) => /^https:/.test(source)));
    });
  }
  unique(devices.map(({ record }) => record.id));
});

describe("the catalogue of interconnects", () => {
  const rows = readFileSync("test/oracle/interconnects.tsv", "utf8").trim().split("\n").slice(1);
  const printed = new Map(
    rows.map((row) => row.split("\t") as [string, string, string]).map(([id, ...rest]) => [id, rest]),
  );
  /** Bytes a second in one direction from the figure that a vendor or a standard prints. */
  const oneWay: Record<string, (figure: number) => number> = {
    "GB/s both ways": (figure) => (figure * 1e9) / 2,
    "Gb/s": (figure) => (figure * 1e9) / 8,
    "GT/s lane 128b/130b": (figure) => (figure * 16 * 1e9 * 128) / 130 / 8,
  };
  for (const { file, record } of interconnects) {
    it(`${file} is named for its interconnect, and is what the printed figure says`, () => {
      assert.match(record.id, kebab);
      assert.equal(words(stem(file)), words(record.id));
      const [figure, unit] = printed.get(record.id) ?? [];
      assert(figure && unit, `no row for ${record.id} in test/oracle/interconnects.tsv`);
      const bytes = oneWay[unit]!(Number(figure));
      assert(
        Math.abs(record.bytesPerSecond / bytes - 1) < 0.005,
        `${record.bytesPerSecond}, but ${figure} ${unit} is ${bytes}`,
      );
      assert(record.efficiency > 0 && record.efficiency <= 1 && record.latencySeconds > 0);
      assert(record.sources.length > 0 && record.sources.every((source) => /^https:/.test(source)));
    });
  }
  unique(interconnects.map(({ record }) => record.id));
});

describe("the catalogue of quantization methods", () => {
  for (const { file, record } of quantization) {
    it(`${file} is named for its method, tested, and says where its format is written down`, () => {
      named(file, record.id, "quantization");
      assert(record.sources.length > 0 && record.sources.every((source) => /^https:/.test(source)));
    });
  }
  unique(quantization.flatMap(({ record }) => record.methods));
  noStrayFixtures("quantization", quantization);
});

describe("the catalogue of diagnostics", () => {
  for (const { file, record } of rules)
    it(`${file} is named for its fault and tested`, () => named(file, record.id, "rules"));
  unique(rules.map(({ record }) => record.id));
  noStrayFixtures("rules", rules);
});

describe("the catalogue of diagnostics for scripts", () => {
  for (const { file, record } of scriptRules)
    it(`${file} is named for its fault and tested`, () => named(file, record.id, "scriptRules"));
  unique(scriptRules.map(({ record }) => record.id));
  noStrayFixtures("scriptRules", scriptRules);
});

describe("the catalogue of techniques", () => {
  for (const { file, record } of techniques) {
    it(`${file} is named for its method, tested, and says what it changes and its price`, () => {
      named(file, record.id, "techniques");
      assert(record.what && record.price);
      assert(record.paper === undefined || /^\d{4}\.\d{5}$/.test(record.paper.arxiv));
    });
  }
  unique(techniques.map(({ record }) => record.id));
  noStrayFixtures("techniques", techniques);
});

function named(file: string, id: string, folder: string): void {
  assert.match(id, kebab);
  assert.equal(words(stem(file)), words(id), `its id is ${id}`);
  assert(existsSync(`test/${folder}/${stem(file)}.md`), `test/${folder}/${stem(file)}.md does not exist`);
}

function unique(names: string[]): void {
  it("gives each name once", () => {
    assert.deepEqual(
      names.filter((name, i) => names.indexOf(name) !== i),
      [],
    );
  });
}

function noStrayFixtures(folder: string, records: { file: string }[]): void {
  it("has a record for each page", () => {
    const stems = new Set(records.map(({ file }) => stem(file)));
    const pages = filesBelow(`test/${folder}`, ".md");
    assert.deepEqual(
      pages.filter((page) => !stems.has(stem(page))),
      [],
    );
  });
}

/** What the rows of a table begin with; none where it is absent. */
function firstColumn(file: string): Set<string> {
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  return new Set(text.split("\n").map((line) => line.split("\t")[0]!));
}
