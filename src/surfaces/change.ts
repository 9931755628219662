/** What is different from an older state, as every surface tells it: the lens in a few words, the report with its layers. */
import { showAmount, type Unit } from "../base/amounts.ts";
import type { Place } from "../base/place.ts";
import { type ByteUnits, showShare } from "../base/units.ts";
import { Unknown } from "../base/unknown.ts";
import type { LimitWord } from "../configs/project/limits.ts";
import type { LayerChange, ModelChange, TotalChange } from "../report/change.ts";
import type { Total } from "../report/totals.ts";
import type { ReportView } from "./report.ts";
import type { View } from "./view.ts";

/** A model's change, printed. */
export interface ChangeView {
  /** What it is compared with: `HEAD`, `main (1a2b3c4)`. */
  readonly since: string;
  readonly kind: ModelChange["kind"];
  /** The model's name there, where it had another. */
  readonly was?: string | undefined;
  /** `+3.1 M since HEAD`; "" where nothing changed. */
  readonly text: string;
  /** The totals that changed. */
  readonly totals: readonly TotalChangeView[];
  /** Where the change arises, what weighs most first. */
  readonly layers: readonly LayerChangeView[];
}

export interface TotalChangeView {
  readonly figure: LimitWord;
  readonly label: string;
  readonly before: string;
  readonly after: string;
  /** `+3.1 M`; "" where it is not known. */
  readonly change: string;
  /** `+2.5 %`; "" where there was nothing before. */
  readonly share: string;
  /** Every figure is a cost: whether there is more of it now. Undefined where that is not known. */
  readonly isMore?: boolean | undefined;
}

export interface LayerChangeView {
  readonly kind: LayerChange["kind"];
  /** `h.0 … h.11.mlp`. */
  readonly name: string;
  /** How many equal layers it stands for. */
  readonly count: number;
  readonly className: string;
  /** `was attn · +3.1 M params · +12 GFLOPs`: all of them together. */
  readonly text: string;
  readonly place?: Place | undefined;
}

/** A model's change since a state of that name. */
export function changeView(change: ModelChange, since: string, view: View): ChangeView {
  const { kind, was } = change;
  return {
    since,
    kind,
    was,
    text: sinceText(change, since, view.units),
    totals: kind === "same" ? [] : changedTotals(change).map((one) => totalView(one, view.units)),
    layers: change.layers.map((one) => layerView(one, view.units)),
  };
}

/** A report with what changed in it. */
export function withChange(report: ReportView, change: ModelChange, since: string, view: View): ReportView {
  if (change.kind === "same") return report;
  const shown = changeView(change, since, view);
  return {
    ...report,
    change: shown,
    totals: report.totals.map((total) => {
      const figure = figures[total.label];
      const text = shown.totals.find((one) => one.figure === figure)?.change ?? "";
      return text === "" ? total : { ...total, change: `${text} since ${since}` };
    }),
  };
}

/** The report's totals by their labels. */
const figures: Readonly<Record<string, LimitWord>> = {
  Parameters: "params",
  FLOPs: "flops",
  "Peak memory": "peak",
  Time: "time",
};

/** `+3.1 M since HEAD`, `+1.2 GB peak since HEAD`, `new since HEAD`; "" where no figure that a lens tells changed. */
export function sinceText(change: ModelChange, since: string, units: ByteUnits): string {
  if (change.kind === "added") return `new since ${since}`;
  for (const figure of lensFigures) {
    const one = change.totals.find((total) => total.figure === figure);
    if (!one?.change) continue;
    return [changeText(one, units), words[figure] ?? "", "since", since].filter((word) => word !== "").join(" ");
  }
  return "";
}

/** Those of which a lens tells the first that changed. */
const lensFigures: readonly LimitWord[] = ["params", "flops", "peak", "kvPerToken", "time"];
const words: Partial<Record<LimitWord, string>> = { peak: "peak", kvPerToken: "KV/token" };

/** The totals that are not what they were; one that says the same as another is told once. */
export function changedTotals({ totals }: ModelChange): TotalChange[] {
  const repeats = (one: TotalChange) => {
    const other = totals.find(({ figure }) => figure === saysTheSame[one.figure]);
    return (
      other !== undefined &&
      valueOf(other.before) === valueOf(one.before) &&
      valueOf(other.after) === valueOf(one.after)
    );
  };
  return totals.filter((one) => (one.change === undefined ? isOneKnown(one) : one.change !== 0) && !repeats(one));
}

/** Where every parameter is trained, and where nobody has measured what a process takes. */
const saysTheSame: Partial<Record<LimitWord, LimitWord>> = { trained: "params", device: "reserved" };
const valueOf = (total: Total | undefined) => (typeof total?.value === "number" ? total.value : undefined);

/** `+3.1 M`, `−1.2 GB`; `~` where either figure is not exact, "" where the change is not known. */
export function changeText({ change, unit, sure }: TotalChange, units: ByteUnits): string {
  if (change === undefined) return "";
  return `${sure ? "" : "~ "}${signed(change, unit, units)}`;
}

/** An amount with its sign. */
export function signed(amount: number, unit: Unit, units: ByteUnits): string {
  const sign = amount > 0 ? "+" : amount < 0 ? "−" : "±";
  return `${sign}${showAmount(Math.abs(amount), unit, units)}`;
}

/** A total as it is printed, with what it is worth; `–` where the model has none. */
export function totalText(total: Total | undefined, units: ByteUnits): string {
  if (!total) return "–";
  if (total.value instanceof Unknown) return "?";
  const mark = { exact: "", "at least": "≥ ", about: "~ " }[total.worth];
  return mark + showAmount(total.value, total.unit, units);
}

function isOneKnown({ before, after }: TotalChange): boolean {
  return before?.value instanceof Unknown !== after?.value instanceof Unknown;
}

function totalView(one: TotalChange, units: ByteUnits): TotalChangeView {
  const { figure, label, before, after, change } = one;
  return {
    figure,
    label,
    before: totalText(before, units),
    after: totalText(after, units),
    change: changeText(one, units),
    share: shareText(one),
    isMore: change === undefined || change === 0 ? undefined : change > 0,
  };
}

/** `+2.5 %` of what it was, `12 ×` where it is many times that; "" where it was nothing or is not known. */
export function shareText({ before, change }: TotalChange): string {
  const was = before?.value;
  if (change === undefined || change === 0 || typeof was !== "number" || was <= 0) return "";
  const percent = (100 * Math.abs(change)) / was;
  const sign = change > 0 ? "+" : "−";
  if (change >= 9 * was) return `${Number(((was + change) / was).toPrecision(3)).toLocaleString("en")} ×`;
  if (percent < 0.05) return "<0.1 %";
  if (percent >= 10) return `${sign}${showShare(Math.abs(change), was)}`;
  return `${sign}${Number(percent.toFixed(1))} %`;
}

function layerView(one: LayerChange, units: ByteUnits): LayerChangeView {
  const { kind, paths, was, before, after } = one;
  const layer = after ?? before;
  const isOtherClass = before && after && before.className !== after.className;
  const amounts = (
    [
      ["params", "count", " params"],
      ["flops", "flops", ""],
      ["savedBytes", "bytes", " saved"],
    ] as const
  ).flatMap(([figure, unit, word]) => {
    const amount = one[figure];
    return amount ? [`${signed(amount * paths.length, unit, units)}${word}`] : [];
  });
  return {
    kind,
    name: pathsName(paths) || (layer?.className ?? ""),
    count: paths.length,
    className: layer?.className ?? "",
    text: [
      ...(was === undefined ? [] : [`was ${was}`]),
      ...(isOtherClass ? [`was ${before.className}`] : []),
      ...amounts,
    ].join(" · "),
    place: after?.madeAt ?? after?.classAt,
  };
}

/** `h.0 … 11.mlp` for paths that differ in their numbers. */
export function pathsName(paths: readonly string[]): string {
  const [first = "", last = ""] = [paths[0], paths.at(-1)];
  if (first === last) return first;
  const ends = last.split(".");
  return first
    .split(".")
    .map((part, i) => (part === ends[i] ? part : `${part} … ${ends[i]}`))
    .join(".");
}
