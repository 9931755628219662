/** Every attention of a pass, written out or in one kernel, and how one is put in another form when the program is run again. */
import type { Place } from "../../base/place.ts";
import { ops } from "../../ops/catalogue.ts";
import type { Arg, Op } from "../../ops/op.ts";
import { numberOf } from "../../ops/shared/folding.ts";
import { count, integer, integers, type Size } from "../../tensor/size.ts";
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import type { Rewrite, Rewriting } from "../../trace/rerun.ts";
import type { Operation, Trace } from "../../trace/trace.ts";
import { dataflowOf, tensorsIn } from "./dataflow.ts";
import { type Eager, eagerIn, type Operand } from "./eager.ts";

export interface AttentionCall {
  /** What gives the result. */
  readonly operation: Operation;
  readonly at: Place | undefined;
  /** Undefined where one kernel does it all. */
  readonly eager: Eager | undefined;
  /** Sequences times heads of queries, and of keys. */
  readonly rows: number;
  readonly keyRows: number;
  readonly queries: number;
  readonly keys: number;
  readonly width: number;
  readonly valueWidth: number;
  readonly dtype: Tensor["dtype"];
  /** Whether it says itself that it is causal. */
  readonly isCausal: boolean;
  readonly isMasked: boolean;
  /** Whether its masks differ from query to query, as a causal one does: then it is not known who sees whom. */
  readonly isMaskedByQuery: boolean;
}

const fusedName = "aten.scaled_dot_product_attention";

/** In the order of the trace. Attention with a size that is not known is left out. */
export function attentionCalls(trace: Trace): AttentionCall[] {
  const eager = eagerIn(trace).map((one) => written(one));
  const fused = dataflowOf(trace).operations.flatMap((one) => (one.name === fusedName ? [kernel(one)] : []));
  return [...eager, ...fused].sort((a, b) => a.operation.index - b.operation.index);
}

/** Attention that is written out, as a call. */
export function written(eager: Eager): AttentionCall {
  const { query, key, value, scores, last, first, steps } = eager;
  const sizes = integers(scores.shape);
  const [queries = 1, keys = 1] = sizes.slice(-2);
  const width = count(ordered(query).slice(-1));
  return {
    operation: last,
    at: first.at,
    eager,
    rows: count(sizes.slice(0, -2)),
    keyRows: count(ordered(key).slice(0, -2)),
    queries,
    keys,
    width,
    valueWidth: count(ordered(value).slice(-1)),
    dtype: query.tensor.dtype,
    isCausal: false,
    isMasked: steps.some(({ kind }) => kind !== "scale"),
    isMaskedByQuery: steps.some(
      (step) => step.kind !== "scale" && hasRows(step.kind === "add" ? step.mask : step.flags),
    ),
  };
}

function hasRows({ shape }: Tensor): boolean {
  return shape.length > 1 && integer(shape.at(-2) ?? 1) > 1;
}

function ordered({ tensor, order }: Operand): Size[] {
  return order ? order.map((axis) => tensor.shape[axis] as Size) : [...tensor.shape];
}

function kernel(operation: Operation): AttentionCall {
  const [query, key, value, mask, , causal] = operation.call.args as readonly [Tensor, Tensor, Tensor, Arg, Arg, Arg];
  const [queries = 1, width = 1] = integers(query.shape.slice(-2));
  const [keys = 1, valueWidth = 1] = integers([key.shape.at(-2) ?? 1, value.shape.at(-1) ?? 1]);
  return {
    operation,
    at: operation.at,
    eager: undefined,
    rows: count(query.shape.slice(0, -2)),
    keyRows: count(key.shape.slice(0, -2)),
    queries,
    keys,
    width,
    valueWidth,
    dtype: query.dtype,
    isCausal: causal === true,
    isMasked: isTensor(mask),
    isMaskedByQuery: isTensor(mask) && hasRows(mask),
  };
}

/** What stands for attention's operands in the new run, as `[sequences, heads, positions, features]`. */
export interface Operands {
  readonly query: Tensor;
  readonly key: Tensor;
  readonly value: Tensor;
  readonly dropout: number;
  readonly rewriting: Rewriting;
  run(name: string, ...args: Arg[]): Tensor;
}

/** Puts each attention in another form: `make` gives its result as `[sequences, heads, positions, features]`. */
export function inOtherForm(
  calls: readonly AttentionCall[],
  make: (call: AttentionCall, operands: Operands) => Tensor,
): Rewrite {
  const byResult = new Map(calls.map((call) => [call.operation, call]));
  const holds = new Map<Operation, readonly Tensor[]>();
  for (const { eager } of calls)
    if (eager) for (const operation of eager.gone) holds.set(operation, heldAt(operation, eager));
  return (rewriting) => {
    const call = byResult.get(rewriting.step);
    if (call) {
      const result = remade(call, rewriting, make);
      for (const operation of call.eager?.gone ?? [])
        for (const one of holds.get(operation) ?? []) rewriting.letGo(one);
      return [result];
    }
    const held = holds.get(rewriting.step);
    if (!held) return undefined;
    // What is read in the end stays alive till then, whether or not the program let go of it behind this step.
    for (const one of held) rewriting.hold(one);
    return "left out";
  };
}

/** What the new form reads that is first read by a step which falls away. */
function heldAt(operation: Operation, { query, key, value, steps, gone, last }: Eager): Tensor[] {
  const masks = steps.flatMap((step) =>
    step.kind === "add" ? [step.mask] : step.kind === "fill" ? [step.flags] : isTensor(step.by) ? [step.by] : [],
  );
  return [...new Set([query.tensor, key.tensor, value.tensor, ...masks])].filter((tensor) => {
    const readers = [...gone, last].filter(({ call }) => tensorsIn(call.args).includes(tensor));
    return readers.every(({ index }) => index >= operation.index) && readers.includes(operation);
  });
}

function remade(
  call: AttentionCall,
  rewriting: Rewriting,
  make: (call: AttentionCall, operands: Operands) => Tensor,
): Tensor {
  const run = (name: string, ...args: Arg[]) => rewriting.run(ops.get(`aten.${name}`) as Op, ...args)[0] as Tensor;
  const shaped = (one: Tensor, shape: readonly Size[]) =>
    integers(one.shape).join() === integers(shape).join() ? one : run("reshape", one, shape);
  const { eager, operation } = call;
  const now = ({ tensor, order }: Operand) => {
    const one = rewriting.now(tensor);
    return order ? run("permute", one, order) : one;
  };
  const [query, key, value] = eager
    ? [now(eager.query), now(eager.key), now(eager.value)]
    : (operation.call.args.slice(0, 3).map((one) => rewriting.now(one as Tensor)) as [Tensor, Tensor, Tensor]);
  const like = eager ? eager.scores : query;
  const laid = (one: Tensor) =>
    shaped(one, [...leadingTwo(one.shape.length === like.shape.length ? one : like), ...one.shape.slice(-2)]);
  const dropout = eager ? eager.dropout : (numberOf(operation.call.args[4]) ?? 0);
  const out = make(call, { query: laid(query), key: laid(key), value: laid(value), dropout, rewriting, run });
  const [made] = operation.call.out as readonly [Tensor];
  if (!eager?.order) return shaped(out, made.shape);
  const { order } = eager;
  return run(
    "permute",
    shaped(
      out,
      order.map((_, axis) => made.shape[order.indexOf(axis)] as Size),
    ),
    order,
  );
}

/** Sequences and heads: a single leading axis has one head each, as the edit writes it. */
function leadingTwo({ shape }: Tensor): readonly Size[] {
  const leading = shape.slice(0, -2);
  if (leading.length === 2) return leading;
  return leading.length < 2 ? [...leading, 1, 1].slice(0, 2) : [count(leading.slice(0, -1)), leading.at(-1) as Size];
}
