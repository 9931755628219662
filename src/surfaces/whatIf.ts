/** Before and after, as lines of text: what `assay what-if` prints and test pages show. */
import { showBytes, showCount, showFlops, showShare, showTime } from "../base/units.ts";
import type { AdviceReport, CostName, Costs, Shown, WhatIfReport } from "../cost/figuresAfter.ts";
import type { WhatIfView } from "./advice.ts";

interface Figure {
  readonly name: string;
  readonly show: (value: number) => string;
}

const bytes = (value: number) => showBytes(value, "GB");

const figures: Readonly<Record<CostName, Figure>> = {
  params: { name: "parameters", show: showCount },
  trainableParams: { name: "trained parameters", show: showCount },
  flops: { name: "FLOPs of a forward pass", show: showFlops },
  stepFlops: { name: "FLOPs of a training step", show: showFlops },
  weightBytes: { name: "weights", show: bytes },
  gradientBytes: { name: "gradients", show: bytes },
  optimizerBytes: { name: "optimizer state", show: bytes },
  activationBytes: { name: "activations", show: bytes },
  kvBytes: { name: "KV cache", show: bytes },
  peakBytes: { name: "peak memory", show: bytes },
  trafficBytes: { name: "memory traffic", show: bytes },
  seconds: { name: "time of the kernels", show: showTime },
  eagerSeconds: { name: "time, eager", show: showTime },
};

/** Several techniques together: a table of the figures that are known, then what each does, costs and demands. */
export function whatIfText({ before, after, applied, refused, shows, remarks }: WhatIfReport): string {
  const parts = [
    applied.length > 0 ? table(before, after) : "",
    ...applied.map(({ name, sites, price, demands }) =>
      [
        `${name}: ${sites.length} ${sites.length === 1 ? "place" : "places"}, demands ${demands}.`,
        ...sites.slice(0, 3).map(({ what }) => `  ${what}`),
        `  Price: ${price}`,
      ].join("\n"),
    ),
    shows.map(shownText).join("\n"),
    remarks.join("\n"),
    refused.map(({ id, reason }) => `${id} was not applied: ${reason}.`.replace(/\.\.$/, ".")).join("\n"),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

/** What would help, a line each, and what was considered. */
export function adviceText(
  advice: readonly AdviceReport[],
  considered: readonly { id: string; why: string }[],
): string {
  const lines = advice.map((one) => `${one.id}: ${savingText(one)} Demands ${one.demands}. Price: ${one.price}`);
  const others = considered.map(({ id, why }) => `${id}: ${why}`);
  return [lines.join("\n"), others.length > 0 ? `Considered:\n${others.join("\n")}` : ""]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** `peak memory 24.6 GB → 18.2 GB, 26 % less.`; that nothing is saved where nothing is. */
export function savingText({ before, after, saves }: Pick<AdviceReport, "before" | "after" | "saves">): string {
  if (!saves) return "no figure falls here.";
  const { name, show } = figures[saves.figure];
  const [was = 0, is = 0] = [before[saves.figure], after[saves.figure]];
  return `${name} ${show(was)} → ${show(is)}, ${showShare(was - is, was)} less.`;
}

/** Rows of the figures that both know: name, before, after, change. */
export function costRows(
  before: Costs,
  after: Costs,
): { name: string; before: string; after: string; change: string }[] {
  return (Object.entries(figures) as [CostName, Figure][]).flatMap(([figure, { name, show }]) => {
    const [was, is] = [before[figure], after[figure]];
    if (was === undefined || is === undefined || (was === 0 && is === 0)) return [];
    return [{ name, before: show(was), after: show(is), change: changeText(was, is) }];
  });
}

function table(before: Costs, after: Costs): string {
  const rows = [{ name: "", before: "before", after: "after", change: "" }, ...costRows(before, after)];
  const width = (key: keyof (typeof rows)[0]) => Math.max(...rows.map((row) => row[key].length));
  return rows
    .map((row) =>
      `${row.name.padEnd(width("name"))}  ${row.before.padStart(width("before"))}  ${row.after.padStart(width("after"))}  ${row.change.padStart(width("change"))}`.trimEnd(),
    )
    .join("\n");
}

function changeText(was: number, is: number): string {
  if (was === is) return "=";
  if (was === 0) return "new";
  const percent = 100 * (is / was - 1);
  if (percent > 900) return `${Number((is / was).toPrecision(3))} ×`;
  return `${percent < 0 ? "−" : "+"}${Math.abs(percent) < 0.1 ? "<0.1" : Math.abs(percent).toFixed(1)} %`;
}

function shownText({ name, before, after, unit = "" }: Shown): string {
  const show = (value: number | string) =>
    typeof value === "number" && unit === "bytes"
      ? bytes(value)
      : `${typeof value === "number" ? Number(value.toPrecision(4)) : value}${unit && ` ${unit}`}`;
  return before === undefined ? `${name}: ${show(after)}` : `${name}: ${show(before)} → ${show(after)}`;
}

/** Before and after as a page: the figures side by side, then what each technique does, costs and demands. */
export function whatIfMarkdown({ model, rows, applied, refused, shows, remarks }: WhatIfView): string {
  const table = rows.map(({ name, before, after, change }) => `| ${name} | ${before} | ${after} | ${change} |`);
  const techniquesText = applied.map(({ id, name, sites, price, demands }) =>
    [
      `## ${name}`,
      sites
        .slice(0, mostSites)
        .map(({ what }) => `- ${what}`)
        .join("\n"),
      ...(sites.length > mostSites ? [`and ${sites.length - mostSites} more places`] : []),
      `Demands ${demands}. Price: ${price}`,
      `\`assay explain ${id}\` says more.`,
    ].join("\n\n"),
  );
  return [
    `# ${model}: what if`,
    applied.length > 0
      ? ["| | before | after | |", "|---|--:|--:|--:|", ...table].join("\n")
      : "Nothing that was asked for fits here.",
    ...refused.map(({ id, reason }) => `**${id}** was not applied: ${reason.replace(/\.$/, "")}.`),
    ...(shows.length > 0 ? [shows.map((one) => `- ${shownText(one)}`).join("\n")] : []),
    ...remarks,
    ...techniquesText,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** More places of one technique than these are counted. */
const mostSites = 5;
