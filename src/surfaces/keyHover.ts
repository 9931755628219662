/** What a config's key costs: the model's figures at the value it has and at its neighbours. */
import { type ByteUnits, showBytes, showCount, showFlops } from "../base/units.ts";
import { Unknown } from "../base/unknown.ts";
import type { ConfigCost, KeyCost } from "../configs/index.ts";

const labels: Record<keyof ConfigCost, string> = {
  params: "params",
  attentionParams: "attn params",
  flops: "FLOPs",
  weightBytes: "weights",
  kvBytesPerToken: "KV / token",
};

/** A table with a row for each value, the file's own in bold; a value that cannot be says why. */
export function keyHover({ key, columns, rows }: KeyCost, units: ByteUnits): string {
  const show = (column: keyof ConfigCost, value: number) =>
    column === "flops"
      ? showFlops(value)
      : column === "params" || column === "attentionParams"
        ? showCount(value)
        : showBytes(value, units);
  const cell = (cost: ConfigCost | Unknown, column: keyof ConfigCost, first: boolean) => {
    if (cost instanceof Unknown) return first ? cost.reason : "";
    const value = cost[column];
    return value === undefined ? "" : value instanceof Unknown ? "?" : show(column, value);
  };
  const lines = rows.map(({ value, current, cost }) => {
    const cells = [JSON.stringify(value), ...columns.map((column, index) => cell(cost, column, index === 0))];
    return `| ${cells.map((text) => (current && text !== "" ? `**${text}**` : text)).join(" | ")} |`;
  });
  return [
    `| ${[`\`${key}\``, ...columns.map((column) => labels[column])].join(" | ")} |`,
    `|${" --: |".repeat(columns.length + 1)}`,
    ...lines,
  ].join("\n");
}
