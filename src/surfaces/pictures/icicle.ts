/**
 * The layer tree as rectangles: a layer is as high as its part of the whole, and what it is made of stands to its right.
 *
 * What is not known is drawn as such, in a height that says nothing; what is too small to be seen is drawn together.
 */
import type { Measure, ReportRow } from "./rows.ts";

export interface IcicleRect {
  /** `unknown`: of a size that is not known; `more`: several layers, each too small to be drawn. */
  readonly kind: "known" | "unknown" | "more";
  /** The layer; the layer around them for several. */
  readonly row: ReportRow;
  /** The names from the root down, `/` between them. */
  readonly key: string;
  /** `h.0 … 11` where layers with a single part are drawn as one. */
  readonly name: string;
  /** How many layers it stands for. */
  readonly count: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
}

export interface Icicle {
  readonly rects: readonly IcicleRect[];
  /** The layer that fills the picture, and the layers around it from the root. */
  readonly path: readonly { readonly key: string; readonly name: string }[];
  readonly top: ReportRow;
  readonly measure: Measure;
  /** The parts add up to more than the whole, since some share weights. */
  readonly shared: boolean;
}

export interface IcicleSize {
  readonly width: number;
  readonly height: number;
}

/** A column is no narrower, so that a name fits into it. */
const narrowest = 88;
/** Rectangles lower than this are not drawn by themselves. */
const lowest = 1;
/** The part of a layer's height that goes to parts of unknown size, at most. */
const mostUnknown = 0.4;
const eachUnknown = 0.12;

/** `zoom` is the key of the layer to fill the picture with; the whole model where it names none. */
export function icicle(
  root: ReportRow,
  measure: Measure,
  zoom: string | undefined,
  { width, height }: IcicleSize,
): Icicle {
  const path = pathTo(root, zoom);
  const { row: top, key } = path.at(-1)!;
  const columns = Math.max(1, Math.min(Math.floor(width / narrowest), levels(top) - 1 || 1));
  const rects: IcicleRect[] = [];
  const shared = { found: false };
  const step = width / columns;

  const place = (row: ReportRow, at: string, depth: number, y: number, room: number) => {
    if (depth >= columns) return;
    for (const part of parts(row, at, measure, room, shared)) {
      const leaf = depth === columns - 1 || part.kind === "more" || part.row.children.length === 0;
      const x = depth * step;
      rects.push({
        ...part,
        x,
        y: y + part.offset,
        width: leaf ? width - x : step,
        height: part.height,
        depth,
      });
      if (!leaf) place(part.row, part.key, depth + 1, y + part.offset, part.height);
    }
  };
  if (top.children.length === 0) {
    const kind = top[measure].value === undefined ? "unknown" : "known";
    rects.push({ kind, row: top, key, name: top.name, count: top.count, x: 0, y: 0, width, height, depth: 0 });
  } else place(top, key, 0, 0, height);
  return {
    rects,
    path: path.map((one) => ({ key: one.key, name: one.row.name })),
    top,
    measure,
    shared: shared.found,
  };
}

interface Part {
  readonly kind: IcicleRect["kind"];
  readonly row: ReportRow;
  readonly key: string;
  readonly name: string;
  readonly count: number;
  /** From the top of what it is part of. */
  readonly offset: number;
  readonly height: number;
}

/** The parts of a layer that take part in the measure, as high as they are large. */
function parts(
  row: ReportRow,
  key: string,
  measure: Measure,
  room: number,
  shared: { found: boolean },
): readonly Part[] {
  const all = row.children.map((child) => merged(child, `${key}/${child.name}`));
  const unknown = all.filter((one) => isUnknown(one.row, measure));
  const sizes = all.map((one) => (isUnknown(one.row, measure) ? 0 : (one.row[measure].value ?? 0)));
  const sum = sizes.reduce((total, size) => total + size, 0);
  const whole = row[measure].value;
  if (whole !== undefined && sum > whole * 1.001) shared.found = true;
  const forUnknown = Math.min(mostUnknown, eachUnknown * unknown.length) * room;
  const scale = (room - forUnknown) / (Math.max(sum, unknown.length > 0 ? 0 : (whole ?? 0)) || 1);
  const found: Part[] = [];
  let offset = 0;
  let few: { offset: number; count: number; last: (typeof all)[number] } | undefined;
  const flush = () => {
    if (!few) return;
    const height = offset - few.offset;
    const { last, count } = few;
    if (height >= lowest) {
      const part = count === 1 ? last : { row, key, name: `${count} more`, count };
      found.push({ kind: count === 1 ? "known" : "more", ...part, offset: few.offset, height });
    }
    few = undefined;
  };
  all.forEach((one, i) => {
    const isHidden = isUnknown(one.row, measure);
    const height = isHidden ? forUnknown / unknown.length : (sizes[i] as number) * scale;
    if (!isHidden && height < lowest) {
      if (height > 0) few = { offset: few?.offset ?? offset, count: (few?.count ?? 0) + 1, last: one };
    } else {
      flush();
      found.push({ kind: isHidden ? "unknown" : "known", ...one, offset, height });
    }
    offset += height;
  });
  flush();
  return found;
}

function isUnknown(row: ReportRow, measure: Measure): boolean {
  return row[measure].value === undefined;
}

/** A layer with the only part that it has, and that one's only part, as one. */
function merged(row: ReportRow, key: string): { row: ReportRow; key: string; name: string; count: number } {
  let now = row;
  let path = key;
  let name = row.name;
  let count = row.count;
  while (now.children.length === 1 && !now.work) {
    now = now.children[0] as ReportRow;
    path = `${path}/${now.name}`;
    name = `${name}.${now.name}`;
    count *= now.count;
  }
  return { row: now, key: path, name, count };
}

/** How many columns a layer and what is below it take. */
function levels(row: ReportRow): number {
  return 1 + row.children.reduce((most, child) => Math.max(most, levels(merged(child, "").row)), 0);
}

/** The layers from the root to the one of that key, as far as there are any. */
function pathTo(root: ReportRow, key: string | undefined): { row: ReportRow; key: string }[] {
  const found = [{ row: root, key: root.name }];
  for (let last = found[0]!; key?.startsWith(`${last.key}/`); ) {
    const rest = `${key}/`;
    const next = last.row.children.find((child) => rest.startsWith(`${last.key}/${child.name}/`));
    if (!next) break;
    last = { row: next, key: `${last.key}/${next.name}` };
    found.push(last);
  }
  return found;
}

/** The keys of the layers that a line of the code makes or calls; else those whose class stands around it. */
export function litBy(root: ReportRow, at: { readonly path: string; readonly line: number }): readonly string[] {
  const exact: string[] = [];
  const byClass = new Map<number, string[]>();
  const visit = (row: ReportRow, key: string) => {
    if (row.lines.some(({ path, line }) => path === at.path && line === at.line)) exact.push(key);
    const { classAt } = row;
    if (classAt && classAt.path === at.path && classAt.line <= at.line)
      byClass.set(classAt.line, [...(byClass.get(classAt.line) ?? []), key]);
    for (const child of row.children) visit(child, `${key}/${child.name}`);
  };
  visit(root, root.name);
  if (exact.length > 0) return exact;
  const nearest = byClass.get(Math.max(...byClass.keys())) ?? [];
  // All of the model says nothing.
  return nearest.filter((key) => key !== root.name);
}
