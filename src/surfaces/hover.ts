/** What hovering says: of a class, of a layer where it is made or called, of a value whose shape is known. */
import { contains, type Place, type Span } from "../base/place.ts";
import { known } from "../base/unknown.ts";
import type { FileReport, LayerReport, ModelReport } from "../cost/report.ts";
import { layerText, modelText, severalText } from "./hoverText.ts";
import { allLayers } from "./layers.ts";
import type { View } from "./view.ts";
import { enclosingClass, type Word, wordAt } from "./words.ts";

export interface Hover {
  readonly span: Span;
  readonly markdown: string;
  /** The model that it tells of. */
  readonly model: string;
}

/** The hover at a position of the text that was analysed; nothing where nothing is known. */
export function hover(report: FileReport, text: string, line: number, column: number, view: View): Hover | undefined {
  const lines = text.split("\n");
  const word = wordAt(lines, line, column);
  if (!word) return undefined;
  // The largest model says most about a layer: the share is of the whole.
  const models = report.models.toSorted((a, b) => (known(b.root.params) ?? 0) - (known(a.root.params) ?? 0));
  const own = models.find(({ name, at }) => at.path === report.path && at.line === line && name === word.chain.at(-1));
  if (own) return { span: word.span, markdown: modelText(report, own, view), model: own.name };
  const written = word.chain.join(".");
  for (const model of models) {
    const layers = layersAt(report.path, model, lines, word);
    if (layers.length > 0)
      return { span: word.span, markdown: layersText(report, model, layers, written, view), model: model.name };
  }
  const hint = models
    .flatMap((model) => model.hints)
    .find(
      ({ at, name }) =>
        at.path === report.path &&
        at.line === line &&
        at.endColumn === word.span.endColumn &&
        name.endsWith(word.chain.at(-1)!),
    );
  return (
    hint && {
      span: word.span,
      markdown: `\`${hint.name}\` **${hint.text}**\n\n${hint.tooltip}`,
      model: models[0]!.name,
    }
  );
}

function layersText(
  report: FileReport,
  model: ModelReport,
  layers: LayerReport[],
  written: string,
  view: View,
): string {
  const classes = new Set(layers.map((layer) => layer.className));
  if (classes.size > 1) return severalText(model, layers, view);
  return layerText(report, model, layers, written, view);
}

/** The layers of a model that a word stands for: by class, by attribute of the class around it, or by the place itself. */
function layersAt(path: string, model: ModelReport, lines: readonly string[], { chain, span }: Word): LayerReport[] {
  const layers = allLayers(model.root);
  const last = chain.at(-1)!;
  const defined = layers.filter(
    (layer) => layer.className === last && layer.classAt?.path === path && layer.classAt.line === span.line,
  );
  if (defined.length > 0) return defined;
  if (chain.length > 1 && chain[0] === "self") {
    const attributes = layersOfAttribute(path, layers, lines, chain.slice(1), span.line);
    if (attributes.length > 0) return attributes;
  }
  const isHere = (place: Place | undefined) => place?.path === path && contains(place, span.line, span.column);
  // `block` of `block(x)`, and not the `x`.
  const called = startsCall(lines, span)
    ? layers.map((layer) => ({ layer, places: layer.calledAt.filter(isHere) }))
    : [];
  const calls = smallest(called);
  if (calls.length > 0) return calls;
  const made = smallest(
    layers.map((layer) => ({ layer, places: layer.madeAt && isHere(layer.madeAt) ? [layer.madeAt] : [] })),
  );
  if (made.length > 0) return made;
  // The class on the right of the assignment that made the layer.
  return layers.filter(
    ({ className, madeAt }) => className === last && madeAt?.path === path && madeAt.line === span.line,
  );
}

/** Layers named by `self.a.b` inside the class that the line belongs to. */
function layersOfAttribute(
  path: string,
  layers: readonly LayerReport[],
  lines: readonly string[],
  attributes: readonly string[],
  line: number,
): LayerReport[] {
  const around = enclosingClass(lines, line);
  if (!around) return [];
  const owners = layers.filter(({ className, classAt }) => className === around.name && classAt?.path === path);
  const byPath = new Map(layers.map((layer) => [layer.path, layer]));
  return owners.flatMap(
    (owner) => byPath.get([...(owner.path === "" ? [] : [owner.path]), ...attributes].join(".")) ?? [],
  );
}

function startsCall(lines: readonly string[], { line, endColumn }: Span): boolean {
  return /^\s*\(/.test((lines[line] ?? "").slice(endColumn));
}

/** The layers whose place here is the smallest. */
function smallest(found: { layer: LayerReport; places: Place[] }[]): LayerReport[] {
  const sized = found.flatMap(({ layer, places }) => places.map((place) => ({ layer, size: sizeOf(place) })));
  const least = Math.min(...sized.map(({ size }) => size));
  return [...new Set(sized.filter(({ size }) => size === least).map(({ layer }) => layer))];
}

const sizeOf = (span: Span) => (span.endLine - span.line) * 10_000 + span.endColumn - span.column;
