/** The report as JSON: every figure a plain number, `null` where it is not known. */
import type { Place } from "../../base/place.ts";
import { type Known, known } from "../../base/unknown.ts";
import type { FileReport, Finding, LayerReport, ModelReport } from "../../cost/report.ts";
import { findings } from "../../surfaces/diagnostics.ts";
import { spreadText } from "../../surfaces/fit.ts";
import { kvOf } from "../../surfaces/kvText.ts";
import { speedOf } from "../../surfaces/timeText.ts";
import type { View } from "../../surfaces/view.ts";
import { findingsOf } from "./print.ts";
import { ranksJson } from "./printRanks.ts";

export function printJson(report: FileReport, models: readonly ModelReport[], view: View): string {
  return `${JSON.stringify({ file: view.shorten(report.path), models: models.map((model) => modelJson(report, model, view)), ...(models.length === 0 && { ...(report.script && { script: scriptJson(report.script, view) }), findings: findings(report).map((finding) => findingJson(finding, view)) }), remarks: report.remarks }, null, 2)}\n`;
}

function modelJson(report: FileReport, model: ModelReport, view: View) {
  const { root, memory, evidence } = model;
  const place = (at: Place | undefined) => placeJson(at, view);
  return {
    name: model.name,
    at: place(model.at),
    evidence: { kind: evidence.kind, text: evidence.text, at: place(evidence.at) },
    scenario: model.scenario,
    sizes: (model.sizes ?? []).map(({ name, value, at, from }) => ({ name, value, at: place(at) ?? null, from })),
    totals: {
      params: figure(root.params),
      trainableParams: figure(model.trainableParams),
      flops: figure(root.flops),
      savedBytes: figure(root.savedBytes),
      weightBytes: figure(memory.weightBytes),
      bufferBytes: figure(memory.bufferBytes),
      gradientBytes: figure(memory.gradientBytes),
      optimizerBytes: figure(memory.optimizerBytes),
      activationBytes: figure(memory.activationBytes),
      kvCacheBytes: memory.kvCacheBytes === undefined ? null : figure(memory.kvCacheBytes),
      peakBytes: figure(memory.peakBytes),
      reservedBytes: figure(memory.reservedBytes),
      deviceBytes: figure(memory.deviceBytes),
      activeParams: model.activeParams === undefined ? null : figure(model.activeParams),
      ...(memory.kvBytesPerToken !== undefined && { kvBytesPerToken: figure(memory.kvBytesPerToken) }),
    },
    ...(kvOf(model) && { kv: kvJson(model) }),
    peak: {
      interval: memory.peakInterval ?? null,
      moment: memory.peakMoment ?? null,
      operation: memory.peakOperation ?? null,
      at: place(memory.peakAt),
      of: spreadText(model)[0] ?? null,
      holders: memory.peakHolders.map(({ name, count, bytes, at }) => ({ name, count, bytes, at: place(at) })),
      remarks: memory.remarks,
      terms: memory.terms.map(({ name, bytes, source }) => ({ name, bytes: figure(bytes), source })),
    },
    fit: model.fit
      ? { verdict: model.fit.kind, device: model.scenario.device, limitBytes: model.fit.limitBytes }
      : null,
    time: timeJson(model),
    ...(model.ranks !== undefined && { ranks: ranksJson(model) }),
    complete: model.complete,
    ...(model.quantization && { quantization: model.quantization }),
    ...(model.checkpoint && { checkpoint: model.checkpoint }),
    layers: layerJson(root),
    findings: findingsOf(report, model).map((finding) => findingJson(finding, view)),
    assumptions: model.assumptions.map(({ text, at }) => ({ text, at: place(at) })),
    unknowns: model.unknowns.map(({ reason, at }) => ({ reason, at: place(at) })),
  };
}

/** What is kept from token to token, in every runtime's layout. */
function kvJson(model: ModelReport) {
  const kv = kvOf(model);
  if (!kv) return undefined;
  const { runtime, byDefault, tokens, stateBytes, crossedBytes, full, layouts } = kv;
  return {
    runtime,
    byDefault,
    tokens,
    stateBytes,
    crossedBytes,
    fullWindows: full,
    runtimes: layouts.map(({ name, bytes, bytesPerToken, source }) => ({
      name,
      bytes: figure(bytes),
      bytesPerToken: figure(bytesPerToken),
      source,
    })),
  };
}

/** Seconds of one pass, token or step; null where the device's times are not known. */
function timeJson(model: ModelReport) {
  const { time } = model;
  const speed = speedOf(model);
  if (!time || !speed) return null;
  const { samplesPerSecond, tokensPerSecond, secondsToFirstToken, secondsPerToken, modelFlopsUtilization } = speed;
  return {
    seconds: figure(time.seconds),
    eagerSeconds: figure(time.eagerSeconds),
    interval: time.interval ?? null,
    bound: time.bound,
    parts: time.parts,
    samplesPerSecond,
    tokensPerSecond: tokensPerSecond ?? null,
    secondsToFirstToken: secondsToFirstToken ?? null,
    secondsPerToken: secondsPerToken ?? null,
    modelFlopsUtilization,
    remarks: time.remarks,
  };
}

function scriptJson({ kind, loops, rules, models }: NonNullable<FileReport["script"]>, view: View) {
  return {
    kind,
    loops: loops.map(({ at, what }) => ({ at: placeJson(at, view), what })),
    rules,
    models: models.map(view.shorten),
  };
}

function placeJson(at: Place | undefined, view: View) {
  return at && { file: view.shorten(at.path), line: at.line + 1, column: at.column + 1 };
}

function findingJson({ rule, severity, at, what, why, price, fixes }: Finding, view: View) {
  return {
    rule,
    severity,
    at: placeJson(at, view),
    what,
    why,
    price,
    fixes: fixes.map(({ title }) => title),
  };
}

interface LayerJson {
  readonly path: string;
  readonly class: string;
  readonly calls: number;
  readonly params: number | null;
  readonly flops: number | null;
  readonly weightBytes: number | null;
  readonly bufferBytes: number | null;
  readonly savedBytes: number | null;
  readonly trafficBytes: number | null;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly children: readonly LayerJson[];
}

function layerJson(layer: LayerReport): LayerJson {
  const shapes = (all: LayerReport["inputs"]) => all.map(({ dtype, concrete }) => dtype + concrete);
  return {
    path: layer.path,
    class: layer.className,
    calls: layer.calls,
    params: figure(layer.params),
    flops: figure(layer.flops),
    weightBytes: figure(layer.weightBytes),
    bufferBytes: figure(layer.bufferBytes),
    savedBytes: figure(layer.savedBytes),
    trafficBytes: figure(layer.trafficBytes),
    inputs: shapes(layer.inputs),
    outputs: shapes(layer.outputs),
    children: layer.children.map(layerJson),
  };
}

function figure(value: Known<number>): number | null {
  return known(value) ?? null;
}
