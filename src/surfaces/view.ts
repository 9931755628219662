/** What every surface is told besides the report: how to print. */
import type { Place } from "../base/place.ts";
import { type ByteUnits, showBytes, showCount, showFigure, showFlops } from "../base/units.ts";
import { type Known, Unknown } from "../base/unknown.ts";
import { isComplete } from "../cost/complete.ts";
import type { ModelReport } from "../cost/report.ts";

export interface View {
  readonly units: ByteUnits;
  /** A path as a person reads it, relative to the workspace. */
  readonly shorten: (path: string) => string;
  /** A link's target for a place, where the host can open one. */
  readonly link?: ((place: Place) => string) | undefined;
}

/** `train.py:88`, as a link where the host has one; only the line for a place in the file that is being read. */
export function placeText(place: Place, view: View, path: string): string {
  const text = place.path === path ? `line ${place.line + 1}` : `${view.shorten(place.path)}:${place.line + 1}`;
  const target = view.link?.(place);
  return target === undefined ? text : `[${text}](${target})`;
}

/** A place that an editor can show; nothing for Assay's own library, which is in no file of the person's. */
export function shownPlace(place: Place | undefined): Place | undefined {
  return place?.path.startsWith("assay:/") ? undefined : place;
}

/** A model's total, marked with what it is worth. */
export function total(
  model: Pick<ModelReport, "complete" | "unknowns">,
  figure: keyof ModelReport["complete"],
  value: Known<number>,
  show: (value: number) => string,
): string {
  if (isComplete(model.complete, figure)) return showFigure(value, show);
  return showFigure(value, show, model.unknowns.length > 0 ? "at least" : "about");
}

/** `bf16`, or `4-bit AWQ` where a config says how the weights are stored. */
export function weightType({ quantization, scenario }: Pick<ModelReport, "quantization" | "scenario">): string {
  return quantization && quantization.layers > 0 ? quantization.short : scenario.dtype;
}

/** A layer's figure. Where the pass stopped half-way, what was counted is a part, and nothing counted is not known. */
export function layerFigure(
  model: ModelReport,
  figure: "params" | "flops" | "savedBytes" | "trafficBytes",
  value: Known<number>,
  show: (value: number) => string,
): string {
  const whole = model.root[figure === "trafficBytes" ? "flops" : figure];
  if (!(whole instanceof Unknown)) return showFigure(value, show);
  return value === 0 ? "?" : showFigure(value, show, "at least");
}

export const bytes = (view: View) => (value: number) => showBytes(value, view.units);
export const count = showCount;
export const flops = showFlops;

/** `⟨B, T, 768⟩`: a shape as it stands in hovers and hints. */
export function shapeText(symbolic: string): string {
  return symbolic.replace(/^\[(.*)\]$/s, "⟨$1⟩");
}

/** Whether a model's figures rest on nothing unknown or assumed. */
export function isExact({ complete }: ModelReport): boolean {
  return complete.params && complete.flops && complete.savedBytes && complete.memory;
}
