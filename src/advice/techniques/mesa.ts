import { showBytes } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import { isFloating } from "../../tensor/dtype.ts";
import type { Operation, Trace } from "../../trace/trace.ts";
import { layersOf } from "../code/flow.ts";
import { costsOf } from "../pricing.ts";
import { authorsLayers } from "../training/authorsLayers.ts";
import { decoratedForward } from "../training/decorated.ts";
import { eightBitCode, eightBits, fewestPacked, shapesOf } from "../training/eightBits.ts";
import { fixedIn, followed, keptBytes } from "../training/keptOtherwise.ts";
import { type Region, regionOf } from "../training/region.ts";
import { type Found, type Site, technique } from "./technique.ts";

interface PackedSite extends Site {
  readonly operations: ReadonlySet<Operation>;
  readonly region: Region;
}

/** Activations below this share of the peak are not what fills the device. */
const worthwhile = 0.5;

/**
 * Saved activations in 8 bits with a scale and a shift for each group: of the 36·td + 10·A bytes that a block keeps in mixed
 * precision, 16·td + 3·A stay in the authors' layers, 16·td + 2·A under hooks (td = B·S·d, A = B·h·S²). The forward pass uses
 * exact values.
 */
export default technique<PackedSite>({
  id: "mesa",
  name: "Mesa",
  kind: "training-memory",
  paper: {
    title: "Mesa: A Memory-saving Training Framework for Transformers",
    arxiv: "2111.11124",
    year: 2021,
    where: "the released code's layers, table of the README",
  },
  what: "What autograd keeps of linear layers, products, softmax, norms and activations is an 8-bit copy.",
  price:
    "Gradients get the noise of 8-bit rounding; each step packs and restores what is kept, so that it is slower. Weights, gradients and optimizer state stay as they are.",
  demands: "training",
  exact: false,
  knobs: {
    groups: { default: 3, min: 1, max: 128, what: "groups of channels or heads with a scale of their own" },
    form: {
      default: "hooks",
      values: ["hooks", "layers"],
      what: "hooks on what is kept, or the authors' layers (a CUDA extension), which keep softmax's input as well and one bit for ReLU",
    },
  },

  find(subject): Found<PackedSite> {
    const { step, scenario } = subject;
    if (!step || scenario.phase !== "train") return { sites: [], why: notTraining };
    const region = regionOf(subject, step);
    const operations = followed(step).filter((one) => region.holds(one) && keepsItsOwn(one, step));
    const bytes = keptBytes(step);
    if (operations.length === 0) return { sites: [], why: "No activations of full width are kept for backward." };
    const { activationBytes = 0, peakBytes = 1 } = costsOf(subject);
    if (activationBytes < worthwhile * peakBytes)
      return {
        sites: [],
        why: `Activations are ${Math.round((100 * activationBytes) / peakBytes)} % of the peak: weights and their states are more.`,
      };
    const fused = operations.filter(({ name }) => name === "aten.scaled_dot_product_attention").length;
    const note = fused > 0 ? ` ${fused} of them are fused attention, which keeps no scores already.` : "";
    return {
      sites: [
        {
          at: operations[0]?.at,
          what: `${operations.length} operations are behind the ${showBytes(bytes, "GB")} kept for backward.${note}`,
          operations: new Set(operations),
          region,
        },
      ],
    };
  },

  change({ step }, [site], { groups, form }) {
    if (!step || !site) return {};
    const count = Number(groups);
    if (form === "layers") return { rewrite: authorsLayers(site.operations, count, fixedIn(step)), remarks: [ranges] };
    const chosen = new Set([...site.operations].map(({ call }) => call));
    const layers = site.region.layers.flatMap(layersOf);
    const pack = eightBits(count, shapesOf(layers.flatMap((one) => one.parameters.map(({ tensor }) => tensor))));
    return {
      rewrite(rewriting) {
        if (chosen.has(rewriting.step.call)) rewriting.pack(pack);
        return undefined;
      },
    };
  },

  edit(subject, [site], { groups, form }) {
    if (form === "layers") return { reason: "the authors' layers need their CUDA extension and torch 1.10 or older" };
    if (!site) return { reason: "it fits nowhere" };
    return decoratedForward(subject, site.region, {
      title: "Keep activations for backward in 8 bits",
      decorator: `kept_in_8_bits(${Number(groups)})`,
      above: eightBitCode,
      imports: ["functools"],
    });
  },
});

const notTraining = "Nothing is kept for backward in this phase: it is for training.";
const ranges = "At the first steps the ranges are still being learned.";

/** Whether it keeps floating activations as it was given or made them; those that hooks packed are others. */
function keepsItsOwn({ inputs, outputs, saved, made }: Operation, { events }: Trace): boolean {
  const own = new Map([...inputs, ...outputs].map((one) => [one.storage, one.dtype]));
  const known_ = new Set(events.flatMap((event) => (event.kind === "operation" ? event.made : [])));
  return saved.some((storage) => {
    if (storage.role === "parameter" || storage.role === "buffer") return false;
    const dtype = own.get(storage);
    const bytes = known(storage.bytes) ?? 0;
    if (bytes < 4 * fewestPacked) return false;
    return dtype ? isFloating(dtype) : !known_.has(storage) || made.includes(storage);
  });
}
