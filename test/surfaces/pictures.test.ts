/** What the report's pictures are drawn from: places and sizes, fits, words. */
import assert from "node:assert/strict";
import { growthCurve, type SizePoint, sizesAround } from "../../src/surfaces/pictures/growth.ts";
import { icicle, litBy } from "../../src/surfaces/pictures/icicle.ts";
import { figureText, type ReportRow } from "../../src/surfaces/pictures/rows.ts";
import { reportView } from "../../src/surfaces/report.ts";
import { analysed } from "./workspace.ts";

const size = { width: 300, height: 200 };

function row(
  name: string,
  value: number | undefined,
  children: ReportRow[] = [],
  more: Partial<ReportRow> = {},
): ReportRow {
  const cell =
    value === undefined
      ? { text: "?", share: 0, reason: "flash is not installed" }
      : { text: `${value}`, share: 0, value };
  return {
    name,
    count: 1,
    all: 1,
    className: "Linear",
    shapes: "",
    params: cell,
    flops: cell,
    memory: cell,
    time: cell,
    lines: [],
    children,
    ...more,
  };
}

const rects = (root: ReportRow, zoom?: string) =>
  icicle(root, "params", zoom, size).rects.map(({ name, kind, x, y, width, height }) => ({
    name,
    kind,
    box: [x, y, width, height].map(Math.round),
  }));

describe("the layer tree as rectangles", () => {
  it("gives each layer its part of the height, and a leaf the rest of the width", () => {
    const root = row("Net", 100, [row("a", 75, [row("b", 50), row("c", 25)]), row("d", 25)]);
    assert.deepEqual(rects(root), [
      { name: "a", kind: "known", box: [0, 0, 150, 150] },
      { name: "b", kind: "known", box: [150, 0, 150, 100] },
      { name: "c", kind: "known", box: [150, 100, 150, 50] },
      { name: "d", kind: "known", box: [0, 150, 300, 50] },
    ]);
  });

  it("leaves a layer's own part free", () => {
    const root = row("Net", 100, [row("a", 100, [row("b", 50), row("c", 10)])]);
    const inner = rects(root).filter(({ name }) => name === "b" || name === "c");
    assert.deepEqual(
      inner.map(({ box }) => box[3]),
      [100, 20],
    );
  });

  it("draws a layer with one part as one with it", () => {
    const root = row("Net", 10, [row("h", 10, [row("0 … 3", 10, [row("x", 6), row("y", 4)], { count: 4 })])]);
    const found = icicle(root, "params", undefined, size).rects[0]!;
    assert.deepEqual([found.name, found.key, found.count], ["h.0 … 3", "Net/h/0 … 3", 4]);
  });

  it("hatches what is not known, and counts it as nothing", () => {
    const root = row("Net", undefined, [row("a", 30), row("b", undefined), row("c", 10)]);
    const all = rects(root);
    assert.deepEqual(
      all.map(({ name, kind }) => `${name} ${kind}`),
      ["a known", "b unknown", "c known"],
    );
    assert.equal(Math.round(all[0]!.box[3]! / all[2]!.box[3]!), 3);
  });

  it("draws together what is too small to be seen", () => {
    const root = row("Net", 1000, [row("large", 990), ...Array.from({ length: 10 }, (_, i) => row(`small ${i}`, 1))]);
    assert.deepEqual(
      rects(root).map(({ name, kind }) => `${name} ${kind}`),
      ["large known", "10 more more"],
    );
  });

  it("fits the picture where parts that share weights add up to more", () => {
    const found = icicle(row("Net", 100, [row("a", 80), row("b", 80)]), "params", undefined, size);
    assert.equal(found.shared, true);
    assert.deepEqual(
      found.rects.map(({ height }) => height),
      [100, 100],
    );
  });

  it("zooms to a layer, and tells the layers around it", () => {
    const root = row("Net", 100, [row("a", 75, [row("b", 50), row("c", 25)]), row("d", 25)]);
    const found = icicle(root, "params", "Net/a", size);
    assert.deepEqual(
      found.path.map(({ name }) => name),
      ["Net", "a"],
    );
    assert.deepEqual(
      found.rects.map(({ name }) => name),
      ["b", "c"],
    );
    assert.deepEqual(
      icicle(root, "params", "Net/gone", size).path.map(({ name }) => name),
      ["Net"],
    );
  });

  it("lights what a line makes or calls, else the class around it", () => {
    const path = "/net.py";
    const a = row("a", 1, [], {
      lines: [
        { path, line: 4 },
        { path, line: 9 },
      ],
      classAt: { path, line: 20 },
    });
    const b = row("b", 1, [], { lines: [{ path, line: 5 }], classAt: { path, line: 30 } });
    const root = row("Net", 2, [a, b], { classAt: { path, line: 2 } });
    assert.deepEqual(litBy(root, { path, line: 9 }), ["Net/a"]);
    assert.deepEqual(litBy(root, { path, line: 25 }), ["Net/a"]);
    assert.deepEqual(litBy(root, { path, line: 44 }), ["Net/b"]);
    assert.deepEqual(litBy(root, { path, line: 7 }), []);
    assert.deepEqual(litBy(root, { path: "/other.py", line: 9 }), []);
  });
});

describe("how costs grow", () => {
  const points = (cost: (size: number) => number): SizePoint[] =>
    sizesAround(1024).map((n) => ({ size: n, flops: cost(n) }));
  const words = (cost: (size: number) => number) => growthCurve("sequence", 1024, points(cost), []).lines[0]?.words;

  it("is told by the exponent, and by the square's share where that is exact", () => {
    assert.equal(
      words((n) => 3 * n),
      "in proportion to T",
    );
    assert.equal(
      words((n) => n * n),
      "with T²",
    );
    assert.equal(
      words(() => 7),
      "hardly changes",
    );
    // A tenth of the growing part is a square here; both are equal at nine times the length.
    assert.match(
      words((n) => 9 * 1024 * n + n * n) ?? "",
      /^with T¹·¹²: T² is 10 % of it here, half of the growing part from T 9\.22 K$/,
    );
  });

  it("is not told as a square where no square goes through the points", () => {
    assert.doesNotMatch(words((n) => n ** 1.5) ?? "", /T² is/);
    assert.match(words((n) => n ** 1.5) ?? "", /^with T¹·⁵$/);
  });

  it("leaves out figures that are not known, and names sizes that could not be weighed", () => {
    const curve = growthCurve(
      "batch",
      4,
      [
        { size: 4, flops: 1 },
        { size: 8, flops: 2 },
      ],
      [16],
    );
    assert.deepEqual(curve.lines, []);
    assert.deepEqual(curve.missing, [16]);
  });

  it("is looked at around the scenario's size, in whole numbers", () => {
    assert.deepEqual(sizesAround(1024), [256, 512, 768, 1024, 2048, 4096]);
    assert.deepEqual(sizesAround(1), [1, 2, 4, 8, 16]);
  });
});

describe("a report's pictures", () => {
  const text = `import torch.nn as nn
class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.up = nn.Linear(64, 256)
        self.down = nn.Linear(256, 64)
    def forward(self, x):
        return x + self.down(self.up(x).relu())
# assay: Net()(float32[B, T, 64])
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Block() for _ in range(3)])
    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x
`;
  const of = (scenario: object) => {
    const { report, view } = analysed({ files: { "net.py": text }, main: "net.py", settings: { scenario } });
    return { model: report.models[0]!, shown: reportView(report, report.models[0]!, view) };
  };

  it("hold the memory's peak and its parts in their order", () => {
    const { model, shown } = of({ phase: "train", batch: 4, sequence: 32 });
    const { points, parts, peak, holders } = shown.timeline!;
    assert.equal(peak.bytes, model.memory.peakBytes);
    assert.equal(Math.max(...points), points[peak.at]);
    assert.deepEqual(
      parts
        .map(({ part }) => part)
        .filter((part, i, all) => part !== all[i - 1])
        .slice(0, 1),
      ["forward"],
    );
    assert.ok(parts.some(({ part }) => part === "backward"));
    assert.ok(holders.length > 0 && holders.every(({ share }) => share > 0 && share <= 1));
  });

  it("sum the memory's terms to the peak", () => {
    const { model, shown } = of({ phase: "train", batch: 4, sequence: 32 });
    const sum = model.memory.terms.reduce((all, { bytes }) => all + (typeof bytes === "number" ? bytes : 0), 0);
    assert.equal(sum, model.memory.peakBytes);
    const scale = (model.device?.memoryBytes ?? 0) || 1;
    const drawn = shown.memory.terms.reduce((all, { share }) => all + share, 0);
    assert.ok(Math.abs(drawn - sum / scale) < 1e-9);
  });

  it("put every multiplying layer on the roofline, below the roof, all of their time once", () => {
    const { model, shown } = of({ batch: 8, sequence: 512 });
    const { dots, flopsPerSecond, bytesPerSecond, without } = shown.roofline!;
    assert.deepEqual(dots.map(({ name, count }) => `${name} ${count}`).sort(), [
      "blocks.0 … 2.down 3",
      "blocks.0 … 2.up 3",
    ]);
    for (const dot of dots) {
      assert.ok(dot.flopsPerSecond <= flopsPerSecond, dot.name);
      assert.ok(dot.intensity > 0 && bytesPerSecond > 0);
    }
    const told = dots.reduce((all, { share }) => all + share, without);
    assert.ok(Math.abs(told - 1) < 0.02, `${told} of the time of ${model.name}`);
  });

  it("say a layer's figure with its unit, each layer's part and the model's", () => {
    const { shown } = of({ batch: 8, sequence: 512 });
    const up = shown.root.children[0]!.children[0]!.children[0]!;
    assert.equal(
      figureText(up, "params", { model: shown.model, phase: "prefill", units: "GB" }),
      "49.9 K parameters, 16.6 K in each of 3, 50 % of Net",
    );
    assert.equal(up.all, 3);
  });
});
