/** What is different between two reports: totals, and the layers where the difference arises. */
import { type Known, known, Unknown } from "../base/unknown.ts";
import type { LayerReport, ModelReport } from "../cost/report.ts";
import { figureOf } from "./layerFigure.ts";
import { type LayerPair, paired } from "./pairing.ts";
import { type Total, totalOf, totalsOf } from "./totals.ts";

/** A model before and after. */
export interface ModelChange {
  /** As it is called now, or was where it is gone. */
  readonly name: string;
  /** As it was called where that was another name. */
  readonly was: string | undefined;
  readonly kind: "added" | "removed" | "changed" | "same";
  readonly before: ModelReport | undefined;
  readonly after: ModelReport | undefined;
  /** Every total that either has. */
  readonly totals: readonly TotalChange[];
  /** Where the difference arises, the largest in parameters first. */
  readonly layers: readonly LayerChange[];
}

export interface TotalChange extends Pick<Total, "figure" | "label" | "unit"> {
  readonly before: Total | undefined;
  readonly after: Total | undefined;
  /** After less before; undefined where either is not known. A figure that a model does not have counts as nothing. */
  readonly change: number | undefined;
  /** Whether both are exact. */
  readonly sure: boolean;
}

/** A layer of which something is different that no layer inside it accounts for; or a subtree that came or went. */
export interface LayerChange {
  readonly kind: "added" | "removed" | "changed";
  /** The paths now, or before where they are gone; several where equal layers changed equally. */
  readonly paths: readonly string[];
  /** The path before, where the layer was renamed. */
  readonly was: string | undefined;
  readonly before: LayerReport | undefined;
  readonly after: LayerReport | undefined;
  /** Of one of them: after less before; undefined where either is not known. */
  readonly params: number | undefined;
  readonly flops: number | undefined;
  readonly savedBytes: number | undefined;
}

/** The changes of the models of two reports of one file. Models are matched by name, then the one that is left on each side. */
export function fileChange(before: readonly ModelReport[], after: readonly ModelReport[]): ModelChange[] {
  const left = before.filter(({ name }) => !after.some((one) => one.name === name));
  const fresh = after.filter(({ name }) => !before.some((one) => one.name === name));
  const isRenamed = left.length === 1 && fresh.length === 1;
  return [
    ...after.map((model) => {
      const same = before.find(({ name }) => name === model.name);
      return modelChange(same ?? (isRenamed ? left[0] : undefined), model);
    }),
    ...(isRenamed ? [] : left.map((model) => modelChange(model, undefined))),
  ];
}

/** What is different between two weighings of a model; one of them may be absent. */
export function modelChange(before: ModelReport | undefined, after: ModelReport | undefined): ModelChange {
  const name = (after ?? before)?.name ?? "";
  const totals = totalChanges(before, after);
  const layers = before && after ? layerChanges(before.root, after.root) : [];
  const isSame = layers.length === 0 && totals.every(({ change }) => change === 0 || change === undefined);
  return {
    name,
    was: before && after && before.name !== after.name ? before.name : undefined,
    kind: !before ? "added" : !after ? "removed" : isSame && !becameKnown(totals) ? "same" : "changed",
    before,
    after,
    totals,
    layers,
  };
}

function totalChanges(before: ModelReport | undefined, after: ModelReport | undefined): TotalChange[] {
  const some = (model: ModelReport | undefined) => (model ? totalsOf(model) : []);
  const figures = [...new Set([...some(after), ...some(before)].map(({ figure }) => figure))];
  return figures.map((figure) => {
    const [was, is] = [before && totalOf(before, figure), after && totalOf(after, figure)];
    const { label, unit } = (is ?? was) as Total;
    return {
      figure,
      label,
      unit,
      before: was,
      after: is,
      change:
        unit === "seconds"
          ? withoutNoise(was?.value ?? 0, is?.value ?? 0)
          : difference(was?.value ?? 0, is?.value ?? 0),
      sure: (was?.worth ?? "exact") === "exact" && (is?.worth ?? "exact") === "exact",
    };
  });
}

/** Seconds are sums of many roundings: a change in their last digits is none. */
function withoutNoise(before: Known<number>, after: Known<number>): number | undefined {
  const change = difference(before, after);
  const most = Math.max(known(before) ?? 0, known(after) ?? 0);
  return change !== undefined && Math.abs(change) < 1e-6 * most ? 0 : change;
}

function becameKnown(totals: readonly TotalChange[]): boolean {
  return totals.some(({ before, after }) => before?.value instanceof Unknown !== after?.value instanceof Unknown);
}

function layerChanges(before: LayerReport, after: LayerReport): LayerChange[] {
  const found: LayerChange[] = [];
  gather({ before, after }, found);
  const size = ({ params, flops, paths }: LayerChange) => [
    Math.abs(params ?? Number.POSITIVE_INFINITY) * paths.length,
    Math.abs(flops ?? Number.POSITIVE_INFINITY) * paths.length,
  ];
  return together(found).sort((a, b) => size(b)[0]! - size(a)[0]! || size(b)[1]! - size(a)[1]!);
}

/** Adds what is different of a pair of layers and below it; gives whether anything is. */
function gather({ before, after }: LayerPair, found: LayerChange[]): boolean {
  if (!before || !after) {
    found.push(layerChange(before, after));
    return true;
  }
  const pairs = paired(before.children, after.children);
  const inside = pairs.map((pair) => gather(pair, found)).some((is) => is);
  /** Whether a figure changed by something else than what the layers inside changed by. */
  const ofItself = (figure: Figure) => {
    const own = changeOf({ before, after }, figure);
    const below = pairs.map((pair) => changeOf(pair, figure));
    if (own === undefined || below.includes(undefined)) return !inside && becameOther(before, after, figure);
    return own !== 0 && own !== below.reduce<number>((sum, one) => sum + (one as number), 0);
  };
  const isOther =
    before.className !== after.className ||
    ofItself("params") ||
    ofItself("flops") ||
    // Layers share what they keep, so that a whole is not the sum of its parts: the innermost tells.
    (!inside && (changeOf({ before, after }, "savedBytes") ?? 0) !== 0) ||
    isCalled(before) !== isCalled(after);
  if (isOther) found.push(layerChange(before, after));
  return inside || isOther;
}

type Figure = "params" | "flops" | "savedBytes";

/** After less before, a layer that is not there being nothing. */
function changeOf({ before, after }: LayerPair, figure: Figure): number | undefined {
  return difference(before ? figureOf(before, figure) : 0, after ? figureOf(after, figure) : 0);
}

/** Whether a figure is known on one side only. */
function becameOther(before: LayerReport, after: LayerReport, figure: Figure): boolean {
  return before[figure] instanceof Unknown !== after[figure] instanceof Unknown;
}

function isCalled({ calls }: LayerReport): boolean {
  return calls > 0;
}

function layerChange(before: LayerReport | undefined, after: LayerReport | undefined): LayerChange {
  const of = (figure: Figure) => changeOf({ before, after }, figure);
  const path = (after ?? before)?.path ?? "";
  return {
    kind: !before ? "added" : !after ? "removed" : "changed",
    paths: [path],
    was: before && after && before.path !== after.path ? before.path : undefined,
    before,
    after,
    params: of("params"),
    flops: of("flops"),
    savedBytes: of("savedBytes"),
  };
}

/** Layers whose paths differ in numbers only and that changed equally as one. */
function together(changes: readonly LayerChange[]): LayerChange[] {
  const groups = new Map<string, LayerChange & { paths: string[] }>();
  for (const one of changes) {
    const classes = [one.before?.className, one.after?.className];
    const likeness = [one.kind, classes, one.was !== undefined, one.params, one.flops, one.savedBytes];
    const key = JSON.stringify([one.paths[0]!.replaceAll(/(?<=^|\.)\d+(?=\.|$)/g, "#"), ...likeness]);
    const group = groups.get(key);
    if (group) group.paths.push(...one.paths);
    else groups.set(key, { ...one, paths: [...one.paths] });
  }
  return [...groups.values()];
}

/** After less before; undefined where either is not known. */
export function difference(before: Known<number>, after: Known<number>): number | undefined {
  const [was, is] = [known(before), known(after)];
  return was === undefined || is === undefined ? undefined : is - was;
}
