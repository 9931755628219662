/** The layer tree: rows that fold, one measure's shares as bars, driven by mouse or keyboard as trees are. */
import type { Place } from "../../base/place.ts";
import type { ReportRow } from "../../surfaces/report.ts";
import { clickable, element } from "./dom.ts";

export type Measure = "params" | "flops" | "memory";

export interface TreeState {
  /** The rows that were folded or unfolded by hand, by their names from the root. */
  readonly open: Record<string, boolean>;
  measure: Measure;
}

/** What the longest figure of a column takes in the size that the style sheet gives figures. */
function widthOf(lines: readonly Line[], measure: Measure): number {
  return 6.2 * Math.max(6, ...lines.map(({ row }) => row[measure].text.length)) + 4;
}

interface Line {
  readonly row: ReportRow;
  readonly key: string;
  readonly level: number;
}

const measures: [Measure, string][] = [
  ["params", "Params"],
  ["flops", "FLOPs"],
  ["memory", "Saved"],
];

/** The tree, which redraws itself; `changed` is told when the state is another. */
export function layerTree(
  root: ReportRow,
  state: TreeState,
  reveal: (place: Place) => void,
  changed: () => void,
): HTMLElement {
  const columns = element("div", { class: "columns" });
  const tree = element("div", { role: "tree", "aria-label": "Layers", "data-testid": "tree" });
  const section = element("section", {}, columns, tree);
  let focused = root.name;

  const isOpen = ({ row, key, level }: Line) =>
    state.open[key] ?? (level === 1 || (level === 2 && row.children.length <= 8));
  const lines = (row: ReportRow, key: string, level: number): Line[] => {
    const line = { row, key, level };
    const below = isOpen(line) ? row.children.flatMap((child) => lines(child, `${key}/${child.name}`, level + 1)) : [];
    return [line, ...below];
  };

  function draw(): void {
    const shown = lines(root, root.name, 1);
    section.style.setProperty("--figures", measures.map(([measure]) => `${widthOf(shown, measure)}px`).join(" "));
    if (!shown.some(({ key }) => key === focused)) focused = root.name;
    columns.replaceChildren(
      element("span", {}, "Layer"),
      ...measures.map(([measure, label]) => heading(measure, label)),
    );
    tree.replaceChildren(...shown.map(drawLine));
  }

  function heading(measure: Measure, label: string): HTMLElement {
    const pressed = String(state.measure === measure);
    const title = `Show each layer's part of ${label === "Saved" ? "the memory kept for backward" : label}`;
    return clickable(element("button", { type: "button", "aria-pressed": pressed, title }, label), () => {
      state.measure = measure;
      changed();
      draw();
    });
  }

  function drawLine(line: Line): HTMLElement {
    const { row, key, level } = line;
    const folds = row.children.length > 0;
    const share = row[state.measure].share;
    const bar = element("span", { class: "share" });
    bar.style.width = `${(100 * share).toFixed(1)}%`;
    const name = element(
      "span",
      { class: "name" },
      clickable(
        element("span", { class: "twisty", "aria-hidden": "true" }, folds ? (isOpen(line) ? "▾" : "▸") : ""),
        () => toggle(line),
      ),
      element("span", { class: "own" }, row.name),
      row.count > 1 && element("span", { class: "times" }, `${row.count} ×`),
      row.className !== row.name && element("span", { class: "class" }, row.className),
    );
    name.style.paddingLeft = `${(level - 1) * 8}px`;
    const figures = measures.map(([measure]) =>
      element("span", { class: "figure", title: row[measure].tooltip }, row[measure].text),
    );
    const made = element(
      "div",
      {
        class: "row",
        role: "treeitem",
        "aria-level": level,
        "aria-expanded": folds ? String(isOpen(line)) : undefined,
        "aria-label": `${row.name}${row.count > 1 ? `, ${row.count} times` : ""}, ${row.className}: ${row.params.text || "no"} parameters, ${row.flops.text || "no"} FLOPs, ${row.memory.text || "nothing"} saved`,
        tabindex: key === focused ? 0 : -1,
        title: [row.className, row.shapes].filter((part) => part !== "").join(" · "),
        "data-testid": "layer",
        "data-key": key,
      },
      bar,
      name,
      ...figures,
    );
    made.addEventListener("click", ({ target }) => {
      if ((target as HTMLElement).classList.contains("twisty")) return;
      focus(key);
      if (row.place) reveal(row.place);
      else if (folds) toggle(line);
    });
    made.addEventListener("keydown", (event) => {
      if (act(event.key, line)) event.preventDefault();
    });
    return made;
  }

  /** What a key does on a row, as in VS Code's own trees. */
  function act(key: string, line: Line): boolean {
    const shown = lines(root, root.name, 1);
    const at = shown.findIndex((other) => other.key === line.key);
    const parent = shown.slice(0, at).findLast(({ level }) => level < line.level);
    const folds = line.row.children.length > 0;
    const to = { ArrowDown: shown[at + 1], ArrowUp: shown[at - 1], Home: shown[0], End: shown.at(-1) }[key];
    if (to) focus(to.key);
    else if (key === "ArrowRight" && folds && !isOpen(line)) toggle(line);
    else if (key === "ArrowRight" && folds) focus(shown[at + 1]!.key);
    else if (key === "ArrowLeft" && folds && isOpen(line)) toggle(line);
    else if (key === "ArrowLeft" && parent) focus(parent.key);
    else if (key === " " && folds) toggle(line);
    else if (key === "Enter" && line.row.place) reveal(line.row.place);
    else return false;
    return true;
  }

  function toggle(line: Line): void {
    state.open[line.key] = !isOpen(line);
    focused = line.key;
    changed();
    draw();
    focus(line.key);
  }

  function focus(key: string): void {
    focused = key;
    for (const one of tree.querySelectorAll<HTMLElement>(".row")) {
      one.tabIndex = one.dataset.key === key ? 0 : -1;
      if (one.dataset.key === key) one.focus();
    }
  }

  draw();
  return section;
}
