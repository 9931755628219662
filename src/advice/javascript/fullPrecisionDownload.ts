import { showBytes } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import type { ScriptRule } from "./rule.ts";

/** Less than this is there before anybody has looked. */
const smallBytes = 20e6;

/**
 * Weights that a page fetches as 32-bit floats: half of their bytes, or three quarters, can be left out when the model is
 * converted, and the page still computes in 32 bits.
 */
const fullPrecisionDownload: ScriptRule = {
  id: "full-precision-download",
  price:
    "Weights are rounded: to 11 bits with float16, which is rarely seen in results, and to 8 bits with uint8, which must be checked.",

  *check({ model, pipeline }) {
    const bytes = known(model.root.weightBytes);
    if (pipeline || bytes === undefined || bytes < smallBytes) return;
    yield {
      severity: "information",
      at: model.at,
      what: `A page that loads this model fetches ${showBytes(bytes, "GB")} of weights.`,
      why: `Converted with tensorflowjs_converter --quantize_float16 it fetches ${showBytes(bytes / 2, "GB")}, with --quantize_uint8 ${showBytes(bytes / 4, "GB")}.`,
      fixes: [],
    };
  },
};
export default fullPrecisionDownload;
