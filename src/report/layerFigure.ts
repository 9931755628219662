import { type Known, Unknown } from "../base/unknown.ts";
import type { LayerReport } from "../cost/report.ts";

/** A figure of a layer; a container that is never called itself, as a ModuleList, has what its parts have. */
export function figureOf(
  layer: LayerReport,
  figure: "params" | "flops" | "savedBytes" | "trafficBytes",
): Known<number> {
  if (layer.calls > 0 || layer.children.length === 0 || figure === "params" || layer.path === "") return layer[figure];
  return layer.children
    .map((child) => figureOf(child, figure))
    .reduce<Known<number>>((sum, one) => (sum instanceof Unknown ? sum : one instanceof Unknown ? one : sum + one), 0);
}
