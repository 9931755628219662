import assert from "node:assert/strict";
import { showBytes, showCount, showFigure, showFlops, showShare } from "../../src/base/units.ts";
import { Unknown } from "../../src/base/unknown.ts";
import { law } from "../support/random.ts";

describe("figures", () => {
  const cases: [shown: string, expected: string][] = [
    [showCount(0), "0"],
    [showCount(999), "999"],
    [showCount(7850), "7.85 K"],
    [showCount(124_439_808), "124.4 M"],
    [showCount(8_030_261_248), "8.03 B"],
    [showCount(999_960), "1 M"],
    [showFlops(291_648_307_200), "292 GFLOPs"],
    [showFlops(999.9e9), "1 TFLOPs"],
    [showBytes(512, "GB"), "512 B"],
    [showBytes(36_864, "GB"), "36.9 kB"],
    [showBytes(36_864, "GiB"), "36 KiB"],
    [showBytes(1_048_575, "GiB"), "1 MiB"],
    [showBytes(16.06e9, "GB"), "16.1 GB"],
    [showShare(1, 1000), "<1 %"],
    [showShare(57, 100), "57 %"],
    [showShare(1, 0), ""],
    [showFigure(118e6, showCount, "at least"), "≥ 118 M"],
    [showFigure(118e6, showCount, "about"), "~ 118 M"],
    [showFigure(new Unknown("flash_attn is not installed"), showCount), "?"],
  ];
  for (const [shown, expected] of cases) it(expected || "nothing of nothing", () => assert.equal(shown, expected));

  law("what is printed is within half a percent of what is", 200, ({ next }) => {
    const bytes = 10 ** (next() * 14);
    for (const [units, base] of [
      ["GB", 1000],
      ["GiB", 1024],
    ] as const) {
      const [number, unit] = showBytes(bytes, units).split(" ");
      const step = ["B", "k", "M", "G", "T", "P"].findIndex((letter) =>
        unit!.toLowerCase().startsWith(letter.toLowerCase()),
      );
      const read = Number(number) * base ** step;
      assert(Math.abs(read - bytes) <= Math.max(0.5, bytes * 0.0051), `${bytes} is shown as ${number} ${unit}`);
    }
  });
});
