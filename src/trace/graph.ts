/** Nodes of the autograd graph: what an operation's gradient goes to, also where memory was written in place. */
import type { Place } from "../base/place.ts";
import type { Arg, BackwardCall, Gradient, Op } from "../ops/op.ts";
import { type GradCall, type GradNode, isTensor, type Storage, sameLayout, type Tensor } from "../tensor/tensor.ts";
import { formula, partOf } from "./formulas.ts";

/** Where and for how many slices an operation runs. */
export interface Standing {
  readonly index: number;
  readonly module: number;
  readonly slices: number;
  readonly at: Place | undefined;
  readonly restore?: GradCall["restore"];
}

/** A node of the graph, held by nobody yet, as are its inputs and what it saves by it. */
export function gradNode(
  op: Op,
  args: readonly Arg[],
  out: readonly Tensor[],
  needs: readonly boolean[],
  kept: readonly (Tensor | undefined)[],
  inPlace: boolean,
  { index, module, slices, at, restore }: Standing,
): GradNode {
  const inputs: GradNode[] = [];
  for (const arg of args) {
    if (Array.isArray(arg)) {
      for (const one of arg) if (isTensor(one) && one.node) inputs.push(one.node);
    } else if (isTensor(arg) && arg.node) inputs.push(arg.node);
  }
  const saved = new Set<Storage>();
  for (const one of kept) if (one) saved.add(one.storage);
  const call = { op, args, out, needs, kept, inPlace, slices, module, at, restore };
  return { name: op.name, index, inputs, saved: [...saved], holders: 0, call };
}

/**
 * Arguments whose tensors say where their gradient goes: a write into their memory that came later than they did comes
 * first. `added` takes the nodes that had to be put between.
 */
export function resolved(args: readonly Arg[], added: GradNode[]): readonly Arg[] {
  if (!args.some(isStale)) return args;
  return args.map((arg): Arg => {
    if (Array.isArray(arg)) return arg.map((one) => (isTensor(one) ? latest(one, added) : one));
    return isTensor(arg) ? latest(arg, added) : arg;
  });
}

/** The tensor with the node of the write into its memory that came after it, if one did. */
export function latest(tensor: Tensor, added: GradNode[]): Tensor {
  if (!isStale(tensor)) return tensor;
  const { writer, base } = tensor.storage;
  const written = { node: writer as GradNode, output: 0, requiresGrad: true };
  if (!base || sameLayout(base, tensor)) return { ...tensor, ...written };
  return viewOf({ ...base, ...written }, tensor, added);
}

function isStale(arg: Arg): boolean {
  if (Array.isArray(arg)) return arg.some(isStale);
  if (!isTensor(arg)) return false;
  const { writer } = arg.storage;
  return writer !== undefined && !(arg.node && arg.node.index >= writer.index);
}

/** A view as PyTorch finds it again after its base was written to: its gradient is a part of the base's. */
export function viewOf(base: Tensor, tensor: Tensor, added: GradNode[]): Tensor {
  const { index, call } = base.node as GradNode;
  const view: Tensor = { ...tensor, requiresGrad: true, output: 0 };
  const node = gradNode(partOfBase, [base], [view], [true], [], false, { ...call, index, restore: undefined });
  view.node = node;
  added.push(node);
  return view;
}

export const partOfBase: Op = {
  name: "aten.as_strided",
  result: () => [],
  backward: ([grad], { args, kernel }) => [partOf(args[0] as Tensor, grad as Tensor, kernel)],
};

/** A record made for one write into a part: it holds the part as it was. */
export interface PartOp extends Op {
  readonly part: { readonly op: Op; readonly target: Tensor };
}

export function isPartOp(op: Op): op is PartOp {
  return "part" in op;
}

/**
 * What an operation on a part of a base does to the base's gradient (PyTorch's CopySlices): the gradient is copied, the part
 * is replaced by what the operation's own formula makes of it. The base takes the place of the first argument.
 */
export function onPart(op: Op, target: Tensor): PartOp {
  return {
    name: op.name,
    part: { op, target },
    result: () => [],
    backward: ([grad], call) => {
      const base = call.args[0] as Tensor;
      const part = { shape: target.shape, dtype: target.dtype };
      const [whole] = call.kernel("aten.copy", [grad], [{ shape: base.shape, dtype: base.dtype }]) as [Tensor];
      const [own] = call.kernel("aten.clone", [{ ...target, storage: whole.storage }], [part]) as [Tensor];
      const inner: BackwardCall = { ...call, args: [target, ...call.args.slice(1)] };
      const [first, ...rest] = formula(op)([own], inner) as readonly Gradient[];
      if (isTensor(first) && first !== own) call.kernel("aten.copy_", [first], [{ ...part, sharing: whole }]);
      if (isTensor(first)) call.drop(first);
      return [whole, ...rest];
    },
  };
}
