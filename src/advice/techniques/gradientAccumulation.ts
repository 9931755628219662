import { showBytes } from "../../base/units.ts";
import { costsOf } from "../pricing.ts";
import { type Found, type Site, technique } from "./technique.ts";

/** The batch in equal parts, one after the other, their gradients summed before one step of the optimizer. */
export default technique<Site>({
  id: "gradient-accumulation",
  name: "Gradient accumulation",
  kind: "training-memory",
  what: "The batch runs in parts whose gradients are summed: activations are one part's.",
  price:
    "Smaller products use the device less, so that a step takes longer; BatchNorm sees one part at a time; the loss must be divided by the number of parts.",
  demands: "nothing",
  exact: false,
  knobs: {
    parts: { default: 2, min: 2, max: 1024, what: "parts that the batch is cut into; it must divide the batch" },
  },

  find(subject): Found {
    const { scenario } = subject;
    if (scenario.phase !== "train") return { sites: [] };
    if (scenario.batch < 2) return { sites: [], why: "A batch of one cannot be cut." };
    const { activationBytes = 0 } = costsOf(subject);
    return {
      sites: [
        {
          at: undefined,
          what: `${scenario.batch} sequences at once keep ${showBytes(activationBytes, "GB")} of activations.`,
        },
      ],
    };
  },

  change({ scenario }, _sites, { parts }) {
    const count = Math.max(1, Math.min(Number(parts), scenario.batch));
    const batch = Math.ceil(scenario.batch / count);
    const formula = "parts times one part's pass";
    return {
      scenario: { batch, gradientAccumulation: count * (scenario.gradientAccumulation ?? 1) },
      terms: (["flops", "stepFlops", "trafficBytes"] as const).map((figure) => ({
        figure,
        factor: count,
        formula,
      })),
      remarks: [
        ...(scenario.batch % count === 0
          ? []
          : [`${count} does not divide ${scenario.batch}: parts of ${batch} are weighed.`]),
      ],
    };
  },

  edit() {
    return { reason: "the loop's data loader and its schedule change with the size of the parts" };
  },
});
