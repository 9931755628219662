/** The sidebar's account of one model, as plain data: figures are printed here, so that the page only lays them out. */
import type { Place } from "../base/place.ts";
import type { Scenario } from "../base/scenario.ts";
import { showFigure, showShare } from "../base/units.ts";
import { type Known, known, Unknown } from "../base/unknown.ts";
import type { Evidence, FileReport, LayerReport, ModelReport } from "../cost/report.ts";
import { findings, findingText } from "./diagnostics.ts";
import { type Fold, figureOf, folded, foldName, isCalled } from "./layers.ts";
import { fitText, summary } from "./lens.ts";
import { bytes, count, flops, isExact, layerFigure, shapeText, total, type View } from "./view.ts";

/** A figure of a layer: its text, its part of the model's (0 to 1), and the number for those who read it by machine. */
export interface Cell {
  readonly text: string;
  readonly share: number;
  readonly tooltip: string;
}

/** One line of the layer tree; equal blocks that follow each other are one line. */
export interface ReportRow {
  readonly name: string;
  /** How many equal layers this line stands for. */
  readonly count: number;
  readonly className: string;
  readonly shapes: string;
  /** Parameters, FLOPs and memory of all the layers that the line stands for. */
  readonly params: Cell;
  readonly flops: Cell;
  readonly memory: Cell;
  readonly place: Place | undefined;
  readonly children: readonly ReportRow[];
}

/** A sentence, and the place it is about. */
export interface Remark {
  readonly text: string;
  readonly place: Place | undefined;
  /** `file:line` as a person reads it. */
  readonly where: string;
}

export interface ReportView {
  readonly model: string;
  readonly place: Place;
  readonly exact: boolean;
  readonly summary: string;
  readonly evidence: Remark & { readonly kind: Evidence["kind"] };
  readonly scenario: Scenario;
  readonly uses: { readonly sequence: boolean; readonly image: boolean };
  readonly totals: readonly { readonly label: string; readonly text: string; readonly note: string }[];
  /** What fills the memory, with each term's share of the bar; `limit` is the device's, on the same scale. */
  readonly memory: {
    readonly terms: readonly { readonly label: string; readonly text: string; readonly share: number }[];
    readonly peak: string;
    readonly limit: { readonly label: string; readonly share: number } | undefined;
  };
  readonly root: ReportRow;
  readonly findings: readonly (Remark & { readonly rule: string; readonly severity: string })[];
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
  const remark = (text: string, place: Place | undefined): Remark => ({
    text,
    place,
    where: place ? `${view.shorten(place.path)}:${place.line + 1}` : "",
  });
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
    totals: totals(model, view),
    memory: memoryBar(model, view),
    root: row({ first: model.root, last: model.root, count: 1 }, model, view),
    findings: [
      ...new Set([...findings(report, rules), ...model.findings.filter(({ at }) => at.path !== report.path)]),
    ].map((finding) => ({
      ...remark(findingText(finding), finding.at),
      rule: finding.rule,
      severity: finding.severity,
    })),
    // What stopped the pass is told among the findings.
    unknowns: model.unknowns.filter(({ at }) => !at || !isError(model, at)).map(({ reason, at }) => remark(reason, at)),
    assumptions: model.assumptions.map(({ text, at }) => remark(text, at)),
    remarks: report.remarks,
  };
}

function isError({ findings: all }: ModelReport, place: Place): boolean {
  return all.some(({ severity, at }) => severity === "error" && at.path === place.path && at.line === place.line);
}

function totals(model: ModelReport, view: View): ReportView["totals"] {
  const { root, memory } = model;
  const own =
    known(model.trainableParams) === known(root.params)
      ? "all trainable"
      : `${showFigure(model.trainableParams, count)} trainable`;
  return [
    { label: "Parameters", text: total(model, "params", root.params, count), note: own },
    { label: "Weights", text: total(model, "params", memory.weightBytes, bytes(view)), note: model.scenario.dtype },
    { label: "FLOPs", text: total(model, "flops", root.flops, (value) => flops(value)), note: "one forward pass" },
    {
      label: "Peak memory",
      text: total(model, "memory", memory.peakBytes, bytes(view)),
      note:
        fitText(model, view).join("") ||
        `of one ${model.scenario.phase} ${model.scenario.phase === "train" ? "step" : "pass"}`,
    },
    ...(memory.kvBytesPerToken === undefined
      ? []
      : [
          {
            label: "KV cache",
            text: total(model, "memory", memory.kvBytesPerToken, bytes(view)),
            note: "per token of one sequence",
          },
        ]),
  ];
}

function memoryBar(model: ModelReport, view: View): ReportView["memory"] {
  const { memory, scenario } = model;
  const training = scenario.phase === "train";
  const kv = memory.kvBytesPerToken;
  const cache =
    scenario.phase === "decode" && kv !== undefined && !(kv instanceof Unknown)
      ? kv * scenario.batch * scenario.sequence
      : 0;
  const terms: [string, Known<number>][] = [
    ["weights", memory.weightBytes],
    ["buffers", memory.bufferBytes],
    ...(training
      ? ([
          ["gradients", memory.gradientBytes],
          ["optimizer", memory.optimizerBytes],
        ] as [string, Known<number>][])
      : []),
    ["activations", memory.activationBytes],
    ["KV cache", cache],
  ];
  const shown = terms.filter(([, value]) => known(value) !== 0);
  const sum = shown.reduce((all, [, value]) => all + (known(value) ?? 0), 0);
  const whole = Math.max(sum, known(memory.peakBytes) ?? 0, view.device?.memoryBytes ?? 0) || 1;
  return {
    terms: shown.map(([label, value]) => ({
      label,
      text: showFigure(value, bytes(view)),
      share: (known(value) ?? 0) / whole,
    })),
    peak: total(model, "memory", memory.peakBytes, bytes(view)),
    limit: view.device && {
      label: `${view.device.name} ${bytes(view)(view.device.memoryBytes)}`,
      share: view.device.memoryBytes / whole,
    },
  };
}

/** `times`: how many equal layers stand above this one in its line, which stands for all of them. */
function row(fold: Fold, model: ModelReport, view: View, times = 1): ReportRow {
  const { first } = fold;
  const many = fold.count * times;
  const cell = (figure: "params" | "flops" | "savedBytes", show: (value: number) => string, what: string): Cell => {
    const value = figureOf(first, figure);
    if (value instanceof Unknown) return { text: "?", share: 0, tooltip: value.reason };
    const whole = known(model.root[figure]);
    const all = value * many;
    const stopped = model.root[figure] instanceof Unknown;
    const text =
      first === model.root
        ? total(model, figure, value, show)
        : value === 0 && !stopped
          ? ""
          : layerFigure(model, figure, all, show);
    const each = many > 1 ? `, ${show(value)} in each of ${many}` : "";
    const part = whole ? `, ${showShare(all, whole)} of ${model.name}` : "";
    return { text, share: whole ? Math.min(1, all / whole) : 0, tooltip: `${show(all)} ${what}${each}${part}` };
  };
  return {
    name: first === model.root ? model.name : foldName(fold),
    count: fold.count,
    className: first.className,
    shapes: shapesOf(model, first),
    params: cell("params", count, "parameters"),
    flops: cell("flops", (value) => flops(value).replace(/ ?FLOPs$/, ""), "FLOPs in one forward pass"),
    memory: cell("savedBytes", bytes(view), "kept for backward"),
    place: first.madeAt ?? first.classAt,
    children: folded(first.children).map((below) => row(below, model, view, many)),
  };
}

function shapesOf(model: ModelReport, layer: LayerReport): string {
  if (layer.calls === 0)
    return isCalled(layer) ? "" : known(model.root.flops) === undefined ? "not reached" : "not called";
  const { inputs, outputs } = layer;
  const none = isExact(model) ? "nothing" : "?";
  return `${shapesText(inputs) || none} → ${shapesText(outputs) || none}`;
}

function shapesText(shapes: LayerReport["inputs"]): string {
  return shapes.map(({ symbolic }) => shapeText(symbolic)).join(", ");
}
