import { showBytes } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import type { Op } from "../../ops/op.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { integer } from "../../tensor/size.ts";
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import { formula } from "../../trace/formulas.ts";
import type { Operation } from "../../trace/trace.ts";
import { layersOf } from "../code/flow.ts";
import { fixedIn, followed, keptBytes, packing } from "../training/keptOtherwise.ts";
import { type LinearUse, linearUses } from "../training/linears.ts";
import { sampledEdit } from "../training/sampledCode.ts";
import { edited } from "../training/scaffold.ts";
import { type Found, type Site, technique } from "./technique.ts";

interface RowsSite extends Site {
  readonly linears: readonly LinearUse[];
  readonly products: readonly Operation[];
  readonly masks: readonly Operation[];
  /** Operations of norms, by the call that each belongs to. */
  readonly norms: readonly Operation[];
}

/**
 * The weight's gradient of a linear layer is estimated from k of its n rows: those of largest norm, and others drawn by their
 * norms and weighted, so that the estimate is unbiased. k·d·b + 8·k bytes are kept in place of n·d·b, and the gradient's product
 * is k/n of what it was. Attention's products keep k rows of both operands.
 */
export default technique<RowsSite>({
  id: "wta-crs",
  name: "WTA-CRS",
  kind: "training-memory",
  paper: {
    title: "Winner-Take-All Column Row Sampling for Memory Efficient Adaptation of Language Model",
    arxiv: "2305.15265",
    year: 2023,
    where: "section 3; the released code's modules",
  },
  what: "Linear layers keep a part of their input's rows, and estimate the weight's gradient from it.",
  price:
    "Gradients are estimates: 0.3 to 0.4 points on GLUE were lost; steps were 11 to 14 % slower at equal batch. The edit draws rows by the norms of activations alone; the paper also weighs each sample's gradient norms of the epoch before, for which samples need fixed numbers.",
  demands: "training",
  exact: false,
  knobs: {
    ratio: { default: 0.3, min: 0.01, max: 1, what: "rows kept, of all rows" },
    attention: { default: false, what: "whether the operands of attention's products are sampled as well" },
    extras: {
      default: false,
      what: "whether norms keep their result in place of their input, and ReLU and dropout one bit, as the release does",
    },
  },

  find({ step, scenario, figures }): Found<RowsSite> {
    if (!step || scenario.phase !== "train")
      return { sites: [], why: "Nothing is kept for backward in this phase: it is for training." };
    const uses = linearUses(step, figures.tree);
    const inputOf = ({ operation, input }: LinearUse) => (operation.call.args[input] as Tensor).storage;
    const readers = new Map<object, number>();
    for (const use of uses) readers.set(inputOf(use), (readers.get(inputOf(use)) ?? 0) + 1);
    // An input that several layers share (queries, keys and values) is kept once for all of them.
    const linears = uses.filter((use, i) => {
      const x = use.operation.call.args[use.input];
      const isShared = (readers.get(inputOf(use)) ?? 0) > 1;
      if (!use.operation.call.out.some(({ requiresGrad }) => requiresGrad)) return false;
      return i < uses.length - 1 && !isShared && use.parameter.requiresGrad && isTensor(x) && x.shape.length > 2;
    });
    const rows = Math.max(0, ...linears.map(({ operation }) => rowsOf(operation)));
    const [first] = linears;
    if (!first) return { sites: [], why: "No trained linear layer is given sequences: frozen ones keep no input." };
    if (rows < 4 * first.inFeatures)
      return {
        sites: [],
        why: `The batch has ${rows} rows of ${first.inFeatures} features: rows of activations do not outweigh the layers themselves.`,
      };
    const layers = new Map(layersOf(figures.tree).map(({ module, className }) => [module as object, className]));
    const isInNorm = ({ module }: Operation) => /Norm$/.test(layers.get(step.calls[module]?.module as object) ?? "");
    const own = new Set(linears.map(({ operation }) => operation));
    const others = followed(step).filter((one) => !own.has(one) && !one.call.inPlace && one.saved.length > 0);
    return {
      sites: [
        {
          at: first.operation.at,
          what: `${linears.length} linear layers keep all of ${rows} rows, behind ${showBytes(keptBytes(step), "GB")} kept for backward.`,
          linears,
          products: others.filter(({ name }) => /^aten\.(matmul|bmm)$/.test(name)),
          masks: others.filter(({ name }) => /^aten\.(relu|native_dropout|dropout)$/.test(name)),
          norms: others.filter(
            (one) => /layer_norm|rms_norm/.test(one.name) || (/^aten\.(pow|mul)$/.test(one.name) && isInNorm(one)),
          ),
        },
      ],
    };
  },

  change(subject, [site], { ratio, attention, extras }) {
    const { step } = subject;
    if (!step || !site) return {};
    const fix =
      attention === true || extras === true ? { reason: "" } : sampledEdit(subject, pathsOf(site), Number(ratio));
    if (!("reason" in fix)) return { text: edited(subject.text, fix), remarks: [published] };
    const share = Number(ratio);
    const isFixed = fixedIn(step);
    const linears = new Map(site.linears.map((use) => [use.operation.call, use]));
    const products = new Set(attention === true ? site.products.map(({ call }) => call) : []);
    const oneBit = new Set(extras === true ? site.masks.map(({ call }) => call) : []);
    const norms = new Set(extras === true ? site.norms.map(({ call }) => call) : []);
    const lastOf = new Map(site.norms.map(({ module, call }) => [module, call]));
    return {
      rewrite: ({ step: one, args, run }) => {
        const use = linears.get(one.call);
        if (use) return run(sampled(one.call.op, use, share), ...args);
        if (products.has(one.call))
          return run(
            packing(one.call.op, { arguments: [0, 1] }, (bytes) => Math.ceil(share * bytes), isFixed),
            ...args,
          );
        if (oneBit.has(one.call)) return run(withBits(one.call.op), ...args);
        if (norms.has(one.call)) return run(keepingResult(one.call.op, lastOf.get(one.module) === one.call), ...args);
        return undefined;
      },
      remarks: [
        "Gradient norms of all samples lie in the host's memory, 2 bytes a token and layer; the first epoch has none yet.",
        ...(extras === true ? [] : [published]),
      ],
    };
  },

  edit(subject, [site], { ratio, attention, extras }) {
    if (!site) return { reason: "it fits nowhere" };
    if (attention === true || extras === true)
      return { reason: "sampled attention, one-bit masks and in-place norms need the authors' CUDA operations" };
    return sampledEdit(subject, pathsOf(site), Number(ratio));
  },
});

const published =
  "Without one-bit masks, in-place norms and sampled attention, most of the saving that was published is gone.";

function pathsOf({ linears }: RowsSite): ReadonlySet<string> {
  return new Set(linears.map(({ path }) => path));
}

function rowsOf({ call }: Operation): number {
  const x = call.args.find(isTensor);
  return x ? x.shape.slice(0, -1).reduce<number>((count, size) => count * integer(size), 1) : 0;
}

/** A linear layer that keeps a share of its input's rows, with their numbers. */
function sampled(op: Op, { input, inFeatures, outFeatures }: LinearUse, share: number): Op {
  const rows = (args: readonly unknown[]) => {
    const x = args[input] as Tensor;
    return Math.ceil(share * x.shape.slice(0, -1).reduce<number>((count, size) => count * integer(size), 1));
  };
  return {
    ...op,
    saves(args, out, needs) {
      const x = args[input] as Tensor;
      const weight = input + 1;
      const bytes = rows(args) * (inFeatures * itemBytes(x.dtype) + 8);
      return [
        needs[weight] && { extraBytes: bytes, what: "sampled rows" },
        ...(op.saves?.(args, out, needs) ?? []).filter((one) => one && isTensor(one) && one.storage !== x.storage),
      ];
    },
    backward(grads, call) {
      const weight = input + 1;
      const needs = call.needs.map((one, i) => one && i !== weight);
      const kept =
        op.saves?.(call.args, call.out, call.needs)?.map((one) => (one && isTensor(one) ? one : undefined)) ?? [];
      const result = [...formula(op)(grads, { ...call, needs, kept })];
      const [grad] = grads;
      const tensor = call.args[weight] as Tensor;
      if (call.needs[weight] && grad && call.kept[0]) {
        const chosen = rows(call.args);
        const [gathered] = call.kernel(
          "aten.index_select",
          [{ extraBytes: known(call.kept[0].storage.bytes) ?? 0, what: "sampled rows" }],
          [{ shape: [chosen, outFeatures], dtype: grad.dtype }],
        ) as [Tensor];
        const [made] = call.kernel(
          "aten.mm",
          [gathered, call.kept[0]],
          [{ shape: tensor.shape, dtype: tensor.dtype }],
          {
            macs: chosen * inFeatures * outFeatures,
          },
        );
        call.drop(gathered);
        result[weight] = made;
      }
      return result;
    },
  };
}

/** A norm that works in place: of all that is as large as its result, the result is kept, by its last operation. */
function keepingResult(op: Op, isLast: boolean): Op {
  const own = (args: Parameters<NonNullable<Op["saves"]>>) => op.saves?.(...args) ?? [];
  return {
    ...op,
    saves: (args, out, needs) =>
      own([args, out, needs]).map((one) =>
        one && isTensor(one) && one.shape.length === out[0]?.shape.length && one.shape.at(-1) === out[0]?.shape.at(-1)
          ? isLast && out[0]
          : one,
      ),
    backward(grads, call) {
      const kept = own([call.args, call.out, call.needs]).map((one, i) => (one && isTensor(one) ? one : call.kept[i]));
      return formula(op)(grads, { ...call, kept });
    },
  };
}

/** ReLU keeps a bit an element, dropout a bit of its mask. */
function withBits(op: Op): Op {
  return {
    ...op,
    saves(args, out, needs) {
      return (op.saves?.(args, out, needs) ?? []).map((one) => {
        if (!one) return one;
        if (!isTensor(one)) return { ...one, extraBytes: Math.ceil((known(one.extraBytes) ?? 0) / 8) };
        const count = (known(one.storage.bytes) ?? 0) / itemBytes(one.dtype);
        return { extraBytes: Math.ceil(count / 8), what: "mask in bits" };
      });
    },
    backward(grads, call) {
      const own = op.saves?.(call.args, call.out, call.needs) ?? [];
      const kept = own.map((one, i) => (one && isTensor(one) ? one : call.kept[i]));
      return formula(op)(grads, { ...call, kept });
    },
  };
}
