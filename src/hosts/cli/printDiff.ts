/** A diff for a terminal, for a pull request's comment, and for programs. */
import { known } from "../../base/unknown.ts";
import type { LimitWord } from "../../configs/project/limits.ts";
import { scenarioText } from "../../report/budgets.ts";
import type { LayerChange, ModelChange } from "../../report/change.ts";
import { totalOf } from "../../report/totals.ts";
import {
  type ChangeView,
  changeText,
  changeView,
  type LayerChangeView,
  shareText,
  type TotalChangeView,
  totalText,
} from "../../surfaces/change.ts";
import type { View } from "../../surfaces/view.ts";
import type { Format } from "./arguments.ts";
import type { Diff } from "./diff.ts";
import { type Paint, wrapped } from "./printing.ts";

const columns = 80;
/** More layers than this are counted and not told. */
const mostLayers = 12;

export function printDiff(diff: Diff, format: Format, view: View, brush: Paint): string {
  if (format === "json") return `${JSON.stringify(diffJson(diff, view), null, 2)}\n`;
  return format === "markdown" ? markdown(diff, view) : text(diff, view, brush);
}

function text({ since, files }: Diff, view: View, brush: Paint): string {
  const told = files.flatMap(({ file, changes }) =>
    changes
      .filter(({ kind }) => kind !== "same")
      .map((change) => modelText(file, change, changeView(change, since, view), brush)),
  );
  return told.length === 0 ? `Nothing changed since ${since}.\n` : `${told.join("\n\n")}\n`;
}

function modelText(file: string, change: ModelChange, shown: ChangeView, { bold, dim, red, blue }: Paint): string {
  const { totals, layers, since, was } = shown;
  const width = (of: (one: TotalChangeView) => string, head: string) =>
    Math.max(head.length, ...totals.map((one) => of(one).length));
  const widths = [width(({ label }) => label, ""), width(({ before }) => before, "before")];
  const [name = 0, before = 0, after = 0, changed = 0] = [
    ...widths,
    width(({ after }) => after, "now"),
    width((one) => one.change, "change"),
  ];
  const rows = totals.map((one) => {
    const tone = one.isMore === undefined ? bold : one.isMore ? red : blue;
    const start = `${one.label.padEnd(name)}  ${one.before.padStart(before)}  ${one.after.padStart(after)}`;
    return `${start}  ${tone(one.change.padStart(changed))}${one.share && `  ${dim(one.share)}`}`;
  });
  const head = `${"".padEnd(name)}  ${"before".padStart(before)}  ${"now".padStart(after)}  ${"change".padStart(changed)}`;
  const what = { added: "new", removed: "gone", changed: "changed", same: "the same" }[change.kind];
  return [
    `${bold(change.name)}  ${dim(`${file}  ${what} since ${since}${was === undefined ? "" : `, was ${was}`}`)}`,
    ...[change.after ?? change.before].flatMap((model) => (model ? [dim(scenarioText(model))] : [])),
    ...(rows.length > 0 ? [dim(head), ...rows] : []),
    ...(layers.length > 0 ? [dim("layers")] : []),
    ...layers.slice(0, mostLayers).map((layer) => layerText(layer)),
    ...(layers.length > mostLayers ? [`  and ${layers.length - mostLayers} more`] : []),
  ].join("\n");
}

const signs: Readonly<Record<LayerChange["kind"], string>> = { added: "+", removed: "−", changed: "~" };

function layerText({ kind, name, count, className, text: what }: LayerChangeView): string {
  const many = count > 1 ? `${count} × ` : "";
  return wrapped(`${name}  ${many}${className}${what && `  ${what}`}`, columns, `  ${signs[kind]} `, "    ");
}

/** The totals that a reviewer looks at; all others that changed are below. */
const inTable: readonly LimitWord[] = ["params", "flops", "peak", "time"];

function markdown({ since, files }: Diff, view: View): string {
  const models = files.flatMap(({ file, changes }) => changes.map((change) => ({ file, change })));
  const changed = models.filter(({ change }) => change.kind !== "same");
  const same = models.length - changed.length;
  if (changed.length === 0) return `### Assay\n\nNo model changed since ${since}.\n`;
  const rows = changed.map(({ file, change }) => {
    const cells = inTable.map((figure) => tableCell(change, figure, view));
    return `| \`${change.name}\`<br>${file} | ${cells.join(" | ")} |`;
  });
  return `${[
    "### Assay",
    `What changed since ${since}${scenarioOf(changed[0]!.change)}:`,
    ["| model | parameters | FLOPs | peak memory | time |", "|---|--:|--:|--:|--:|", ...rows].join("\n"),
    ...changed.map(({ change }) => details(change, changeView(change, since, view))),
    ...(same > 0 ? [`${same === 1 ? "One model is" : `${same} models are`} as before.`] : []),
  ].join("\n\n")}\n`;
}

function scenarioOf({ after, before }: ModelChange): string {
  const model = after ?? before;
  if (!model) return "";
  const { phase, batch, sequence, device } = model.scenario;
  return `, in ${phase} with a batch of ${batch}${model.uses.sequence ? ` and ${sequence} tokens` : ""} on ${device}`;
}

function tableCell(change: ModelChange, figure: LimitWord, { units }: View): string {
  const one = change.totals.find((total) => total.figure === figure);
  if (!one) return "–";
  if (change.kind === "removed") return "gone";
  const now = totalText(one.after, units);
  if (change.kind === "added") return `${now} (new)`;
  const by = one.change ? changeText(one, units) : "";
  if (by === "") return now;
  const share = shareText(one);
  return `${now}<br>**${by}**${share && ` (${share})`}`;
}

function details(change: ModelChange, { totals, layers, kind, was }: ChangeView): string {
  if (kind === "removed" || totals.length === 0) return "";
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const rows = totals.map(
    (one) => `| ${[one.label, one.before, one.after, one.change, one.share].map(cell).join(" | ")} |`,
  );
  const lines = layers.slice(0, mostLayers).map(({ kind: how, name, count, className, text: what }) => {
    const many = count > 1 ? `${count} × ` : "";
    return `- ${how} \`${name}\` ${many}${className}${what && `: ${what}`}`;
  });
  const more = layers.length - mostLayers;
  return [
    `<details><summary><code>${change.name}</code>: all that changed</summary>`,
    ...(was === undefined ? [] : [`It was called \`${was}\`.`]),
    ["| | before | now | change | |", "|---|--:|--:|--:|--:|", ...rows].join("\n"),
    ...(lines.length > 0 ? [[...lines, ...(more > 0 ? [`- and ${more} more`] : [])].join("\n")] : []),
    "</details>",
  ].join("\n\n");
}

function diffJson({ since, files }: Diff, view: View) {
  return {
    since,
    files: files.map((one) => ({ file: one.file, models: one.changes.map((change) => modelJson(change, view)) })),
  };
}

function modelJson(change: ModelChange, view: View) {
  const { name, was, kind, totals, layers, before, after } = change;
  return {
    name,
    was: was ?? null,
    kind,
    scenario: (after ?? before)?.scenario,
    totals: Object.fromEntries(
      totals.map(({ figure, change: by, sure }) => [
        figure,
        {
          before: (before && knownTotal(before, figure)) ?? null,
          after: (after && knownTotal(after, figure)) ?? null,
          change: by ?? null,
          exact: sure,
        },
      ]),
    ),
    layers: layers.map(({ kind: how, paths, was: old, params, flops, savedBytes, before: then, after: now }) => ({
      kind: how,
      paths,
      was: old ?? null,
      class: { before: then?.className ?? null, after: now?.className ?? null },
      params: params ?? null,
      flops: flops ?? null,
      savedBytes: savedBytes ?? null,
      at: now?.madeAt ? { file: view.shorten(now.madeAt.path), line: now.madeAt.line + 1 } : null,
    })),
  };
}

function knownTotal(model: NonNullable<ModelChange["after"]>, figure: LimitWord): number | undefined {
  const total = totalOf(model, figure);
  return total && known(total.value);
}
