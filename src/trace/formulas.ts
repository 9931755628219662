/** The formula of an operation's gradient: its record's own, or one pass over the gradient and what was saved. */
import type { Arg, BackwardCall, Gradient, Made, Op } from "../ops/op.ts";
import { like } from "../ops/shared/making.ts";
import { isTensor, type Tensor } from "../tensor/tensor.ts";

export type Formula = NonNullable<Op["backward"]>;

export function formula(op: Op): Formula {
  return op.backward ?? ((grads, call) => byOnePass(op, grads, call));
}

/**
 * One kernel reads the gradients and what was saved, and makes the gradient of each input that needs one, as large as the
 * input. Products cost their forward pass for each operand. A view's gradient is a part of zeros.
 */
export function byOnePass(op: Op, grads: readonly (Tensor | undefined)[], call: BackwardCall): readonly Gradient[] {
  const { args, out, needs, kept, kernel } = call;
  const known = grads.filter((one) => one !== undefined);
  const wanted = args.flatMap((arg, i) => (needs[i] ? tensorsOf(arg) : []));
  const [only] = wanted;
  if (!call.inPlace && only && wanted.length === 1 && out.every(({ storage }) => storage === only.storage)) {
    return placed(args, needs, [partOf(only, known[0] as Tensor, kernel)]);
  }
  const makes = wanted.map((one): Made => ({ ...like(one), dtype: one.dtype }));
  const operands = wanted.filter(({ shape }) => shape.length > 1).length;
  const cost = op.macs ? { macs: op.macs(args, out) * Math.max(operands, 1) } : {};
  const name = op.name.endsWith("_forward") ? op.name.replace(/_forward$/, "_backward") : `${op.name}_backward`;
  const made = kernel(name, [...known, ...kept], makes, { ...(op.work !== undefined && { work: op.work }), ...cost });
  return placed(args, needs, made);
}

/** Zeros as large as the whole, with the gradient of a part copied in. */
export function partOf(whole: Tensor, grad: Tensor, kernel: BackwardCall["kernel"]): Tensor {
  const [made] = kernel("aten.zeros", [], [{ shape: whole.shape, dtype: grad.dtype }]) as [Tensor];
  kernel("aten.copy_", [grad], [{ shape: grad.shape, dtype: grad.dtype, sharing: made }]);
  return made;
}

/** Gradients in the places of the arguments that need them. */
function placed(args: readonly Arg[], needs: readonly boolean[], made: readonly Tensor[]): readonly Gradient[] {
  let next = 0;
  return args.map((arg, i): Gradient => {
    if (!needs[i]) return undefined;
    if (isTensor(arg)) return made[next++];
    return Array.isArray(arg)
      ? arg.map((one) => (isTensor(one) && follows(one) ? made[next++] : undefined))
      : undefined;
  });
}

function tensorsOf(arg: Arg): readonly Tensor[] {
  if (Array.isArray(arg)) return arg.filter(isTensor).filter(follows);
  return isTensor(arg) ? [arg] : [];
}

function follows(one: Tensor): boolean {
  return one.requiresGrad || one.node !== undefined;
}
