/** `assay devices`: the devices that a scenario may name. */
import { showBytes } from "../../base/units.ts";
import type { Device } from "../../cost/devices/device.ts";
import { limitOf } from "../../cost/fit/verdict.ts";
import type { Format } from "./arguments.ts";

export function printDevices(devices: readonly Device[], format: Format): string {
  if (format === "json") return `${JSON.stringify(devices, null, 2)}\n`;
  const heads = ["id", "name", "memory", "GB/s", "bf16 or f16", "f32", "power"];
  const cells = devices
    .toSorted((a, b) => a.kind.localeCompare(b.kind, "en") || a.id.localeCompare(b.id, "en"))
    .map((device) => {
      const { id, name, memoryBytesPerSecond, flopsPerSecond, powerWatts } = device;
      return [
        id,
        name,
        showBytes(limitOf(device).sure, "GB"),
        String(Number((memoryBytesPerSecond / 1e9).toPrecision(4))),
        rate(flopsPerSecond.bf16 ?? flopsPerSecond.f16),
        rate(flopsPerSecond.f32),
        powerWatts === undefined ? "" : `${powerWatts} W`,
      ];
    });
  if (format === "markdown") {
    const line = (row: readonly string[]) => `| ${row.join(" | ")} |`;
    return `${[heads, ["---", "---", "--:", "--:", "--:", "--:", "--:"], ...cells].map(line).join("\n")}\n`;
  }
  const widths = heads.map((head, i) => Math.max(head.length, ...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd();
  return `${[heads, ...cells].map(line).join("\n")}\n`;
}

/** `121 T`: dense operations a second, two a multiply-add. */
function rate(flopsPerSecond: number | undefined): string {
  if (flopsPerSecond === undefined) return "";
  const [value, unit] = flopsPerSecond >= 1e11 ? [flopsPerSecond / 1e12, "T"] : [flopsPerSecond / 1e9, "G"];
  return `${Number(value.toPrecision(4))} ${unit}`;
}
