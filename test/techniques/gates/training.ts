/** Published figures of techniques that change training. */
import {
  draftedSpeed,
  draftShare,
  latentFlops,
  latentParameters,
  multiTokenParameters,
} from "../../../src/advice/training/latents.ts";
import type { Gate } from "./gate.ts";

/** The 1.3 B model of table 4: 2048 features, 50,257 tokens, an MLP of 6144 features (inferred: m = 3·d). */
const model = { width: 2048, vocabulary: 50_257, params: 1.32e9, inner: 6144 };

/** Tables 3 and 4, figure 10. */
export function nextlatGates(): readonly Gate[] {
  const { width, params, inner, vocabulary } = model;
  const steps = (added: number) => (3.09 * 6 * params) / (6 * params + added);
  const share = draftShare(params, model, inner);
  // A head of a block each, and the vocabulary's product, forward and backward.
  const multiToken = (heads: number) => heads * 6 * (multiTokenParameters(width) + width * vocabulary);
  return [
    {
      what: "A5: parameters of the MLP, M",
      published: "2.62",
      here: latentParameters(512, 1024) / 1e6,
      within: "exact",
    },
    {
      what: "1.3 B: training parameters, G",
      published: "1.40",
      here: (params + latentParameters(width, inner)) / 1e9,
      within: "exact",
    },
    ...(
      [
        [1, "1.37"],
        [2, "1.42"],
        [8, "1.72"],
      ] as const
    ).map(
      ([heads, published]): Gate => ({
        what: `1.3 B: training parameters with ${heads} multi-token heads, G`,
        published,
        here: (params + heads * multiTokenParameters(width)) / 1e9,
        within: "exact",
      }),
    ),
    ...(
      [
        [1, "3.09", 0.1],
        [2, "2.79", 0.095],
        [8, "1.73", 0.055],
      ] as const
    ).map(
      ([ahead, published, within]): Gate => ({
        what: `1.3 B on a B200: steps a second, ${ahead} ahead, from 3.09 without`,
        published,
        here: steps(latentFlops(model, inner, ahead, true)),
        within,
      }),
    ),
    ...(
      [
        [1, "2.80", 0.015],
        [2, "2.58", 0.035],
        [8, "1.70", 0.065],
      ] as const
    ).map(
      ([heads, published, within]): Gate => ({
        what: `1.3 B on a B200: steps a second, ${heads} multi-token heads`,
        published,
        here: steps(multiToken(heads)),
        within,
      }),
    ),
    ...(
      [
        ["Wiki", 4.59, "3.21"],
        ["Books", 4.86, "3.32"],
        ["Code", 2.83, "2.38"],
        ["Math", 3.94, "2.87"],
      ] as const
    ).map(
      ([text, accepted, published]): Gate => ({
        what: `self-drafting on ${text}, 5 drafts: faster by`,
        published,
        here: draftedSpeed(accepted, 5, share),
        within: 0.15,
      }),
    ),
  ];
}
