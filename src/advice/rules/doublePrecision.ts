import { showShare } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import { elements } from "../../tensor/tensor.ts";
import type { Operation } from "../../trace/trace.ts";
import { flowOf, isView, trafficOf } from "../code/flow.ts";
import { codeOf } from "../code/tree.ts";
import type { Rule, Weighed } from "./rule.ts";

/**
 * float64 that gets into the forward pass of a model whose weights are not: from NumPy's arrays, or `.double()`.
 *
 * GPUs have few units for it, and it moves twice the bytes. The finding stands where it comes in; tables of a few numbers, and
 * constants that are known before, are left alone.
 */
const doublePrecision: Rule = {
  id: "double-precision",
  price: "values are rounded to 24 bits.",

  *check(model) {
    if (isDouble(model)) return;
    const code = codeOf(model.file, model.text);
    const flow = flowOf(model.inference, model.figures);
    const wide = flow.operations.filter((operation) => !isView(operation) && isWide(operation));
    const traffic = wide.reduce((sum, operation) => sum + trafficOf(operation), 0);
    if (traffic < 0.01 * flow.trafficBytes) return;
    const told = new Set<string>();
    for (const operation of wide) {
      const { at, inputs } = operation;
      const isFirst = !inputs.some(({ dtype }) => dtype === "float64");
      if (!isFirst || at?.path !== code.path || told.has(`${at.line}:${at.column}`)) continue;
      told.add(`${at.line}:${at.column}`);
      yield {
        severity: traffic > 0.05 * flow.trafficBytes ? "warning" : "information",
        at,
        what: `From here the forward pass computes in float64: ${wide.length} operations, ${showShare(traffic, flow.trafficBytes)} of its memory traffic.`,
        why: `Each number takes 8 bytes${rates(model)}.`,
        fixes: [],
      };
    }
  },
};
export default doublePrecision;

function isWide({ outputs, call }: Operation): boolean {
  return (
    outputs.some(({ dtype, shape }) => dtype === "float64" && (known(elements(shape)) ?? 0) >= 4096) &&
    call.out.every(({ data }) => data === undefined)
  );
}

/** Whether the model itself is of that type. */
function isDouble({ figures, trace }: Weighed): boolean {
  const [parameter] = figures.tree.children.flatMap(({ parameters }) => parameters);
  const given = trace.calls[1]?.inputs ?? [];
  return parameter?.tensor.dtype === "float64" || given.some(({ dtype }) => dtype === "float64");
}

function rates({ device }: Weighed): string {
  const { f64, f32 } = device?.flopsPerSecond ?? {};
  if (!device || !f64 || !f32 || f64 >= f32) return "";
  return `, and ${device.name} computes in it at 1/${Math.round(f32 / f64)} of its rate in fp32`;
}
