import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { Curves } from "../../src/cost/time/curves/curves.ts";
import h200 from "../../src/cost/time/curves/h200Sxm141.ts";

const page = "src/cost/README.md";
const [begin, end] = ["<!-- curves of the H200 -->", "<!-- end of the curves -->"];

it(`the tables of times in ${page} are those of the record`, () => {
  const text = existsSync(page) ? readFileSync(page, "utf8") : "";
  const [before = "", rest = ""] = text.split(begin);
  const [, after = ""] = rest.split(end);
  assert.ok(rest.includes(end), `${page} has no place for the tables`);
  const whole = `${before}${begin}\n\n${tables(h200)}\n${end}${after}`;
  if (process.env["UPDATE"]) writeFileSync(page, whole);
  else assert.equal(text, whole, "UPDATE=1 writes them");
});

function tables(curves: Curves): string {
  const { streams, products, convolutions, depthwise, attention, host, errors } = curves;
  return [
    `Measured on ${curves.device}: ${curves.measured}. Errors are relative, of single operations: half of the rows err less than the median, nine of ten less than the last column.`,
    table(
      [
        "products and attention",
        "start µs",
        "share of peak",
        "half at",
        "share of memory",
        "rows",
        "median",
        "nine of ten",
      ],
      Object.entries({ ...products, ...attention }).map(([kind, one]) => [
        kind,
        micro(one.startSeconds),
        one.share,
        one.half,
        one.memoryShare,
        ...errorsOf(kind),
      ]),
    ),
    table(
      [
        "convolutions",
        "start µs",
        "share of peak",
        "half at",
        "layout's share of memory",
        "rows",
        "median",
        "nine of ten",
      ],
      Object.entries(convolutions).map(([kind, one]) => [
        kind,
        micro(one.startSeconds),
        one.share,
        one.half,
        one.layoutShare,
        ...errorsOf(kind),
      ]),
    ),
    table(
      ["depthwise", "start µs", "ps per output", "ps per element of the window", "rows", "median", "nine of ten"],
      Object.entries(depthwise).map(([kind, one]) => [
        kind,
        micro(one.startSeconds),
        one.outputSeconds * 1e12,
        one.macSeconds * 1e12,
        ...errorsOf(kind),
      ]),
    ),
    table(
      ["others", "start µs", "share of memory", "10⁹ elements/s", "ns per row", "rows", "median", "nine of ten"],
      Object.entries(streams).map(([kind, one]) => [
        kind,
        micro(one.startSeconds),
        one.memoryShare,
        one.itemsPerSecond / 1e9,
        one.rowSeconds * 1e9,
        ...errorsOf(kind),
      ]),
    ),
    table(
      ["the CPU, µs", "", "by kind", "", "", ""],
      inRows([
        ...Object.entries(host).flatMap(([name, value]) =>
          typeof value === "number" && name !== "backwardShare" ? [[name, micro(value)] as const] : [],
        ),
        ...Object.entries(host.kinds).map(([kind, seconds]) => [kind, micro(seconds)] as const),
      ]),
    ),
  ].join("\n\n");

  function errorsOf(kind: string): (string | number)[] {
    const error = errors[kind];
    return error ? [error.rows, percent(error.median), percent(error.most)] : ["–", "–", "–"];
  }
}

function inRows(list: readonly (readonly [string, number])[]): (string | number)[][] {
  const rows: (string | number)[][] = [];
  for (let i = 0; i < list.length; i += 3) rows.push([0, 1, 2].flatMap((j) => [...(list[i + j] ?? ["", ""])]));
  return rows;
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) =>
    `| ${cells.map((cell) => (typeof cell === "number" ? short(cell) : cell)).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---|").join("")}`, ...rows.map(line)].join("\n");
}

function micro(seconds: number): number {
  return seconds * 1e6;
}

/** Where a rate is so high that it is never the limit, it is left out. */
function short(value: number): string {
  return value >= 1e5 ? "–" : String(Number(value.toPrecision(3)));
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
