/** What a config's key means and costs: the model's figures at the value it has and at its neighbours. */
import { showScenario } from "../base/scenario.ts";
import { type ByteUnits, showBytes, showCount, showFlops } from "../base/units.ts";
import { Unknown } from "../base/unknown.ts";
import type { ConfigCost, KeyCost, KeyRow } from "../configs/index.ts";
import type { ModelReport } from "../cost/report.ts";

/** What is known of a key. */
export interface KeyFacts {
  readonly key: string;
  /** A sentence; undefined where nothing is said of it. */
  readonly meaning?: string | undefined;
  /** The family's default; undefined where it has none. */
  readonly usual?: unknown;
  /** Undefined for a key that costs nothing. */
  readonly cost?: KeyCost | undefined;
  /** What the figures are for. */
  readonly model?: Pick<ModelReport, "scenario" | "device" | "uses"> | undefined;
}

/** Undefined where there is nothing to say. */
export function keyHover({ key, meaning, usual, cost, model }: KeyFacts, units: ByteUnits): string | undefined {
  const isPlain = usual !== undefined && usual !== null && JSON.stringify(usual).length <= 40;
  const first = [
    meaning ?? (cost ? `\`${key}\`` : ""),
    isPlain && meaning !== undefined ? `Default \`${JSON.stringify(usual)}\`.` : "",
  ];
  const line = first.filter((text) => text !== "").join(" ");
  if (!cost) return line === "" ? undefined : line;
  if (cost.columns.length === 0) return [line, unchanged(cost.rows)].join("\n\n");
  const device = cost.columns.includes("largestBatch") && model?.device ? ` · ${model.device.name}` : "";
  const note = model && `${showScenario(model.scenario, model.uses)} · ${model.scenario.phase}${device}`;
  return [line, table(cost, units), ...(note ? [note] : [])].join("\n\n");
}

/** What of the values were weighed where no figure differs. */
function unchanged(rows: readonly KeyRow[]): string {
  const weighed = rows.filter(({ cost }) => !(cost instanceof Unknown)).map(({ value }) => JSON.stringify(value));
  if (weighed.length < 2) return "The model cannot be weighed with it.";
  return `From ${weighed[0]} to ${weighed.at(-1)} no figure changes.`;
}

const labels: Record<keyof ConfigCost, string> = {
  params: "params",
  activeParams: "active params",
  attentionParams: "attn params",
  flops: "FLOPs",
  weightBytes: "weights",
  kvBytesPerToken: "KV / token",
  largestBatch: "largest batch",
};

/** VS Code sets the columns of a hover's table side by side: an em space keeps their names apart. */
const apart = "\u2003";

/** A row for each value, the file's own in bold; a value that cannot be says why. */
function table({ key, columns, rows }: KeyCost, units: ByteUnits): string {
  const cell = (cost: ConfigCost | Unknown, column: keyof ConfigCost, first: boolean) => {
    if (cost instanceof Unknown) return first ? cost.reason.replace(/^\w*Error: /, "") : "";
    const value = cost[column];
    return value === undefined ? "" : value instanceof Unknown ? "?" : shown(column, value, units);
  };
  const lines = rows.map(({ value, current, cost }) => {
    const cells = [JSON.stringify(value), ...columns.map((column, index) => cell(cost, column, index === 0))];
    return `| ${cells.map((text) => (current && text !== "" ? `**${text}**` : text)).join(" | ")} |`;
  });
  return [
    `| ${[`\`${key}\``, ...columns.map((column) => apart + labels[column])].join(" | ")} |`,
    `|${" --: |".repeat(columns.length + 1)}`,
    ...lines,
  ].join("\n");
}

function shown(column: keyof ConfigCost, value: number, units: ByteUnits): string {
  if (column === "flops") return showFlops(value);
  if (column === "largestBatch") return value === 0 ? "does not fit" : String(value);
  return /params$/i.test(column) ? showCount(value) : showBytes(value, units);
}
