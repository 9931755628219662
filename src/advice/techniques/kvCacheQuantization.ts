import { scenarioItemBytes } from "../../base/scenario.ts";
import { showBytes } from "../../base/units.ts";
import { sizesOf } from "../../cost/memory/holdings.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { integers } from "../../tensor/size.ts";
import { cacheBytes } from "../attention/caches.ts";
import { type Found, type Site, technique } from "./technique.ts";

/**
 * Keys and values stored in fewer bits: the cache's elements take the type's bytes, and where a group of them shares a scale
 * and a zero point these take two bytes each.
 *
 * FP8 needs no scales a group and is read by attention kernels as it is: a decode step reads that much less. Integer caches
 * (transformers' QuantizedCache, KIVI) are written out in 16 bits before attention: no time is saved.
 */
export default technique<Site>({
  id: "kv-cache-quantization",
  name: "KV cache quantization",
  kind: "kv-cache",
  what: "Cached keys and values are stored in 8 or 4 bits.",
  price:
    "Attention sees rounded keys and values: quality falls with the bits, keys suffering most, so measure it on long contexts. FP8 needs kernels that read it (vLLM's kv_cache_dtype, FlashInfer); integer caches cost time where they are written out.",
  demands: "nothing",
  exact: false,
  knobs: {
    type: { default: "fp8", what: "of the stored keys and values", values: ["fp8", "int8", "int4"] },
    group: { default: 64, what: "elements that share a scale and a zero point (int8, int4)", min: 1 },
  },

  find({ kvCaches, scenario, device }): Found<Site> {
    if (kvCaches.length === 0 || kvCaches.flat().some((one) => !sizesOf(one))) return { sites: [] };
    if (scenario.kvDtype && scenarioItemBytes(scenario.kvDtype) <= 1)
      return { sites: [], why: `The KV cache is in ${scenario.kvDtype} already.` };
    const bytes = cacheBytes(kvCaches);
    const share = device ? bytes / device.memoryBytes : 0;
    return {
      sites: [
        {
          at: undefined,
          what: `Keys and values of ${kvCaches.length} layers take ${showBytes(bytes, "GB")} at ${scenario.batch} × ${scenario.sequence} tokens${device ? `, ${(100 * share).toPrecision(2)} % of ${device.name}'s memory` : ""}.`,
        },
      ],
    };
  },

  change({ kvCaches, device, scenario }, _, { type, group }) {
    const kvDtype = type as "fp8" | "int8" | "int4";
    const elements = kvCaches
      .flat()
      .reduce((sum, { shape }) => sum + integers(shape).reduce((n, size) => n * size, 1), 0);
    const before = kvCaches
      .flat()
      .reduce((sum, one) => sum + itemBytes(one.dtype) * integers(one.shape).reduce((n, size) => n * size, 1), 0);
    // The costs count a group of 64.
    const scales = kvDtype === "fp8" ? 0 : (4 * elements) / Number(group) - (4 * elements) / 64;
    const saved = before - elements * scenarioItemBytes(kvDtype);
    const scaleFormula = "a scale and a zero point of two bytes each for a group";
    const readFormula = "a decode step reads each cached key and value once";
    const isRead = kvDtype === "fp8" && scenario.phase === "decode";
    return {
      scenario: { kvDtype },
      terms: [
        ...(scales !== 0
          ? [
              { figure: "kvBytes" as const, add: scales, formula: scaleFormula },
              { figure: "peakBytes" as const, add: scales, formula: scaleFormula },
            ]
          : []),
        ...(isRead ? [{ figure: "trafficBytes" as const, add: -saved, formula: readFormula }] : []),
        ...(isRead && device
          ? (["seconds", "eagerSeconds"] as const).map((figure) => ({
              figure,
              add: -saved / device.memoryBytesPerSecond,
              formula: readFormula,
            }))
          : []),
      ],
      remarks: isRead ? [] : ["Only memory is saved: nothing reads the stored form directly."],
    };
  },
});
