/** Softmax attention in a trace, found by following its tensors: two products, and what is done to the scores between them. */
import type { Arg } from "../../ops/op.ts";
import { parsedEquation } from "../../ops/shared/einsum.ts";
import { numberOf } from "../../ops/shared/folding.ts";
import { count } from "../../tensor/size.ts";
import { isTensor, stridesOf, type Tensor } from "../../tensor/tensor.ts";
import type { Operation, Trace } from "../../trace/trace.ts";
import { type Dataflow, dataflowOf, idleReaders } from "./dataflow.ts";
import { isTurning, keepsRows, maskShape, type ScoreStep, stepOf, turnedAxes } from "./scoreSteps.ts";

/** Attention whose scores are written to memory. */
export interface Eager {
  readonly first: Operation;
  readonly softmax: Operation;
  readonly last: Operation;
  /** All that falls away where one kernel does its work, the last product apart. */
  readonly gone: ReadonlySet<Operation>;
  /** Queries, keys and values, and the order of axes that makes them `batches, rows, features`; absent: it is that order. */
  readonly query: Operand;
  readonly key: Operand;
  readonly value: Operand;
  /** The order of axes that the last product gives, from `batches, rows, features`. */
  readonly order: readonly number[] | undefined;
  /** What is done to the scores, in the order in which it is done. */
  readonly steps: readonly ScoreStep[];
  readonly dropout: number;
  /** Scores as softmax takes them. */
  readonly scores: Tensor;
}

export interface Operand {
  readonly tensor: Tensor;
  readonly order: readonly number[] | undefined;
}

/** Whether the features of a position lie beside each other, without which no fused kernel reads it. */
export function isDense({ tensor, order }: Operand): boolean {
  const axis = order?.at(-1) ?? tensor.shape.length - 1;
  return stridesOf(tensor)[axis] === 1 || count([tensor.shape[axis] ?? 1]) === 1;
}

const known = new WeakMap<Trace, readonly Eager[]>();

/** All of a forward pass, in order. */
export function eagerIn(trace: Trace): readonly Eager[] {
  const before = known.get(trace);
  if (before) return before;
  const flow = dataflowOf(trace);
  const found = flow.operations.flatMap((operation) => {
    if (operation.name !== "aten.softmax" && operation.name !== "aten._softmax") return [];
    const one = attentionAround(operation, flow);
    return one ? [one] : [];
  });
  known.set(trace, found);
  return found;
}

function attentionAround(softmax: Operation, flow: Dataflow): Eager | undefined {
  const [scores, dim] = softmax.call.args;
  const [weights] = softmax.call.out;
  if (!isTensor(scores) || !weights || scores.shape.length < 2) return undefined;
  if (!(numberOf(dim) === -1 || numberOf(dim) === scores.shape.length - 1)) return undefined;
  const gone = new Set<Operation>([softmax]);
  const behind = applied(weights, flow, gone);
  const before = behind && scored(scores, flow, gone, softmax);
  if (!behind || !before || flow.isKept(weights.storage)) return undefined;
  const masks = before.steps.filter((step) => step.kind !== "scale");
  if (masks.some((step) => !maskShape("mask" in step ? step.mask : step.flags, step.shape, scores.shape)))
    return undefined;
  gone.delete(behind.last);
  return { softmax, gone, ...behind, ...before, scores };
}

interface Behind {
  readonly last: Operation;
  readonly value: Operand;
  readonly order: readonly number[] | undefined;
  readonly dropout: number;
}

/** From the weights to the product that applies them. */
function applied(weights: Tensor, flow: Dataflow, gone: Set<Operation>): Behind | undefined {
  let dropout = 0;
  let isTurned = false;
  for (let now = weights; ; ) {
    const next = onlyReader(now, flow, gone);
    if (!next) return undefined;
    const { name, call } = next;
    const product = weighted(next, now, isTurned);
    if (product) return { last: next, dropout, ...product };
    const [out] = call.out;
    if (!out || call.args[0] !== now || flow.isKept(out.storage)) return undefined;
    if (name === "aten.dropout" || name === "aten.native_dropout") {
      if (dropout > 0) return undefined;
      dropout = call.args[2] === true ? (numberOf(call.args[1]) ?? 0) : 0;
    } else if (isTurning(next)) isTurned = !isTurned;
    else if (!keepsRows(next, now, out)) return undefined;
    gone.add(next);
    now = out;
  }
}

/** The reader of a tensor beside those whose results nobody uses, which go with it. */
function onlyReader(tensor: Tensor, flow: Dataflow, gone: Set<Operation>): Operation | undefined {
  const live: Operation[] = [];
  for (const reader of flow.readers(tensor)) {
    const idle = reader.call.out.every(({ storage }) => !flow.isKept(storage) || storage === tensor.storage)
      ? reader.call.out.map((out) => idleReaders(out, flow, undefined))
      : [undefined];
    if (idle.every((one) => one !== undefined)) for (const one of [reader, ...idle.flat()]) gone.add(one);
    else live.push(reader);
  }
  return live.length === 1 ? live[0] : undefined;
}

/** A product of weights and values. */
function weighted(
  { name, call }: Operation,
  weights: Tensor,
  isTurned: boolean,
): Pick<Behind, "value" | "order"> | undefined {
  const [a, b] = call.args;
  if (name === "aten.matmul" || name === "aten.bmm") {
    if (!isTensor(a) || !isTensor(b)) return undefined;
    if (a === weights && !isTurned) return { value: { tensor: b, order: undefined }, order: undefined };
    const turned = turnedAxes(a.shape.length);
    return b === weights && isTurned ? { value: { tensor: a, order: turned }, order: turned } : undefined;
  }
  const pair = name === "aten.einsum" && !isTurned ? einsumPair(call.args) : undefined;
  if (!pair) return undefined;
  const side = pair.tensors.indexOf(weights);
  const [w, v] = side === 0 ? pair.labels : [pair.labels[1], pair.labels[0]];
  if (side < 0 || !w || !v) return undefined;
  const [rows, columns] = w.slice(-2) as [string, string];
  const batches = w.slice(0, -2);
  const features = v.filter((label) => label !== columns && !batches.includes(label));
  const wanted = [...batches, columns, ...features];
  const made = [...batches, rows, ...features];
  if (features.length !== 1 || !areSame(v, wanted) || !areSame(pair.result, made)) return undefined;
  return {
    value: { tensor: pair.tensors[1 - side] as Tensor, order: orderOf(v, wanted) },
    order: orderOf(made, pair.result),
  };
}

type Before = Pick<Eager, "first" | "query" | "key" | "steps">;

/** From the scores back to the product that made them. */
function scored(scores: Tensor, flow: Dataflow, gone: Set<Operation>, reader: Operation): Before | undefined {
  const steps: ScoreStep[] = [];
  let next = reader;
  for (let now = scores; ; ) {
    const maker = flow.maker(now);
    if (!maker || flow.isKept(now.storage) || onlyReader(now, flow, gone) !== next) return undefined;
    gone.add(maker);
    const made = product(maker);
    if (made) return { first: maker, ...made, steps: [...made.steps, ...steps.reverse()] };
    const step = stepOf(maker, now);
    if (!step) return undefined;
    if (step.step) steps.push(step.step);
    next = maker;
    now = step.from;
  }
}

/** A product of queries and keys; of `baddbmm` with what it adds and scales. */
function product({ name, call }: Operation): (Pick<Before, "query" | "key"> & { steps: ScoreStep[] }) | undefined {
  const [a, b, c] = call.args;
  const plain = (query: Tensor, key: Tensor, steps: ScoreStep[] = []) => ({
    query: { tensor: query, order: undefined },
    key: { tensor: key, order: turnedAxes(key.shape.length) },
    steps,
  });
  if (name === "aten.matmul" || name === "aten.bmm")
    return isTensor(a) && isTensor(b) && a.shape.length >= 2 && b.shape.length >= 2 ? plain(a, b) : undefined;
  if (name === "aten.baddbmm") {
    const [beta, alpha] = [numberOf(call.args[3] ?? 1), numberOf(call.args[4] ?? 1)];
    if (!isTensor(a) || !isTensor(b) || !isTensor(c) || beta === undefined || alpha === undefined) return undefined;
    const scale: ScoreStep[] = alpha === 1 ? [] : [{ kind: "scale", by: alpha, inverse: false }];
    if (beta !== 0 && beta !== 1) return undefined;
    return plain(
      b,
      c,
      beta === 0 ? scale : [...scale, { kind: "add", mask: a, negative: false, shape: call.out[0]?.shape ?? [] }],
    );
  }
  const pair = name === "aten.einsum" ? einsumPair(call.args) : undefined;
  if (!pair) return undefined;
  const [rows, columns] = pair.result.slice(-2) as [string, string];
  const asks = pair.labels[0].includes(rows) ? 0 : 1;
  const [q, k] = [pair.labels[asks], pair.labels[1 - asks]] as [readonly string[], readonly string[]];
  const batches = pair.result.slice(0, -2);
  const features = q.filter((label) => k.includes(label) && !pair.result.includes(label));
  const [query, key] = [
    [...batches, rows, ...features],
    [...batches, columns, ...features],
  ];
  if (features.length !== 1 || !areSame(q, query) || !areSame(k, key)) return undefined;
  return {
    query: { tensor: pair.tensors[asks] as Tensor, order: orderOf(q, query) },
    key: { tensor: pair.tensors[1 - asks] as Tensor, order: orderOf(k, key) },
    steps: [],
  };
}

function einsumPair(args: readonly Arg[]) {
  const [text, list] = args;
  if (typeof text !== "string" || !Array.isArray(list) || list.length !== 2 || !list.every(isTensor)) return undefined;
  const tensors = list as readonly Tensor[];
  const { operands, result } = parsedEquation(text, tensors);
  const [left, right] = operands;
  if (!left || !right || [left, right].some((one) => new Set(one).size !== one.length)) return undefined;
  return { tensors, labels: [left, right] as const, result };
}

function areSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((label) => b.includes(label));
}

/** The permutation that brings axes named `from` into the order `to`; undefined where it is that order. */
function orderOf(from: readonly string[], to: readonly string[]): number[] | undefined {
  const order = to.map((label) => from.indexOf(label));
  return order.every((axis, i) => axis === i) ? undefined : order;
}
