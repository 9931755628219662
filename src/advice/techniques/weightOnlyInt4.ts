import type { ConfigValue } from "../attention/configKey.ts";
import { fourBitFormats } from "../weights/formats.ts";
import { swapped } from "../weights/modules.ts";
import type { WeightSite } from "../weights/products.ts";
import { configEdit, formatOf, quantizable, quantized } from "../weights/quantization.ts";
import { type Knobs, technique } from "./technique.ts";

/**
 * Linear layers' weights in four bits, multiplied in the activations' type.
 *
 * Bytes count what the libraries store: codes, a scale and where there is one a zero point for each group, GPTQ's order of
 * inputs. Products read these bytes in place of the weights; NF4's kernel for more than one row first writes them out.
 */
export default technique<WeightSite>({
  id: "weight-only-int4",
  name: "4-bit weights",
  kind: "quantization",
  what: "Weights of linear layers are stored in four bits with a scale for each group; products run in the activations' type.",
  price:
    "Outputs change, and no figure here says by how much: measure quality. GPTQ and AWQ need some hundred calibration samples. Where products are bound by arithmetic nothing is won in time, and NF4 loses some.",
  demands: "calibration",
  exact: false,
  knobs: {
    format: { default: "nf4", what: "whose format", values: Object.keys(fourBitFormats) },
    group: { default: 0, what: "elements that share a scale; 0: the format's default", min: 0 },
  },
  find: quantizable,

  change(subject, sites, knobs) {
    const format = formatOf(fourBitFormats, knobs);
    return {
      ...quantized(subject, sites, format, Number(knobs.group) || format.group),
      remarks: [`${format.name} needs ${format.demands}. Embeddings and the output layer keep their type.`],
    };
  },

  edit(subject, sites, knobs) {
    const value = keyOf(knobs);
    const { name } = formatOf(fourBitFormats, knobs);
    const config = value && configEdit(subject, value, `Store linear weights as ${name}`);
    if (config) return config;
    if (!/^nf4/.test(String(knobs.format)))
      return { reason: `${name} converts a loaded model: no edit of the code that defines it` };
    const twice = knobs.format === "nf4-double" ? "True" : "False";
    return swapped(subject, sites, "Linear4bit", { quant_type: '"nf4"', compress_statistics: twice });
  },
});

function keyOf({ format, group }: Knobs): ConfigValue | undefined {
  if (format === "nf4" || format === "nf4-double")
    return {
      quant_method: "bitsandbytes",
      load_in_4bit: true,
      bnb_4bit_quant_type: "nf4",
      bnb_4bit_use_double_quant: format === "nf4-double",
    };
  if (format === "gptq" || format === "awq") return { quant_method: format, bits: 4, group_size: Number(group) || 128 };
  return undefined;
}
