/** One TensorFlow.js model weighed for the surfaces. */
import type { Place } from "../base/place.ts";
import { known, Unknown } from "../base/unknown.ts";
import { deviceOf } from "../cost/deviceList.ts";
import { type LayerFigures, weigh } from "../cost/figures.ts";
import { verdict } from "../cost/fit/verdict.ts";
import { weighedOf } from "../cost/fit/weighed.ts";
import type { ModelReport, ShapeHint } from "../cost/report.ts";
import type { Pass } from "../evidence/run.ts";
import type { FoundModel } from "../tfjs/find.ts";
import type { Remark } from "../tfjs/language/machine.ts";
import { isNullish, type Value } from "../tfjs/language/values.ts";
import type { Applied } from "../tfjs/layers.ts";
import type { Program } from "../tfjs/program.ts";
import { type Run, runModel, symbolicInputs } from "../tfjs/run.ts";
import { layerTree, nameOf } from "../tfjs/tree.ts";
import { costsOf } from "./costs.ts";
import { layerTimes } from "./layerTimes.ts";
import { classNames, layerReport, usesSymbol, type WeighedModel } from "./model.ts";
import type { Request } from "./request.ts";
import type { StatedModel } from "./statedScripts.ts";
import { unknownsOf } from "./unknowns.ts";

const noPass = new Unknown("no forward pass could be run");

/** Runs a model as in inference and as in training, and weighs both. Whatever fails, what is known is told. */
export function weighFound(program: Program, found: FoundModel | StatedModel, request: Request): WeighedModel {
  const { path, project } = request;
  const stated = "evidence" in found ? found : undefined;
  const scenario = stated?.scenario ?? request.scenario;
  const given = stated?.inputs?.map(({ shape }) => shape);
  const { machine, layers } = program;
  const { model } = found;
  const device = deviceOf(scenario.device, project);
  const tree = layerTree(machine, model);
  const trains = scenario.phase === "train";
  const pass = passOf(program, () => runModel(program, model, scenario, { training: false }, given));
  const step = passOf(program, () => runModel(program, model, scenario, { training: true, step: trains }, given));
  const weighed = trains ? step : pass;
  const figures = weigh(tree, pass.trace, noPass);
  const kept = weigh(tree, step.forward, noPass);
  const whole = figures.layers.get("") as LayerFigures;
  const stop = pass.failure && new Unknown(pass.failure.reason, found.at);
  const certain = found.remarks.length === 0 && found.guessed === undefined;
  const costs = costsOf({ tree }, weighed, scenario, device);
  const madeAt = new Map([...layers.made].flatMap(([layer, at]) => (at ? [[layer, at] as const] : [])));
  const root = layerReport(tree, {
    figures,
    kept,
    observed: { madeAt },
    stop,
    ...layerTimes(costs.timed, costs.time),
  });
  const unjudged: Omit<ModelReport, "fit"> = {
    name: found.name,
    at: found.at,
    evidence: stated?.evidence ?? {
      kind: found.guessed === undefined ? "call" : "defaults",
      text: evidenceText(program, found),
      at: found.at,
    },
    scenario,
    device,
    uses: { sequence: usesSymbol(pass, "T"), image: usesSymbol(pass, "H") || usesSymbol(pass, "W") },
    root,
    trainableParams: whole.trainableParams,
    memory: costs.memory,
    time: costs.time,
    ranks: costs.ranks,
    complete: {
      params: certain && known(whole.params) !== undefined,
      flops: certain && pass.notes.length === 0 && !stop && known(figures.flops) !== undefined,
      savedBytes: certain && step.notes.length === 0 && !step.failure && known(kept.savedBytes) !== undefined,
      // What a browser's or another library's allocator does with the same tensors is not modelled.
      memory: false,
      time: false,
    },
    unknowns: unknownsOf(found.remarks.filter(isUnknown), pass.notes.filter(isUnknown), [
      stop,
      whole.params,
      figures.flops,
    ]),
    assumptions: [
      ...(found.guessed === undefined ? [] : [{ text: `guessed: ${found.guessed}`, at: found.at }]),
      ...[...found.remarks, ...pass.notes]
        .filter((note) => !isUnknown(note))
        .map(({ reason, at }) => ({ text: reason, at })),
    ],
    findings: [],
    hints: layerHints(layers.applied, layers.made, path),
    classes: [...new Set(classNames(tree))],
  };
  const report: ModelReport = { ...unjudged, fit: device && verdict(weighedOf(unjudged), device) };
  return { report, subject: undefined };
}

function isUnknown({ kind }: Remark): boolean {
  return kind !== "assumption";
}

/** A run as the cost engine takes it. */
export function passOf({ machine }: Program, run: () => Run): Pass & { readonly notes: readonly Remark[] } {
  const start = machine.remarks.length;
  const { trace, forward, inputs, failure } = run();
  return {
    trace,
    forward,
    inputs,
    output: undefined,
    failure: failure && { reason: failure.reason, error: undefined },
    notes: machine.remarks.slice(start),
    kvCaches: [],
  };
}

/** `model(float32[B, 28, 28, 1])`: what was weighed. */
function evidenceText(program: Program, { name, guessed, model }: FoundModel): string {
  const inputs = symbolicInputs(program, model).map(({ shape, dtype }) => `${String(dtype)}[${shown(shape)}]`);
  return `${guessed ?? name}(${inputs.join(", ")})`;
}

function shown(shape: readonly Value[]): string {
  return shape
    .map((size, i) => (isNullish(size) ? (i === 0 ? "B" : "?") : size instanceof Unknown ? "?" : String(size)))
    .join(", ");
}

/** The shape that each layer gives, behind the call that applied it; nothing where the calls of one place disagree. */
function layerHints(applied: readonly Applied[], made: Program["layers"]["made"], path: string): ShapeHint[] {
  const places = new Map<string, Set<object>>();
  const keyOf = ({ line, column, endLine, endColumn }: Place) => `${line}:${column}-${endLine}:${endColumn}`;
  for (const { layer, at } of applied) {
    const layers = places.get(keyOf(at)) ?? new Set<object>();
    places.set(keyOf(at), layers.add(layer));
  }
  const byPlace = new Map<string, { at: Place; name: string; texts: Set<string> }>();
  for (const { layer, at, shape } of applied) {
    // Where one call applies many layers, each says its own where it was made.
    const own = (places.get(keyOf(at))?.size ?? 0) > 1 ? made.get(layer) : at;
    if (own?.path !== path) continue;
    const text = `⟨${shape.map(shown).join("⟩ ⟨")}⟩`;
    const entry = byPlace.get(keyOf(own)) ?? { at: own, name: nameOf(layer), texts: new Set() };
    byPlace.set(keyOf(own), entry);
    entry.texts.add(text);
  }
  const byLine = new Map<number, ShapeHint>();
  for (const { at, name, texts } of byPlace.values()) {
    const [text] = texts;
    if (texts.size !== 1 || text === undefined) continue;
    const end = { ...at, line: at.endLine, column: Math.max(0, at.endColumn - 1) };
    byLine.set(at.endLine, { name, at: end, text, tooltip: `${name} gives ${text.slice(1, -1)}` });
  }
  return [...byLine.values()].sort((a, b) => a.at.endLine - b.at.endLine);
}
