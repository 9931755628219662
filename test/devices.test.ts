/** The devices' figures against the sheets', typed apart from each other in `test/oracle/devices.tsv`. */
import devices from "every:devices";
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Rate } from "../src/cost/devices/device.ts";

/** A figure as a sheet prints it. `derived`: no sheet prints it, the record's remarks say what it is made of. */
interface Printed {
  readonly dense: number | undefined;
  readonly sparse: number | undefined;
  readonly derived: boolean;
}

const rows = readFileSync("test/oracle/devices.tsv", "utf8")
  .split("\n")
  .filter((line) => line !== "" && !/^(#|id\t)/.test(line))
  .map((line) => line.split("\t"));

describe("devices agree with their data sheets", () => {
  const records = new Map(devices.map(({ record }) => [record.id, record]));

  it("each row names a device", () => {
    assert.deepEqual(
      rows.map(([id]) => id!).filter((id) => !records.has(id)),
      [],
    );
  });

  for (const [id = "", memory = "", bandwidth = "", rates = "", power = "", sheet = ""] of rows) {
    it(id, () => {
      const device = records.get(id);
      assert(device);
      assert(sheet.length > 0);
      near(device.memoryBytes, 1e9 * printed(memory).dense!, "memory");
      near(device.memoryBytesPerSecond, 1e9 * printed(bandwidth).dense!, "bandwidth");
      if (power === "-") assert.equal(device.powerWatts, undefined, "no sheet prints a power");
      else near(device.powerWatts, printed(power).dense!, "power");
      const cells = new Map(rates === "-" ? [] : rates.split(" ").map((cell) => cell.split("=") as [string, string]));
      assert.deepEqual(Object.keys(device.flopsPerSecond).sort(), [...cells.keys()].sort());
      for (const [type, cell] of cells) {
        const { dense, sparse, derived } = printed(cell);
        const rate = device.flopsPerSecond[type as Rate];
        near(rate, 1e12 * (dense ?? sparse! / 2), type);
        if (derived) assert(device.remarks, `${type} is derived, and nothing says from what`);
      }
    });
  }
});

describe("sparse rates are twice the dense ones", () => {
  for (const [id = "", , , rates = ""] of rows) {
    for (const cell of rates.split(" ")) {
      const [type = "", figures = ""] = cell.split("=");
      const { dense, sparse } = printed(figures);
      if (dense === undefined || sparse === undefined) continue;
      it(`${id}, ${type}`, () => assert(Math.abs(sparse / (2 * dense) - 1) < 0.015, `${dense} and ${sparse}`));
    }
  }
});

describe("a device's own figures fit together", () => {
  for (const { record } of devices) {
    const { id, flopsPerSecond, memoryBytes, visibleBytes, kind } = record;
    it(id, () => {
      assert(id.endsWith(kind === "microcontroller" ? "b" : "gb"), "the id ends in its memory");
      const rate = Object.entries(flopsPerSecond);
      assert(rate.every(([, value]) => value > 0));
      // Fewer bits are never slower.
      const order: Rate[] = ["f32", "f16", "f8", "f4"];
      const known = order.map((type) => flopsPerSecond[type]).filter((value) => value !== undefined);
      assert.deepEqual(
        known.toSorted((a, b) => a - b),
        known,
      );
      // The H200's sheet counts 141 of the 150 GB that it shows; no other shows more than a tenth beyond.
      if (visibleBytes !== undefined) assert(visibleBytes > 0.6 * memoryBytes && visibleBytes < 1.1 * memoryBytes);
      if (record.capability !== undefined) assert.equal(id.split("-")[0], "nvidia");
    });
  }
});

describe("the table of devices", () => {
  const file = "src/cost/devices/README.md";

  it(`${file} is current; UPDATE=1 writes it anew`, () => {
    const cells = devices
      .map(({ record }) => record)
      .toSorted((a, b) => a.kind.localeCompare(b.kind, "en") || a.id.localeCompare(b.id, "en"))
      .map((device) => [
        `\`${device.id}\``,
        device.kind,
        amount(device.memoryBytes, 1e9),
        amount(device.visibleBytes, 1e9),
        amount(device.memoryBytesPerSecond, 1e9),
        ...(["f32", "tf32", "bf16", "f16", "f8", "i8"] as const).map((type) =>
          amount(device.flopsPerSecond[type], 1e12),
        ),
        amount(device.powerWatts, 1),
        device.sources.map((source, i) => `[${i + 1}](${source})`).join(" "),
        device.remarks ?? "",
      ]);
    const heads = "id,kind,GB,visible GB,GB/s,f32,tf32,bf16,f16,f8,i8,W,sources,remarks".split(",");
    const text = [
      "# Devices",
      "Made from the records beside it by `UPDATE=1 node test/run-unit.mjs devices`. Rates are dense, in TFLOPS or TOPS, two operations a multiply-add.",
      [heads, heads.map(() => "---"), ...cells].map((row) => `| ${row.join(" | ")} |`).join("\n"),
      "",
    ].join("\n\n");
    if (process.env.UPDATE) writeFileSync(file, text.trimEnd() + "\n");
    assert.equal(existsSync(file) ? readFileSync(file, "utf8") : "", `${text.trimEnd()}\n`);
  });
});

/** Four digits at most; nothing for what is not known. */
function amount(value: number | undefined, unit: number): string {
  return value === undefined ? "" : String(Number((value / unit).toPrecision(4)));
}

/** `362.05|733*` is printed dense and sparse, `485*` sparse alone, `15.1~` derived. */
function printed(cell: string): Printed {
  const figures = cell.split("|");
  const plain = figures.find((figure) => !figure.endsWith("*"));
  const starred = figures.find((figure) => figure.endsWith("*"));
  return {
    dense: plain === undefined ? undefined : Number.parseFloat(plain),
    sparse: starred === undefined ? undefined : Number.parseFloat(starred),
    derived: cell.endsWith("~"),
  };
}

/** Within 0.3 %: sheets round halves of odd figures. */
function near(actual: number | undefined, expected: number, what: string): void {
  assert(actual !== undefined && Math.abs(actual / expected - 1) < 0.003, `${what}: ${actual}, the sheet ${expected}`);
}
