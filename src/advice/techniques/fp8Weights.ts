import type { Format } from "../weights/formats.ts";
import type { WeightSite } from "../weights/products.ts";
import { quantizable, quantized } from "../weights/quantization.ts";
import { technique } from "./technique.ts";

const fp8: Format = {
  name: "float8_e4m3fn",
  // One float32 scale an output (torchao's weight-only config).
  bytes: ({ outputs, inputs }) => outputs * inputs + 4 * outputs,
  group: 0,
  writesOut: false,
  demands: "no calibration",
};

/**
 * Linear layers' weights as 8-bit floating-point numbers with a scale for each output.
 *
 * Only what is stored and read is counted: products run in the activations' type. Where activations are quantized as well a
 * device with FP8 units multiplies faster, which is not in the figures.
 */
export default technique<WeightSite>({
  id: "fp8-weights",
  name: "FP8 weights",
  kind: "quantization",
  what: "Weights of linear layers are stored as float8_e4m3fn with a scale for each output.",
  price: "Outputs change a little: measure quality. Devices before compute capability 8.9 convert in software.",
  demands: "nothing",
  exact: false,
  knobs: {},
  find: quantizable,

  change(subject, sites) {
    const { device } = subject;
    const [rate, half] = [device?.flopsPerSecond.f8, device?.flopsPerSecond.bf16];
    return {
      ...quantized(subject, sites, fp8),
      remarks: [
        rate && half
          ? `${device?.name} multiplies FP8 ${(rate / half).toFixed(1)} × as fast as bfloat16: with activations in FP8 products bound by arithmetic gain at most that, which is not in the figures.`
          : `${device?.name ?? "The device"} has no FP8 units: only memory and its traffic are saved.`,
      ],
    };
  },

  edit: () => ({
    reason: "torchao converts a loaded model: torchao.quantization.quantize_(model, Float8WeightOnlyConfig())",
  }),
});
