/** What the scores of a chain cost in a trace: how many there are, what is kept of them, what moving them takes. */
import type { Span } from "../../base/place.ts";
import { known } from "../../base/unknown.ts";
import { absolute, type SyntaxNode } from "../../syntax/walk.ts";
import { sameSize } from "../../tensor/size.ts";
import { denseBytes, elements, type Storage } from "../../tensor/tensor.ts";
import type { Operation, TensorNote, Trace } from "../../trace/trace.ts";
import type { Chain } from "./chain.ts";
import { type Eager, eagerIn } from "./eager.ts";

export interface Written {
  /** Whether all that the products took and made has the same axes before the last two, in each call. */
  readonly hasLikeBatches: boolean;
  /** Whether the scores have as many axes in each call. */
  readonly hasOneRank: boolean;
  /** Whether there were as many queries as keys in each call. */
  readonly isSquare: boolean;
  readonly scores: TensorNote;
  /** How often the attention ran. */
  readonly calls: number;
  /** Of one copy of the scores in one call. */
  readonly scoreBytes: number;
  readonly savedBytes: number;
  readonly trafficBytes: number;
  /** Of the whole pass. */
  readonly allSavedBytes: number;
  readonly allTrafficBytes: number;
}

/** The forward pass of a trace, looked at from one file. */
export interface Traced {
  /** The file's operations by the expression that asked for them. */
  readonly byPlace: ReadonlyMap<string, readonly Operation[]>;
  readonly byLine: ReadonlyMap<number, readonly Operation[]>;
  /** Attention by the operation that makes its scores. */
  readonly eager: ReadonlyMap<Operation, Eager>;
  readonly allSavedBytes: number;
  readonly allTrafficBytes: number;
}

export function tracedIn(path: string, trace: Trace): Traced {
  const { events, saved } = trace;
  const eager = new Map(eagerIn(trace).map((one) => [one.first, one]));
  const byPlace = new Map<string, Operation[]>();
  const byLine = new Map<number, Operation[]>();
  let allTrafficBytes = 0;
  for (const event of events) {
    if (event.kind !== "operation" || event.pass === "backward" || event.pass === "recompute") continue;
    allTrafficBytes += (known(event.bytesRead) ?? 0) + (known(event.bytesWritten) ?? 0);
    if (event.at?.path !== path) continue;
    push(byPlace, keyOf(event.at), event);
    push(byLine, event.at.line, event);
  }
  return { byPlace, byLine, eager, allSavedBytes: sumOf([...saved].map(({ bytes }) => known(bytes))), allTrafficBytes };
}

function push<Key>(map: Map<Key, Operation[]>, key: Key, operation: Operation): void {
  const list = map.get(key);
  if (list) list.push(operation);
  else map.set(key, [operation]);
}

const keyOf = ({ line, column, endLine, endColumn }: Span) => `${line}:${column}:${endLine}:${endColumn}`;

/** What was traced at a chain; nothing where it did not run, or where a size is not known. */
export function written(chain: Chain, traced: Traced): Written | undefined {
  const at = (node: SyntaxNode) => operationsAt(node, chain, traced);
  const softmax = chain.steps.find(({ step }) => step.kind === "softmax");
  const ran = softmax ? at(softmax.step.node).filter(({ name }) => name.includes("softmax")) : [];
  const [first, last] = [at(chain.first.node), at(chain.last.node)].map((found) =>
    found.filter(({ macs }) => macs !== 0),
  );
  const scores = ran[0]?.outputs[0];
  if (!scores || !first?.[0] || !last?.[0]) return undefined;
  const count = known(elements(scores.shape));
  const scoreBytes = known(denseBytes(scores.shape, scores.dtype));
  if (count === undefined || scoreBytes === undefined) return undefined;
  const inside = linesOf(chain).flatMap(({ line, endLine }) =>
    Array.from({ length: endLine - line + 1 }, (_, i) => traced.byLine.get(line + i) ?? []).flat(),
  );
  const isScores = (note: TensorNote) => known(elements(note.shape)) === count;
  const bytesOf = (notes: readonly TensorNote[]) =>
    notes.filter(isScores).reduce((sum, note) => sum + (known(denseBytes(note.shape, note.dtype)) ?? 0), 0);
  const kept = new Set<Storage>();
  let trafficBytes = 0;
  for (const operation of inside) {
    if (known(operation.bytesRead) === 0 && known(operation.bytesWritten) === 0) continue;
    trafficBytes += bytesOf(operation.inputs) + bytesOf(operation.outputs);
    for (const storage of operation.saved) if (!isNarrow(storage, count, operation)) kept.add(storage);
  }
  return {
    hasLikeBatches: ran.every(({ outputs }, i) =>
      haveLikeBatches([...(first[i]?.inputs ?? []), ...(last[i]?.inputs ?? []), ...outputs]),
    ),
    hasOneRank: ran.every(({ outputs }) => outputs[0]?.shape.length === scores.shape.length),
    isSquare: ran.every(({ outputs }) => sameSize(outputs[0]!.shape.at(-1)!, outputs[0]!.shape.at(-2)!)),
    scores,
    calls: ran.length,
    scoreBytes,
    savedBytes: sumOf([...kept].map(({ bytes }) => known(bytes))),
    trafficBytes,
    allSavedBytes: traced.allSavedBytes,
    allTrafficBytes: traced.allTrafficBytes,
  };
}

/** The same of attention that a library runs, all that falls away with one kernel counted. */
export function writtenBy(ran: readonly Eager[], traced: Traced): Written | undefined {
  const scores = ran[0]?.softmax.outputs[0];
  const count = scores && known(elements(scores.shape));
  const scoreBytes = scores && known(denseBytes(scores.shape, scores.dtype));
  if (!scores || count === undefined || scoreBytes === undefined) return undefined;
  const operations = ran.flatMap(({ gone, last }) => [...gone, last]);
  const wide = (notes: readonly TensorNote[]) => notes.filter((note) => known(elements(note.shape)) === count);
  const bytesOf = (notes: readonly TensorNote[]) =>
    sumOf(wide(notes).map((note) => known(denseBytes(note.shape, note.dtype))));
  const kept = new Set(operations.flatMap((one) => one.saved.filter((storage) => !isNarrow(storage, count, one))));
  const moving = operations.filter(
    ({ bytesRead, bytesWritten }) => known(bytesRead) !== 0 || known(bytesWritten) !== 0,
  );
  return {
    hasLikeBatches: true,
    hasOneRank: true,
    isSquare: true,
    scores,
    calls: ran.length,
    scoreBytes,
    savedBytes: sumOf([...kept].map(({ bytes }) => known(bytes))),
    trafficBytes: sumOf(moving.map(({ inputs, outputs }) => bytesOf(inputs) + bytesOf(outputs))),
    allSavedBytes: traced.allSavedBytes,
    allTrafficBytes: traced.allTrafficBytes,
  };
}

function haveLikeBatches([first, ...others]: readonly TensorNote[]): boolean {
  return others.every(
    ({ shape }) =>
      shape.length === first!.shape.length && shape.slice(0, -2).every((size, i) => sameSize(size, first!.shape[i]!)),
  );
}

/** The operations asked for by one expression. */
export function operationsAt(node: SyntaxNode, { scope }: Chain, { byPlace }: Traced): readonly Operation[] {
  return byPlace.get(keyOf(absolute(node, scope.firstLine))) ?? [];
}

/** The lines of the statements of a chain. */
function linesOf({ block, consumed, lastPosition, scope }: Chain): Span[] {
  return [...consumed, lastPosition].map((i) => absolute(block[i]!, scope.firstLine));
}

/** Whether a kept storage has fewer elements than the scores, such as the values, or belongs to the model. */
function isNarrow(storage: Storage, count: number, { inputs, outputs }: Operation): boolean {
  if (storage.role !== "activation") return true;
  const note = [...inputs, ...outputs].find((one) => one.storage === storage);
  // Dropout keeps flags of one byte that it makes itself.
  return note ? known(elements(note.shape)) !== count : (known(storage.bytes) ?? 0) < count;
}

function sumOf(values: readonly (number | undefined)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}
