/** Derived and reported figures of the Bottlenecked Transformer (arXiv:2505.16950). */
import { invocationFlops, processorParams } from "../../../src/advice/cache/consolidation.ts";
import { subjectOf } from "../../support/subject.ts";
import { advised } from "../advised.ts";
import type { Gate } from "./gate.ts";
import { models, weighed } from "./models.ts";

const rows = [
  ["Llama-3.2-1B", 16, 1024, ["88.6", "7.2"], ["70.3", "5.7"]],
  ["Llama-3.2-3B", 28, 2048, ["184", "5.7"], ["152", "4.7"]],
  ["Llama-3.1-8B", 32, 2048, ["211", "2.6"], ["174", "2.2"]],
  ["Qwen3-0.6B", 28, 2048, ["184", "31"], ["152", "26"]],
] as const;

export function consolidationGates(): readonly Gate[] {
  const processor = (layers: number, elements: number, matrices: number) => ({
    layers,
    elements,
    width: 512,
    hidden: 2240,
    matrices,
  });
  const one = JSON.stringify(models["Llama-3.2-1B"]);
  const { before, after } = advised(
    subjectOf(one, { phase: "decode", sequence: 2048, device: "nvidia-a100-sxm-80gb" }),
    "bottlenecked-transformer",
  );
  const { params: ofOne } = weighed("Llama-3.2-1B");
  const more = (figure: "seconds" | "weightBytes") => 100 * ((after[figure] ?? 0) / (before[figure] ?? 1) - 1);
  return [
    ...rows.flatMap(([name, layers, elements, gated, plain]) => {
      const { params } = weighed(name);
      return [[3, gated, "gated"] as const, [2, plain, "not gated"] as const].flatMap(
        ([matrices, [millions, share], form]): Gate[] => {
          const added = processorParams(processor(layers, elements, matrices));
          return [
            {
              what: `${name}: the processor's parameters, ${form}, M`,
              published: millions,
              here: added / 1e6,
              within: "exact",
            },
            {
              what: `${name}: share of the model, ${form}, %`,
              published: share,
              here: (100 * added) / params,
              within: "exact",
            },
          ];
        },
      );
    }),
    ...(
      [
        [16, "22"],
        [32, "15"],
        [64, "11"],
      ] as const
    ).map(
      ([step, published]): Gate => ({
        what: `Llama-3.2-1B: FLOPs of decoding more by, steps of ${step} tokens, %`,
        published,
        here: (100 * invocationFlops(processor(16, 1024, 3), step + 32)) / (2 * step * ofOne),
        within: "exact",
      }),
    ),
    {
      what: "KV cache more by, bytes",
      published: "0",
      here: (after.kvBytes ?? 0) - (before.kvBytes ?? 0),
      within: "exact",
    },
    {
      what: "Llama-3.2-1B: time of a token more by, % (authors' code, 45; a floor here)",
      published: "3",
      here: more("seconds"),
      within: [0, 45],
    },
    {
      what: "Llama-3.2-1B: memory more by, % (authors' code; weights here)",
      published: "25",
      here: more("weightBytes"),
      within: [0, 25],
    },
  ];
}
