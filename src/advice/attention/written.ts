/** What the scores of a chain cost in a trace: how many there are, what is kept of them, what moving them takes. */
import type { Span } from "../../base/place.ts";
import { known } from "../../base/unknown.ts";
import { absolute, type SyntaxNode } from "../../syntax/walk.ts";
import { denseBytes, elements, type Storage } from "../../tensor/tensor.ts";
import type { Operation, TensorNote, Trace } from "../../trace/trace.ts";
import type { Chain } from "./chain.ts";

export interface Written {
  /** What the two products took. */
  readonly operands: readonly TensorNote[];
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

/** What was traced at a chain; nothing where it did not run, or where a size is not known. */
export function written(chain: Chain, path: string, trace: Trace): Written | undefined {
  const operations = trace.events.filter((event): event is Operation => event.kind === "operation");
  const at = (node: SyntaxNode) => operationsAt(node, chain, path, operations);
  const softmax = chain.steps.find(({ step }) => step.kind === "softmax");
  const ran = softmax ? at(softmax.step.node).filter(({ name }) => name.includes("softmax")) : [];
  const [first, last] = [at(chain.first.node), at(chain.last.node)].map((found) => found.filter(({ macs }) => macs !== 0));
  const scores = ran[0]?.outputs[0];
  if (!scores || !first?.[0] || !last?.[0]) return undefined;
  const count = known(elements(scores.shape));
  const scoreBytes = known(denseBytes(scores.shape, scores.dtype));
  if (count === undefined || scoreBytes === undefined) return undefined;
  const lines = linesOf(chain);
  const inside = operations.filter(({ at: place }) => place?.path === path && lines.some((span) => place.line >= span.line && place.endLine <= span.endLine));
  const isScores = (note: TensorNote) => known(elements(note.shape)) === count;
  const bytesOf = (notes: readonly TensorNote[]) => notes.filter(isScores).reduce((sum, note) => sum + (known(denseBytes(note.shape, note.dtype)) ?? 0), 0);
  const kept = new Set<Storage>();
  let trafficBytes = 0;
  for (const operation of inside) {
    if (known(operation.bytesRead) === 0 && known(operation.bytesWritten) === 0) continue;
    trafficBytes += bytesOf(operation.inputs) + bytesOf(operation.outputs);
    for (const storage of operation.saved) if (!isNarrow(storage, count, operation)) kept.add(storage);
  }
  return {
    operands: [...first[0].inputs, ...last[0].inputs],
    scores,
    calls: ran.length,
    scoreBytes,
    savedBytes: sumOf([...kept].map(({ bytes }) => known(bytes))),
    trafficBytes,
    allSavedBytes: sumOf([...trace.saved].map(({ bytes }) => known(bytes))),
    allTrafficBytes: sumOf(operations.flatMap(({ bytesRead, bytesWritten }) => [known(bytesRead), known(bytesWritten)])),
  };
}

/** The operations asked for by one expression. */
export function operationsAt(node: SyntaxNode, { scope }: Chain, path: string, operations: readonly Operation[]): Operation[] {
  const span = absolute(node, scope.firstLine);
  return operations.filter(({ at }) => at?.path === path && at.line === span.line && at.column === span.column && at.endLine === span.endLine && at.endColumn === span.endColumn);
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
