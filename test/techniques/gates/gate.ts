/** Rows of a dossier's table of published numbers, held against what Assay computes. */
import assert from "node:assert/strict";

export interface Gate {
  /** The setting and the quantity, with its unit. */
  readonly what: string;
  /** As it is printed: its digits after the point are those that `exact` rows must meet. */
  readonly published: string;
  readonly here: number;
  /** `exact` to the printed digits; the tolerance that the dossier prints, as a share; or a range where it says only a direction. */
  readonly within: "exact" | number | readonly [number, number];
}

/** Throws where a row misses its tolerance; gives the rows as a page shows them. */
export function gatesText(gates: readonly Gate[]): string {
  const rows = gates.map(({ what, published, here, within }) => {
    const shown = here.toFixed(/\.(\d+)$/.exec(published)?.[1]?.length ?? 0);
    if (within === "exact") assert.equal(shown, published, what);
    else if (typeof within !== "number") assert(here >= within[0] && here <= within[1], `${what}: ${shown}`);
    else assert(Math.abs(here / Number(published) - 1) <= within, `${what}: ${published} printed, ${shown} here`);
    return [what, published, shown, allowed(within)];
  });
  const all = [["quantity", "printed", "here", "tolerance"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[i] ?? 0))).join("  "),
    )
    .join("\n");
}

function allowed(within: Gate["within"]): string {
  if (within === "exact") return within;
  return typeof within === "number" ? `±${Number((100 * within).toFixed(1))} %` : `${within[0]} to ${within[1]}`;
}
