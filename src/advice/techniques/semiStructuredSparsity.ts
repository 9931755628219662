import { storedAs, type WeightSite } from "../weights/products.ts";
import { quantizable } from "../weights/quantization.ts";
import { technique } from "./technique.ts";

/**
 * Two of every four neighbouring weights are zero: the others are stored with two bits each that say where they stood.
 *
 * In 16 bits that is 9/16 of the dense bytes. Devices with sparse units skip the products with zeros (at most twice as fast);
 * on others the weights are kept, and multiplied, dense.
 */
export default technique<WeightSite>({
  id: "semi-structured-sparsity",
  name: "2:4 sparsity",
  kind: "architecture",
  paper: { title: "Accelerating Sparse Deep Neural Networks", arxiv: "2104.08378", year: 2021, where: "section 3" },
  what: "Two of every four neighbouring weights of linear layers are pruned and not stored.",
  price:
    "Half of the weights are gone: pruned models are trained on, and quality has to be measured. PyTorch has kernels from compute capability 8.0 for matrices that are multiples of 32 and 64; kernels reach a part of the factor of two.",
  demands: "fine-tuning",
  exact: false,
  knobs: {},

  find(subject) {
    const { device, scenario } = subject;
    if (scenario.phase === "train")
      return { sites: [], why: "Sparse weights are for inference: training keeps them dense behind a mask." };
    const found = quantizable(subject);
    const weights = found.sites.flatMap((one) => one.weights).filter(({ tensor }) => bitsOf(tensor.dtype) === 16);
    if (!device?.capability || device.capability < 8)
      return {
        sites: [],
        why: `${device?.name ?? "The device"} has no sparse matrix units: zeros are stored and multiplied.`,
      };
    if (found.sites.length > 0 && weights.length === 0)
      return { sites: [], why: "Sparse units multiply 16 bits and fewer: the weights are in fp32 here." };
    const fitting = weights.filter(({ outputs, inputs }) => outputs % 32 === 0 && inputs % 64 === 0);
    return found.sites.length === 0 || fitting.length === 0
      ? { sites: [], why: found.why ?? "No matrix is a multiple of 32 × 64." }
      : { sites: found.sites.slice(0, 1).map((one) => ({ ...one, weights: fitting })) };
  },

  change(_, sites) {
    const weights = sites.flatMap((one) => one.weights);
    return {
      ...storedAs(
        weights,
        ({ bytes }) => (bytes * 9) / 16,
        (op) => ({ macs: (args, out) => (op.macs?.(args, out) ?? 0) / 2 }),
      ),
      remarks: [
        "FLOPs count what sparse units compute. Time takes them as twice as fast as dense ones: an upper bound.",
      ],
    };
  },

  edit: () => ({
    reason: "torch.sparse.to_sparse_semi_structured(weight) converts weights that are pruned already",
  }),
});

const bitsOf = (dtype: string) => (/16$/.test(dtype) ? 16 : 32);
