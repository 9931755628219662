import { known } from "../../base/unknown.ts";
import { timeOf } from "../../cost/time/timeOf.ts";
import type { Op } from "../../ops/op.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import type { Trace } from "../../trace/trace.ts";
import type { Subject } from "../subject.ts";
import { int8FewRows, int8Speed, manyRows, outlierColumns } from "../weights/int8Speeds.ts";
import { swapped } from "../weights/modules.ts";
import { type ProductWeight, storedAs, storedTraffic, type WeightSite } from "../weights/products.ts";
import { configEdit, quantizable } from "../weights/quantization.ts";
import { type Knobs, type Term, technique } from "./technique.ts";

/** Width from which table 5's products are faster than 16-bit ones. */
const breakEven = 4536;

/**
 * Linear weights as int8 with a float32 scale for each output: P_lin + 4·Σo + 2·P_rest bytes.
 *
 * The products' time is that of 16 bits over the speed measured at their width (table 5), at few rows over that of whole
 * models (table 6). Quantizing the activations and scaling the result back moves 4·h + 10·o bytes a token.
 */
export default technique<WeightSite>({
  id: "llm-int8",
  name: "LLM.int8()",
  kind: "quantization",
  paper: {
    title: "LLM.int8(): 8-bit Matrix Multiplication for Transformers at Scale",
    arxiv: "2208.07339",
    year: 2022,
    where: "section 3, tables 4 to 6",
  },
  what: "Linear layers multiply int8 weights with activations quantized token by token; the few columns with outliers stay in 16 bits.",
  price:
    "Slower below a width of about 4500, down to 0.14 × at 768. Inputs are cast to fp16. Embeddings, the output layer, norms and biases keep their type; perplexity is the paper's only up to 13 B parameters, and T5's wo has to stay in fp32.",
  demands: "nothing",
  exact: false,
  knobs: {
    threshold: {
      default: 6,
      what: "magnitude from which a column of activations is multiplied in 16 bits; 0: none",
      min: 0,
    },
  },
  find: quantizable,

  change(subject, sites, knobs) {
    const weights = sites.flatMap((site) => site.weights);
    const total = known(subject.figures.layers.get("")?.params ?? 0) ?? 0;
    const columns = knobs.threshold === 0 ? 0 : outlierColumns(total);
    const width = Math.max(...weights.map(({ inputs, outputs }) => Math.min(inputs, outputs)));
    return {
      ...storedAs(weights, int8Bytes, (_, weight) => quantizedInputs(weight)),
      terms: slowerProducts(subject, weights, knobs),
      shows: [
        { name: "speed of the products at few rows", after: `${int8FewRows(1).toFixed(2)} ×` },
        { name: `speed of the products at width ${width}`, after: `${speedOf(width, knobs).toFixed(2)} ×` },
        { name: "columns in 16 bits", after: columns },
        { name: "share of columns in 16 bits", after: `${((100 * columns) / width).toFixed(2)} %` },
      ],
      remarks:
        width < breakEven
          ? [`Its matrices are ${width} wide: 8-bit products are slower than 16-bit ones below about ${breakEven}.`]
          : [],
    };
  },

  edit(subject, sites, knobs) {
    const value = { quant_method: "bitsandbytes", load_in_8bit: true, llm_int8_threshold: Number(knobs.threshold) };
    const given = { has_fp16_weights: "False", threshold: Number(knobs.threshold).toFixed(1) };
    return (
      configEdit(subject, value, "Load linear weights in 8 bits") ?? swapped(subject, sites, "Linear8bitLt", given)
    );
  },
});

/** One byte an element and a float32 scale for each output. */
export function int8Bytes({ outputs, inputs }: Pick<ProductWeight, "outputs" | "inputs">): number {
  return outputs * inputs + 4 * outputs;
}

function quantizedInputs({ inputs, outputs }: ProductWeight): Partial<Op> {
  return {
    traffic: (args, out) => {
      const { read, written } = storedTraffic(args, out);
      const [result] = out;
      const tokens = result ? written / itemBytes(result.dtype) / outputs : 0;
      return {
        read: read + tokens * (2 * inputs + 4 * outputs),
        written: written + tokens * (2 * inputs + 6 * outputs),
      };
    },
    workspaceBytes: (_, out) => {
      const [result] = out;
      if (!result) return 0;
      const { written } = storedTraffic([], [result]);
      const tokens = written / itemBytes(result.dtype) / outputs;
      return tokens * (inputs + 4 * outputs);
    },
  };
}

function speedOf(width: number, { threshold }: Knobs): number {
  return int8Speed(width, threshold === 0 ? "vectorwise" : "llm-int8");
}

/** The difference to what the changed trace's own products would take. */
function slowerProducts({ device, pass, scenario }: Subject, weights: readonly ProductWeight[], knobs: Knobs): Term[] {
  if (!device) return [];
  const byStorage = new Map(weights.map((one) => [one.tensor.storage, one]));
  const ofEvent = new Map<number, ProductWeight>();
  const changed: Trace = {
    ...pass,
    events: pass.events.map((event) => {
      if (event.kind !== "operation" || event.macs === 0) return event;
      const own = event.inputs.map(({ storage }) => byStorage.get(storage)).find((one) => one !== undefined);
      const traffic = own && quantizedInputs(own).traffic?.(event.call.args, event.call.out);
      if (!own || !traffic) return event;
      ofEvent.set(event.index, own);
      const less = own.bytes - int8Bytes(own);
      return { ...event, bytesRead: traffic.read - less, bytesWritten: traffic.written };
    }),
  };
  const [before, after] = [timeOf(pass, { device, scenario }), timeOf(changed, { device, scenario })];
  const [host, now, eager] = [before.hostSeconds, after.seconds, after.eagerSeconds].map(known);
  if (host === undefined || now === undefined || eager === undefined) return [];
  let add = 0;
  for (const [index, { inputs, outputs, rows }] of ofEvent) {
    const table = speedOf(Math.min(inputs, outputs), knobs);
    const speed = rows <= manyRows ? Math.min(table, int8FewRows(rows)) : table;
    add += (before.operations.get(index)?.seconds ?? 0) / speed - (after.operations.get(index)?.seconds ?? 0);
  }
  // Four kernels beside the product: quantizing, picking the outliers, multiplying them, scaling back.
  const asked = host * (1 + (4 * ofEvent.size) / Math.max(1, before.operations.size));
  const formula =
    "time in 16 bits over the speed measured at the product's width (table 5), at few rows on whole models (table 6)";
  return [
    { figure: "seconds", add, formula },
    { figure: "eagerSeconds", add: Math.max(asked, now + add) - eager, formula },
  ];
}
