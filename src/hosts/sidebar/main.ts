/** The sidebar's page: draws what it is sent, and says what is clicked. */
import type { FromSidebar, ToSidebar } from "../messages.ts";
import { clickable, element } from "./dom.ts";
import { heading, memory, remarks, scenario, totals } from "./parts.ts";
import { layerTree, type TreeState } from "./tree.ts";

/** What VS Code gives a webview's page. */
declare function acquireVsCodeApi(): {
  postMessage(message: FromSidebar): void;
  getState(): { tree?: TreeState } | undefined;
  setState(state: { tree: TreeState }): void;
};

const editor = acquireVsCodeApi();
const page = document.getElementById("page") as HTMLElement;
const tree: TreeState = editor.getState()?.tree ?? { open: {}, measure: "params" };
const remember = () => editor.setState({ tree });

window.addEventListener("message", ({ data }: MessageEvent<ToSidebar>) => draw(data));
editor.postMessage({ kind: "ready" });

function draw(shown: ToSidebar): void {
  // Only where the person is: an element that is focused here would take the keyboard away from the editor.
  const focus = document.hasFocus() ? selectorOf(document.activeElement) : undefined;
  page.replaceChildren(...(shown.kind === "report" ? reportParts(shown) : emptyParts(shown)));
  // What was in hand stays there when the answer to it arrives.
  if (focus) page.querySelector<HTMLElement>(focus)?.focus();
}

function selectorOf(active: Element | null): string | undefined {
  if (!(active instanceof HTMLElement) || !page.contains(active)) return undefined;
  const { testid, key } = active.dataset;
  return key !== undefined ? `[data-key=${JSON.stringify(key)}]` : testid && `[data-testid="${testid}"]`;
}

function reportParts(shown: ToSidebar & { kind: "report" }): HTMLElement[] {
  const { report, notes } = shown;
  const reveal = (place: (FromSidebar & { kind: "reveal" })["place"]) => editor.postMessage({ kind: "reveal", place });
  const parts = [
    heading(shown, reveal, (kind) => editor.postMessage({ kind })),
    ...[...notes, ...report.remarks].map((text) =>
      element("div", { class: "note small", "data-testid": "note" }, text),
    ),
    scenario(shown, (change) => editor.postMessage({ kind: "scenario", change })),
    totals(report),
    memory(report),
    element("h2", {}, "Where it goes"),
    layerTree(report.root, tree, reveal, remember),
    remarks("Findings", report.findings, reveal),
    remarks("Unknown", report.unknowns, reveal),
    remarks("Assumed", report.assumptions, reveal),
  ];
  return parts.filter((part) => part !== undefined);
}

function emptyParts({ text, files }: ToSidebar & { kind: "empty" }): HTMLElement[] {
  const links = files.map(({ uri, name }) =>
    element(
      "li",
      {},
      clickable(element("button", { class: "link", type: "button" }, name), () =>
        editor.postMessage({ kind: "open", uri }),
      ),
    ),
  );
  return [
    element("p", { class: "quiet", "data-testid": "empty" }, text),
    ...(links.length > 0
      ? [element("h2", {}, "Files with models"), element("ul", { class: "remarks" }, ...links)]
      : []),
  ];
}
