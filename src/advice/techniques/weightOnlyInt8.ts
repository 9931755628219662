import { eightBitFormats } from "../weights/formats.ts";
import type { WeightSite } from "../weights/products.ts";
import { configEdit, formatOf, quantizable, quantized } from "../weights/quantization.ts";
import { technique } from "./technique.ts";

/** Linear layers' weights in eight bits, multiplied in the activations' type: one byte an element, and the scales. */
export default technique<WeightSite>({
  id: "weight-only-int8",
  name: "8-bit weights",
  kind: "quantization",
  what: "Weights of linear layers are stored in eight bits with a scale for each output; products run in the activations' type.",
  price: "Outputs change a little: measure quality. Where products are bound by arithmetic nothing is won in time.",
  demands: "nothing",
  exact: false,
  knobs: {
    format: { default: "torchao", what: "whose format", values: Object.keys(eightBitFormats) },
    group: { default: 0, what: "elements that share a scale; 0: the format's default", min: 0 },
  },
  find: quantizable,

  change(subject, sites, knobs) {
    const format = formatOf(eightBitFormats, knobs);
    return {
      ...quantized(subject, sites, format, Number(knobs.group) || format.group),
      remarks: [`${format.name} needs ${format.demands}. Embeddings and the output layer keep their type.`],
    };
  },

  edit(subject, _, { format, group }) {
    const value = format === "gptq" ? { quant_method: "gptq", bits: 8, group_size: Number(group) || 128 } : undefined;
    return (
      (value && configEdit(subject, value, "Store linear weights in 8 bits")) ?? {
        reason: "torchao converts a loaded model: torchao.quantization.quantize_(model, Int8WeightOnlyConfig())",
      }
    );
  },
});
