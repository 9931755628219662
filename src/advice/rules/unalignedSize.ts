import { showCount, showShare } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import type { Fix } from "../../cost/report.ts";
import { integer } from "../../tensor/size.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import { replace } from "../code/edits.ts";
import { constructionOf, flowOf } from "../code/flow.ts";
import { type Code, codeOf } from "../code/tree.ts";
import type { Rule } from "./rule.ts";

/**
 * A product whose sizes are no multiples of what matrix units work in: a vocabulary of 50257.
 *
 * Rows of 16-bit numbers that are no multiple of 16 bytes (8 numbers) long cannot be loaded in whole vectors: cuBLAS then takes
 * slower kernels, and tiles of 64 or 128 are part empty besides (NVIDIA, Matrix Multiplication Background User's Guide). Padding
 * the size to a multiple of 64 costs its share in parameters, and nothing in what is computed as long as the padded entries are
 * never asked for.
 */
const unalignedSize: Rule = {
  id: "unaligned-size",
  price: "weights get another shape: older checkpoints do not fit, and sampling must leave the padded entries out.",

  *check(model) {
    const code = codeOf(model.file, model.text);
    const flow = flowOf(model.inference, model.figures);
    const macs = flow.operations.reduce((sum, operation) => sum + (known(operation.macs) ?? 0), 0);
    const byLayer = new Map<BuiltLayer, number>();
    for (const operation of flow.operations) {
      const layer = operation.name === "aten.linear" ? flow.layer(operation) : undefined;
      if (layer) byLayer.set(layer, (byLayer.get(layer) ?? 0) + (known(operation.macs) ?? 0));
    }
    const told = new Set<number>();
    for (const [layer, own] of byLayer) {
      const weight = layer.parameters.find(({ name }) => name === "weight")?.tensor;
      const sizes = (weight?.shape ?? []).map(integer);
      const size = sizes.find((one) => one % 8 !== 0 && one >= 1000);
      const call = constructionOf(layer, code);
      if (!size || !call || own < 0.05 * macs || told.has(size)) continue;
      told.add(size);
      const padded = Math.ceil(size / 64) * 64;
      const other = sizes.find((one) => one !== size) ?? size;
      yield {
        severity: own > 0.2 * macs ? "information" : "hint",
        at: code.place(call),
        what: `${layer.path} computes with ${size}, no multiple of 8: ${showShare(own, macs)} of the forward pass's products.`,
        why: `In 16-bit types its rows cannot be loaded in whole vectors, and the matrix units' tiles are part empty. ${padded} is ${showShare(padded - size, size)} more, ${showCount((padded - size) * other)} parameters, and fills them.`,
        fixes: padding(size, padded, code),
      };
    }
  },
};
export default unalignedSize;

/** The size where it is written, if that is in one place. */
function padding(size: number, padded: number, code: Code): Fix[] {
  const written = code.nodes.filter((node) => node.kind === "Int" && node.value === size);
  const [one] = written;
  return one && written.length === 1
    ? [{ title: `Pad ${size} to ${padded}`, edits: [replace(one, String(padded), code)] }]
    : [];
}
