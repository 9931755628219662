import type { Quantization } from "./quantization.ts";
import { isSkipped } from "./shared/modules.ts";
import { namesOf } from "./shared/settings.ts";

/**
 * MXFP4 as gpt-oss has it: blocks of 32 four-bit numbers (e2m1) share an 8-bit exponent. Experts alone are converted, each
 * product's tensor for all of them.
 */
const mxfp4: Quantization = {
  id: "mxfp4",
  name: "MXFP4",
  methods: ["mxfp4"],
  sources: [
    "https://www.opencompute.org/documents/ocp-microscaling-formats-mx-v1-0-spec-final-pdf",
    "https://github.com/huggingface/transformers/blob/main/src/transformers/integrations/mxfp4.py",
  ],
  scheme(settings) {
    if (settings["dequantize"] === true) return { what: "dequantized when loaded", bits: 16, stored: () => undefined };
    const named = namesOf(settings, "modules_to_not_convert");
    return {
      what: "4-bit in groups of 32",
      bits: 4,
      stored(weight, model) {
        if (weight.kind !== "experts" || isSkipped(weight, model, named)) return undefined;
        const groups = Math.ceil(weight.inputs / 32);
        return {
          what: "4-bit in groups of 32",
          tensors: [
            { name: "blocks", role: "weights", dtype: "uint8", shape: [weight.outputs, groups, 16] },
            { name: "scales", role: "scales", dtype: "uint8", shape: [weight.outputs, groups] },
          ],
        };
      },
    };
  },
};
export default mxfp4;
