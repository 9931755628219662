/** Times of models and operations that nothing was fitted to, against what an H200 took. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import device from "../../src/cost/devices/h200Sxm141.ts";
import { timeOf } from "../../src/cost/time/timeOf.ts";
import {
  type MeasuredModel,
  type MeasuredOperation,
  measuredRows,
  scenarioOf,
  tracedForms,
  tracedOperation,
} from "../support/timing.ts";

/** Where the sources of torchvision and timm lie; without it, the models of these libraries are left out. */
const folder = process.env["ASSAY_SOURCES"] ?? "";
const table = "test/oracle/times_others.tsv";
const rows = measuredRows("test/oracle/times_others.jsonl.gz");
const models = rows.filter((row): row is MeasuredModel => row.row === "model");
const operations = rows.filter((row): row is MeasuredOperation => row.row === "operation");

interface Compared {
  readonly row: MeasuredModel;
  /** Milliseconds of the kernels, as a graph captures them, and with what the CPU takes. */
  readonly kernels: number;
  readonly eager: number;
}

describe("time of what nothing was fitted to", function () {
  this.timeout(120_000);
  const compared: Compared[] = [];
  before(() => {
    for (const row of models) if (folder !== "" || !needsLibrary(row)) compared.push(compare(row));
  });

  it("agrees with captured passes of whole models", () => {
    const errors = compared.flatMap(({ row, kernels }) =>
      row.graph_ms === undefined ? [] : [Math.abs(kernels / row.graph_ms - 1)],
    );
    errors.sort((a, b) => a - b);
    assert.ok(errors.length >= 18);
    assert.ok((errors[errors.length >> 1] as number) < 0.1, `median ${errors[errors.length >> 1]}`);
    assert.ok((errors.at(-1) as number) < 0.3, `most ${errors.at(-1)}`);
  });

  it("agrees with attention whose mask no fused kernel reads", () => {
    const errors = operations.map((row) => {
      const trace = tracedOperation(row);
      assert.ok(typeof trace !== "string", String(trace));
      const { seconds } = timeOf(trace, { device, scenario: scenarioOf(models[0] as MeasuredModel) });
      return Math.abs(((seconds as number) * 1e6) / row.us - 1);
    });
    errors.sort((a, b) => a - b);
    assert.ok((errors[errors.length >> 1] as number) < 0.1, `median ${errors[errors.length >> 1]}`);
    assert.ok((errors.at(-1) as number) < 0.5, `most ${errors.at(-1)}`);
  });

  it(`is within two hundredths of what ${table} says`, () => {
    if (folder !== "" && process.env["UPDATE"]) writeFileSync(table, text(compared));
    const lines = readFileSync(table, "utf8").trim().split("\n").slice(3);
    assert.equal(lines.length, models.length);
    for (const [i, row] of models.entries()) {
      const cells = (lines[i] as string).split("\t");
      const now = compared.find((one) => one.row === row);
      assert.deepEqual(cells.slice(0, 2), [row.name, row.phase]);
      if (now)
        assert.ok(Math.abs(now.eager / Number(cells.at(-1)) - 1) < 0.02, `UPDATE=1 with ASSAY_SOURCES: ${row.name}`);
    }
  });
});

function needsLibrary({ request }: MeasuredModel): boolean {
  return /torchvision|timm/.test(request.setup ?? "");
}

function compare(row: MeasuredModel): Compared {
  const forms = tracedForms(row, folder);
  assert.ok(typeof forms !== "string", `${row.name}: ${String(forms)}`);
  const question = { device, scenario: scenarioOf(row) };
  const eager = timeOf(forms.trace, question);
  const { seconds } = forms.captured ? timeOf(forms.captured, question) : eager;
  return { row, kernels: 1000 * (seconds as number), eager: 1000 * (eager.eagerSeconds as number) };
}

function text(all: readonly Compared[]): string {
  return [
    "# Milliseconds on one NVIDIA H200 (make_times.py --others, torch 2.11) beside Assay's; `captured` is a CUDA graph.",
    "# That machine's CPU took 1.7 times as long to ask for operations as the one that the CPU's figures were fitted on.",
    ["model", "phase", "batch", "sequence", "type", "captured", "Assay", "error", "eager", "Assay"].join("\t"),
    ...all.map(line),
    "",
  ].join("\n");
}

function line({ row, kernels, eager }: Compared): string {
  const { name, phase, batch, sequence, dtype, autocast, attention, graph_ms, loop_ms } = row;
  const type = [dtype, ...(autocast ? ["autocast"] : []), ...(attention ? [attention] : [])].join(" ");
  const captured =
    graph_ms === undefined
      ? ["", "", ""]
      : [graph_ms, Number(kernels.toPrecision(4)), `${(100 * (kernels / graph_ms - 1)).toFixed(0)} %`];
  return [name, phase, batch, sequence || "", type, ...captured, loop_ms, Number(eager.toPrecision(4))].join("\t");
}
