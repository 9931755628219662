/** One line over each model: its totals, or what it adds to the model that it is part of. */
import type { Place, Span } from "../base/place.ts";
import { showScenario } from "../base/scenario.ts";
import { showShare } from "../base/units.ts";
import { known, Unknown } from "../base/unknown.ts";
import type { FileReport, LayerReport, ModelReport } from "../cost/report.ts";
import { configSummary } from "./configLens.ts";
import { fitText, perDevice } from "./fit.ts";
import { allLayers, figureOf } from "./layers.ts";
import { activeText } from "./paramsText.ts";
import { showDegrees } from "./ranks.ts";
import { timeFact } from "./timeText.ts";
import { bytes, count, flops, total, type View, weightType } from "./view.ts";

export interface Lens {
  readonly at: Span;
  readonly title: string;
  /** The model whose report a click opens. */
  readonly model: string;
}

/**
 * The lenses of a file, from top to bottom: one over each model, and one over each class that is only part of one. `since`
 * says how a model changed, or nothing.
 */
export function lenses(report: FileReport, view: View, since: (model: string) => string = () => ""): Lens[] {
  const models = report.models.filter((model) => model.at.path === report.path);
  const found: Lens[] = models.map((model) => {
    const inner = innerClasses(report).find(({ at }) => at.line === model.at.line);
    const facts = [summary(model, view), since(model.name), "report"].filter((fact) => fact !== "");
    return { at: model.at, title: inner ? innerTitle(inner) : facts.join(" · "), model: model.name };
  });
  for (const inner of innerClasses(report)) {
    if (models.some(({ at }) => at.line === inner.at.line)) continue;
    found.push({ at: inner.at, title: innerTitle(inner), model: inner.model.name });
  }
  return found.sort((a, b) => a.at.line - b.at.line);
}

/** `124.4 M params · 249 MB bf16 · 293 GFLOPs @ B1 T1024 · KV 36.9 kB/token · peak 1.2 GB · fits RTX 4090`. */
export function summary(model: ModelReport, view: View): string {
  if (model.evidence.kind === "config") return configSummary(model, view);
  const { root, memory, scenario } = model;
  const sizes = showScenario(scenario, model.uses).split(" · ")[0];
  const facts = [
    `${total(model, "params", root.params, count)} params`,
    ...activeText(model).map((text) => text.replace(" per token", "")),
    `${total(model, "weights", memory.weightBytes, bytes(view))} ${weightType(model)}${perDevice(model)}`,
    known(root.flops) === undefined ? "FLOPs unknown" : `${total(model, "flops", root.flops, flops)} @ ${sizes}`,
    ...(memory.kvBytesPerToken === undefined
      ? []
      : [`KV ${total(model, "cache", memory.kvBytesPerToken, bytes(view))}/token`]),
    ...(known(memory.peakBytes) === undefined
      ? []
      : [`peak ${total(model, "memory", memory.peakBytes, bytes(view))}${perDevice(model)}`]),
    ...timeFact(model),
    ...fitText(model),
    ...shownDegrees(model),
  ];
  return facts.join(" · ");
}

/** `data 8 · ZeRO-3`: how several devices share the work. */
function shownDegrees({ ranks }: ModelReport): string[] {
  return ranks === undefined || ranks instanceof Unknown ? [] : [showDegrees(ranks.degrees)];
}

/** A class of the file whose modules are layers of a model. */
export interface InnerClass {
  readonly at: Place;
  readonly model: ModelReport;
  readonly layers: readonly LayerReport[];
}

/** The classes of the file that are layers of its models; where several models have one, the largest model counts. */
export function innerClasses(report: FileReport): InnerClass[] {
  const size = (model: ModelReport) => known(model.root.params) ?? 0;
  const byLine = new Map<number, InnerClass>();
  for (const model of report.models.toSorted((a, b) => size(b) - size(a))) {
    const mine = new Map<number, LayerReport[]>();
    for (const layer of allLayers(model.root)) {
      const { path, classAt } = layer;
      if (path !== "" && classAt?.path === report.path)
        mine.set(classAt.line, [...(mine.get(classAt.line) ?? []), layer]);
    }
    for (const [line, layers] of mine)
      if (!byLine.has(line)) byLine.set(line, { at: layers[0]!.classAt!, model, layers });
  }
  return [...byLine.values()];
}

/** `7.1 M params · 12 × in GPT · 57 % of FLOPs`. */
function innerTitle({ model, layers }: InnerClass): string {
  const each = layers[0]!;
  const { share, of } = shareOf(model, layers);
  const facts = [
    `${known(each.params) === undefined ? "?" : count(known(each.params)!)} params`,
    `${layers.length > 1 ? `${layers.length} × ` : ""}in ${model.name}`,
    ...(share === "" ? [] : [`${share} of ${of}`]),
  ];
  return facts.join(" · ");
}

/** What part of the model some of its layers are, none of them inside another: of its FLOPs where it has any, else of its parameters. */
export function shareOf(model: ModelReport, layers: readonly LayerReport[]): { share: string; of: string } {
  const outermost = layers.filter(
    (layer) => !layers.some((other) => other !== layer && layer.path.startsWith(`${other.path}.`)),
  );
  for (const [figure, of] of [
    ["flops", "FLOPs"],
    ["params", "params"],
  ] as const) {
    const whole = known(model.root[figure]);
    const parts = outermost.map((layer) => known(figureOf(layer, figure)));
    if (!whole || parts.some((part) => part === undefined)) continue;
    return {
      share: showShare(
        parts.reduce<number>((sum, part) => sum + part!, 0),
        whole,
      ),
      of,
    };
  }
  return { share: "", of: "" };
}
