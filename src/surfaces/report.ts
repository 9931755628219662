/** The report of one model, as plain data: figures are printed here, so that the page only lays them out and draws. */
import type { Place } from "../base/place.ts";
import type { Scenario } from "../base/scenario.ts";
import { type ByteUnits, showFigure, showTime } from "../base/units.ts";
import { known, Unknown } from "../base/unknown.ts";
import type { Evidence, FileReport, ModelReport } from "../cost/report.ts";
import type { ChangeView } from "./change.ts";
import { findings, findingText } from "./diagnostics.ts";
import { fitText, perDevice, spreadText } from "./fit.ts";
import { summary } from "./lens.ts";
import { activeText } from "./paramsText.ts";
import { type KvView, kvView } from "./pictures/kv.ts";
import { type MemoryView, memoryView, type TimelineView, timelineView } from "./pictures/memory.ts";
import { type RooflineView, rooflineView } from "./pictures/roofline.ts";
import { type ReportRow, rowsOf } from "./pictures/rows.ts";
import { speedRows, timeFigure } from "./timeText.ts";
import { bytes, count, flops, isExact, shownPlace, total, type View, weightType } from "./view.ts";

/** A sentence, and the place it is about. */
export interface Remark {
  readonly text: string;
  readonly place?: Place | undefined;
  /** `file:line` as a person reads it. */
  readonly where: string;
}

export interface FindingView extends Remark {
  readonly rule: string;
  readonly severity: string;
  /** Titles of its quick fixes. */
  readonly fixes: readonly string[];
}

export interface TotalView {
  readonly label: string;
  readonly text: string;
  readonly note: string;
  /** `+3.1 M since HEAD`. */
  readonly change?: string | undefined;
}

export interface ReportView {
  readonly model: string;
  readonly place: Place;
  readonly exact: boolean;
  readonly summary: string;
  readonly evidence: Remark & { readonly kind: Evidence["kind"] };
  readonly scenario: Scenario;
  readonly uses: { readonly sequence: boolean; readonly image: boolean };
  readonly units: ByteUnits;
  readonly totals: readonly TotalView[];
  /** What is different from the last commit; undefined where nothing is, or there is none. */
  readonly change?: ChangeView | undefined;
  readonly memory: MemoryView;
  readonly root: ReportRow;
  readonly timeline?: TimelineView | undefined;
  readonly roofline?: RooflineView | undefined;
  readonly kv?: KvView | undefined;
  readonly findings: readonly FindingView[];
  readonly unknowns: readonly Remark[];
  readonly assumptions: readonly Remark[];
  readonly remarks: readonly string[];
}

/** The account of a model of a file. */
export function reportView(
  report: FileReport,
  model: ModelReport,
  view: View,
  rules: Parameters<typeof findings>[1] = {},
): ReportView {
  const remark = (text: string, at: Place | undefined): Remark => {
    const place = shownPlace(at);
    return { text, place, where: place ? `${view.shorten(place.path)}:${place.line + 1}` : "" };
  };
  const root = rowsOf(model, view);
  return {
    model: model.name,
    place: model.at,
    exact: isExact(model),
    summary: summary(model, view),
    evidence: {
      ...remark(`${model.evidence.kind}: ${model.evidence.text}`, model.evidence.at),
      kind: model.evidence.kind,
    },
    scenario: model.scenario,
    uses: model.uses,
    units: view.units,
    totals: totals(model, view),
    memory: memoryView(model, view),
    root,
    timeline: timelineView(model, view),
    roofline: rooflineView(model, root),
    kv: kvView(model, view),
    findings: [
      ...new Set([...findings(report, rules), ...model.findings.filter(({ at }) => at.path !== report.path)]),
    ].map((finding) => ({
      ...remark(findingText(finding), finding.at),
      rule: finding.rule,
      severity: finding.severity,
      fixes: finding.fixes.map(({ title }) => title),
    })),
    // What stopped the pass is told among the findings.
    unknowns: model.unknowns.filter(({ at }) => !at || !isError(model, at)).map(({ reason, at }) => remark(reason, at)),
    assumptions: [
      ...model.assumptions.map(({ text, at }) => remark(text, at)),
      ...[...model.memory.remarks, ...(model.time?.remarks ?? [])].map((text) => remark(text, undefined)),
    ],
    remarks: report.remarks,
  };
}

function isError({ findings: all }: ModelReport, place: Place): boolean {
  return all.some(({ severity, at }) => severity === "error" && at.path === place.path && at.line === place.line);
}

function totals(model: ModelReport, view: View): ReportView["totals"] {
  const { root, memory, scenario } = model;
  const weights = `${total(model, "weights", memory.weightBytes, bytes(view))} ${weightType(model)}${perDevice(model)}`;
  const trained =
    known(model.trainableParams) === known(root.params)
      ? ""
      : `, ${showFigure(model.trainableParams, count)} trainable`;
  const active = activeText(model)
    .map((text) => `${text}, `)
    .join("");
  const one = `one ${scenario.phase === "train" ? "step" : scenario.phase === "decode" ? "decode step" : "prefill"}`;
  return [
    { label: "Parameters", text: total(model, "params", root.params, count), note: `${active}${weights}${trained}` },
    { label: "FLOPs", text: total(model, "flops", root.flops, (value) => flops(value)), note: "one forward pass" },
    {
      label: "Peak memory",
      text: total(model, "memory", memory.peakBytes, bytes(view)),
      note: [...spreadText(model), ...fitText(model)].slice(0, 1).join("") || one,
    },
    ...timeTotal(model, one),
  ];
}

/** As PyTorch runs it: eager, or compiled where the scenario says so. */
function timeTotal(model: ModelReport, one: string): ReportView["totals"] {
  const { time, scenario } = model;
  const seconds = scenario.compile ? time?.seconds : time?.eagerSeconds;
  if (!time || seconds === undefined || seconds instanceof Unknown) return [];
  const kernels = known(time.seconds);
  const note =
    !scenario.compile && kernels !== undefined && seconds > 1.2 * kernels ? `kernels ${showTime(kernels)}` : one;
  return [
    { label: "Time", text: timeFigure(model, seconds), note },
    ...speedRows(model).map(({ value, note }) => ({ label: "Speed", text: value, note })),
  ];
}
