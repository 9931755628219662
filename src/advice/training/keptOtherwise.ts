/** Operations that keep something else for their backward pass than PyTorch's own do. */
import { known } from "../../base/unknown.ts";
import type { Arg, BackwardCall, Op, Saved } from "../../ops/op.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { elements, isTensor, type Tensor } from "../../tensor/tensor.ts";
import { formula } from "../../trace/formulas.ts";
import type { Operation, Trace } from "../../trace/trace.ts";

/** Bytes kept in place of something saved; nothing: it is kept as it is. */
export type Packing = (bytes: number, itemBytes: number) => number;

/** Which of an operation's arguments and results are packed: positions, and `out` for the first result. */
export interface Packed {
  readonly arguments: readonly number[];
  /** Its result, where it keeps that. */
  readonly out?: boolean;
  /** Arguments packed as well although PyTorch's own operation does not keep them. */
  readonly more?: readonly number[];
}

/**
 * The operation with what it saves packed: a kernel writes the packed form in the forward pass, another one restores it on the
 * way back, where it lives as long as the gradient's formula runs. `isFixed` says what is nobody's activation (weights and
 * their casts).
 */
export function packing(
  op: Op,
  { arguments: positions, out: packsResult = false, more = [] }: Packed,
  pack: Packing,
  isFixed: (tensor: Tensor) => boolean,
): Op {
  const isPacked = (one: Saved, args: readonly Arg[], out: readonly Tensor[]) => {
    if (!one) return false;
    // What autograd made itself is a copy of one of these.
    if (!isTensor(one)) return !one.onHost && positions.length > 0 && !/mask|log-sum-exp|state/.test(one.what);
    if (isFixed(one)) return false;
    const own = positions.some((i) => isTensor(args[i]) && (args[i] as Tensor).storage === one.storage);
    return own || (packsResult && out[0]?.storage === one.storage);
  };
  const packed = (one: Saved, item: number): Saved => {
    const bytes = !one ? undefined : isTensor(one) ? denseOf(one) : known(one.extraBytes);
    const own = one && isTensor(one) ? itemBytes(one.dtype) : item;
    return bytes === undefined ? one : { extraBytes: pack(bytes, own), what: "packed activation" };
  };
  const saved = (args: readonly Arg[], out: readonly Tensor[], needs: readonly boolean[]) =>
    op.saves?.(args, out, needs) ?? [];
  const added = (args: readonly Arg[]) => more.flatMap((i) => (isTensor(args[i]) ? [args[i] as Tensor] : []));
  const itemOf = (args: readonly Arg[], out: readonly Tensor[]) => {
    const first = args.find(isTensor) ?? out[0];
    return first ? itemBytes(first.dtype) : 4;
  };
  return {
    ...op,
    saves(args, out, needs) {
      const item = itemOf(args, out);
      const list = saved(args, out, needs).map((one) => (isPacked(one, args, out) ? packed(one, item) : one));
      return [...list, ...added(args).map((one) => packed(one, item))];
    },
    traffic(args, out) {
      const own = op.traffic?.(args, out) ?? { read: sumOf(args.filter(isTensor)), written: sumOf(out) };
      const item = itemOf(args, out);
      const needs = args.map((arg) => isTensor(arg) && arg.requiresGrad);
      const bytes = [...saved(args, out, needs).filter((one) => isPacked(one, args, out)), ...added(args)].map(sizeOf);
      return {
        read: own.read + bytes.reduce((sum, one) => sum + one, 0),
        written: own.written + bytes.reduce((sum, one) => sum + pack(one, item), 0),
      };
    },
    backward: (grads, call) => restored(op, grads, call, (one) => isPacked(one, call.args, call.out)),
  };
}

/** The formula with what was packed in its old form again, for as long as it runs. */
function restored(
  op: Op,
  grads: readonly (Tensor | undefined)[],
  call: BackwardCall,
  isPacked: (one: Saved) => boolean,
) {
  const own = op.saves?.(call.args, call.out, call.needs) ?? [];
  const kept = own.map((one, i) => {
    const [now] = call.kept.slice(i, i + 1);
    if (!one || !isPacked(one) || !now) return now;
    const [first] = isTensor(one)
      ? call.kernel("assay.restore", [now], [{ shape: one.shape, dtype: one.dtype, strides: one.strides }])
      : call.kernel("assay.restore", [now], [{ shape: [known(one.extraBytes) ?? 0], dtype: "uint8" }]);
    return first;
  });
  return formula(op)(grads, { ...call, kept });
}

/** Weights, buffers and autocast's copies of them: nobody's activations. */
export function fixedIn({ events }: Trace): (tensor: Tensor) => boolean {
  const casts = new Set<object>();
  for (const event of events)
    if (event.kind === "operation" && event.name === "aten._to_copy" && event.inputs[0]?.storage.role === "parameter")
      for (const storage of event.made) casts.add(storage);
  return ({ storage }) => storage.role === "parameter" || storage.role === "buffer" || casts.has(storage);
}

/** Operations of a trace's forward pass that autograd follows. */
export function followed({ events }: Trace): Operation[] {
  return events.filter(
    (event): event is Operation =>
      event.kind === "operation" && event.pass === "forward" && event.call.out.some(({ requiresGrad }) => requiresGrad),
  );
}

/** Bytes that a trace's forward pass keeps for backward, each storage once. */
export function keptBytes({ saved }: Trace): number {
  let bytes = 0;
  for (const storage of saved) bytes += known(storage.bytes) ?? 0;
  return bytes;
}

function denseOf(tensor: Tensor): number | undefined {
  const count = known(elements(tensor.shape));
  return count === undefined ? undefined : count * itemBytes(tensor.dtype);
}

function sizeOf(one: Saved): number {
  return !one ? 0 : isTensor(one) ? (denseOf(one) ?? 0) : (known(one.extraBytes) ?? 0);
}

function sumOf(tensors: readonly Tensor[]): number {
  return tensors.reduce((sum, one) => sum + (denseOf(one) ?? 0), 0);
}
