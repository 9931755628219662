/** The report's page: draws what it is sent, and says what is clicked. */
import "../pageChecks.ts";
import { html, nothing, render } from "lit";
import "@vscode-elements/elements/dist/vscode-button/index.js";
import "@vscode-elements/elements/dist/vscode-checkbox/index.js";
import "@vscode-elements/elements/dist/vscode-option/index.js";
import "@vscode-elements/elements/dist/vscode-progress-bar/index.js";
import "@vscode-elements/elements/dist/vscode-single-select/index.js";
import "@vscode-elements/elements/dist/vscode-textfield/index.js";
import { litBy } from "../../surfaces/pictures/icicle.ts";
import { type FromPage, type Memory, memorySchema, type ToPage, toPageSchema } from "../pageMessages.ts";
import { findings, remarks, techniques } from "./advice.ts";
import { Asking } from "./asking.ts";
import { changes } from "./changes.ts";
import { empty } from "./empty.ts";
import { growth, kvCache } from "./growth.ts";
import { heading, memory, progress, scenario, totals } from "./header.ts";
import type { Page, Report } from "./page.ts";
import type { Content } from "./parts.ts";
import { roofline } from "./roofline.ts";
import { measureFont } from "./text.ts";
import { timeline } from "./timeline.ts";
import { tree } from "./tree.ts";

/** What VS Code gives a webview's page. */
declare function acquireVsCodeApi(): {
  postMessage(message: FromPage): void;
  getState(): unknown;
  setState(state: Memory): void;
};

const editor = acquireVsCodeApi();
const host = document.getElementById("page") as HTMLElement;
/** Answers that are about the report that is shown. */
let answers: Pick<Page, "growth" | "advice" | "whatIf"> = { growth: undefined, advice: undefined, whatIf: undefined };
let shown: (ToPage & { kind: "report" | "empty" }) | undefined;
let lit: ReadonlySet<string> = new Set();
let cursor: (ToPage & { kind: "cursor" }) | undefined;
let busy: Page["progress"];
let pointed: string | undefined;
let remembered: Memory = memorySchema.parse(editor.getState() ?? {});
let waiting = false;
const asking = new Asking((kind) => {
  if (shown?.kind === "report") send({ kind, uri: shown.uri, model: shown.report.model });
});

window.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
  const message = toPageSchema.safeParse(data);
  if (message.success) take(message.data);
  else {
    const [first] = message.error.issues;
    console.error(`Assay: a message of unknown shape was refused: ${first?.path.join(".")}: ${first?.message}`);
  }
});
new ResizeObserver(() => soon()).observe(document.documentElement);
window.addEventListener("scroll", () => {
  clearTimeout(scrolling);
  scrolling = setTimeout(() => keep({ scroll: window.scrollY }), 150);
});
let scrolling: ReturnType<typeof setTimeout> | undefined;
// A change of theme may change the font.
new MutationObserver(() => soon()).observe(document.body, { attributes: true, attributeFilter: ["class"] });
send({ kind: "ready" });

function take(message: ToPage): void {
  switch (message.kind) {
    case "report": {
      const isFirst = shown === undefined;
      const before = shown?.kind === "report" ? shown : undefined;
      shown = message;
      if (before?.uri !== message.uri || before.report.model !== message.report.model) forget(before !== undefined);
      // What is on the page stays there until it is answered anew.
      if (before?.turn !== message.turn) asking.renew();
      if (before?.turn !== message.turn && remembered.tried.length > 0) tryOut();
      light();
      draw();
      if (isFirst) window.scrollTo(0, remembered.scroll);
      return;
    }
    case "empty":
      shown = message;
      break;
    case "progress":
      busy = message;
      break;
    case "cursor":
      cursor = message;
      light();
      break;
    default:
      if (shown?.kind !== "report" || message.turn !== shown.turn || message.model !== shown.report.model) return;
      // What was given up is answered with nothing.
      if (answers[message.kind] === undefined) return;
      answers = { ...answers, [message.kind]: message };
  }
  soon();
}

/** Another model: nothing of the last one's picture holds. */
function forget(wasAnother: boolean): void {
  answers = { growth: undefined, advice: undefined, whatIf: undefined };
  if (wasAnother) keep({ zoom: undefined, chosen: undefined, tried: [] });
}

function tryOut(): void {
  if (shown?.kind !== "report") return;
  const apply = remembered.tried.map((id) => ({ id, knobs: {} }));
  send({ kind: "whatIf", uri: shown.uri, model: shown.report.model, apply });
}

function light(): void {
  if (!cursor || shown?.kind !== "report") return;
  lit = new Set(litBy(shown.report.root, cursor));
}

function keep(change: Partial<Memory>): void {
  remembered = { ...remembered, ...change };
  editor.setState(remembered);
}

function send(message: FromPage): void {
  if (message.kind === "growth" || message.kind === "advice" || message.kind === "whatIf") {
    if (answers[message.kind] === undefined) answers = { ...answers, [message.kind]: "asked" };
    soon();
  }
  editor.postMessage(message);
}

/** Draws once before the next frame, however much has changed. */
function soon(): void {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    draw();
  });
}

function draw(): void {
  measureFont();
  const style = getComputedStyle(document.body);
  const padding = Number.parseFloat(style.paddingLeft) + Number.parseFloat(style.paddingRight);
  const page: Page = {
    memory: remembered,
    width: Math.max(120, Math.min(1100, document.documentElement.clientWidth - padding)),
    progress: busy,
    lit,
    pointed,
    ...answers,
    send,
    remember(change) {
      keep(change);
      if (change.tried) {
        answers = { ...answers, whatIf: change.tried.length > 0 ? "asked" : undefined };
        if (change.tried.length > 0) tryOut();
      }
      soon();
    },
    giveUp(kind) {
      asking.giveUp(kind);
      answers = { ...answers, [kind]: undefined };
      editor.postMessage({ kind: "giveUp" });
      soon();
    },
    point(key) {
      pointed = key;
      soon();
    },
  };
  render(content(page), host);
  asking.watch(host);
}

function content(page: Page): Content {
  if (!shown) return progress(page);
  if (shown.kind === "empty") return [progress(page), empty(page, shown)];
  const report: Report = shown;
  return html`${hatching} ${heading(page, report)} ${progress(page)}
    ${[...report.notes, ...report.report.remarks].map((text) => html`<p class="note small" data-testid="note">${text}</p>`)}
    ${scenario(page, report)} ${memory(page, report)} ${totals(report)} ${changes(page, report)} ${tree(page, report)} ${timeline(page, report)}
    ${roofline(page, report)} ${growth(page, report)} ${kvCache(page, report)} ${findings(page, report)}
    ${techniques(page, report)} ${remarks(page, "Unknown", report.report.unknowns)}
    ${remarks(page, "Assumed", report.report.assumptions)}${nothing}`;
}

/** What is not known is hatched in every picture. */
const hatching = html`<svg class="patterns" aria-hidden="true" width="0" height="0"><defs>
  <pattern id="unknown" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
    <rect class="hatch-ground" width="6" height="6"></rect><rect class="hatch-line" width="1.5" height="6"></rect>
  </pattern></defs></svg>`;
