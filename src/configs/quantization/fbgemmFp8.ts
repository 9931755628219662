import type { Quantization } from "./quantization.ts";
import { isSkipped } from "./shared/modules.ts";
import { namesOf } from "./shared/settings.ts";

/** FP8 by FBGEMM's kernels: float8_e4m3fn with a float32 scale for each output, and a bound for the scales of activations. */
const fbgemmFp8: Quantization = {
  id: "fbgemm-fp8",
  name: "FBGEMM FP8",
  methods: ["fbgemm_fp8"],
  sources: ["https://github.com/huggingface/transformers/blob/main/src/transformers/integrations/fbgemm_fp8.py"],
  scheme(settings) {
    const named = namesOf(settings, "modules_to_not_convert");
    const what = "8-bit float, a scale for each output";
    return {
      what,
      bits: 8,
      stored(weight, model) {
        const isExperts = weight.kind === "experts" && /Llama4/.test(weight.className);
        if ((weight.kind !== "linear" && !isExperts) || isSkipped(weight, model, named)) return undefined;
        return {
          what,
          tensors: [
            { name: "weight", role: "weights", dtype: "float8_e4m3fn", shape: [weight.outputs, weight.inputs] },
            { name: "weight_scale", role: "scales", dtype: "float32", shape: [weight.outputs, 1] },
            { name: "input_scale_ub", role: "scales", dtype: "float32", shape: [1] },
          ],
        };
      },
    };
  },
};
export default fbgemmFp8;
