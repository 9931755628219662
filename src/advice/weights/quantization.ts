/** What the records of weight-only quantization share: where it fits, and what the changed model is. */
import { showBytes, showCount } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import type { Fix } from "../../cost/report.ts";
import type { Op } from "../../ops/op.ts";
import copies from "../../ops/pointwise/copies.ts";
import { type ConfigValue, configKeyEdit } from "../attention/configKey.ts";
import { layersOf } from "../code/flow.ts";
import type { Subject } from "../subject.ts";
import type { Change, Found, Knobs } from "../techniques/technique.ts";
import type { Format } from "./formats.ts";
import {
  blockWeights,
  type ProductWeight,
  productWeights,
  storedAs,
  storedTraffic,
  type WeightSite,
} from "./products.ts";

const fewBits = ["fp8", "int8", "int4"];

/** All matrices of linear layers but the output layer; a sentence where quantizing them makes no sense. */
export function quantizable(subject: Subject): Found<WeightSite> {
  const { scenario, figures, config } = subject;
  if (scenario.phase === "train")
    return { sites: [], why: "Quantized weights are not trained: freeze them and train adapters (see qlora)." };
  if (fewBits.includes(scenario.dtype) || config?.quantization_config !== undefined || holdsIntegers(figures.tree))
    return { sites: [], why: "The weights are stored in fewer bits already." };
  const weights = blockWeights(productWeights(subject));
  const bytes = weights.reduce((sum, one) => sum + one.bytes, 0);
  const total = known(subject.figures.layers.get("")?.params ?? 0) ?? 0;
  const own = weights.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
  if (weights.length === 0 || own < 1000) return { sites: [], why: "No matrix is read by products alone." };
  if (own < 0.05 * total)
    return { sites: [], why: `Only ${showCount(own)} of ${showCount(total)} parameters stand in linear layers.` };
  const at = figures.tree.classAt;
  return {
    sites: [
      {
        at,
        weights,
        what: `${weights.length} matrices of linear layers hold ${showCount(own)} of ${showCount(total)} parameters in ${showBytes(bytes, "GB")}.`,
      },
    ],
  };
}

/** Whether a matrix is held as integers: layers of a quantizing library. */
function holdsIntegers(tree: Subject["figures"]["tree"]): boolean {
  return layersOf(tree).some(({ parameters }) =>
    parameters.some(({ tensor }) => tensor.shape.length === 2 && /^u?int[48]$/.test(tensor.dtype)),
  );
}

/** The weights of the sites in a format; a kernel that writes them out first reads and writes them in 16 bits as well. */
export function quantized(
  subject: Subject,
  sites: readonly WeightSite[],
  format: Format,
  group = format.group,
): Pick<Change, "weight" | "rewrite" | "terms" | "shows"> {
  const weights = sites.flatMap((one) => one.weights);
  const bytes = (one: ProductWeight) => format.bytes(one, group);
  const [before, after] = [
    weights.reduce((sum, one) => sum + one.bytes, 0),
    weights.reduce((sum, one) => sum + bytes(one), 0),
  ];
  const elements = weights.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
  return {
    ...storedAs(
      weights,
      bytes,
      () => ({}),
      (weight) => (format.writesOut && weight.rows > 1 ? writtenOut : undefined),
    ),
    shows: [
      { name: "linear weights", before: showBytes(before, "GB"), after: showBytes(after, "GB") },
      { name: "bits a weight, scales included", after: Number(((8 * after) / elements).toFixed(3)) },
    ],
  };
}

/** The matrix in the type that it is multiplied in, made before the product by a kernel of its own. */
const writtenOut: Op = { ...(copies.find(({ name }) => name === "aten._to_copy") as Op), traffic: storedTraffic };

/** The format that the knob names. */
export function formatOf(formats: Readonly<Record<string, Format>>, { format }: Knobs): Format {
  const found = formats[String(format)];
  if (!found) throw new Error(`there is no format ${format}`);
  return found;
}

/** The key `quantization_config` of a config file. */
export function configEdit({ text, config }: Subject, value: ConfigValue, title: string): Fix | undefined {
  if (!config) return undefined;
  const edit = configKeyEdit(text, "quantization_config", value);
  return edit && { title, edits: [edit] };
}
