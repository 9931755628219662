/** A piece of a trace done again elsewhere: the same operations on other tensors, the same tensors left alive. */
import type { GradNode, Storage } from "../tensor/tensor.ts";
import { type Copying, copyModuleCall, copyNode, copyOperation, copyStorage, copyTensor } from "./copies.ts";
import type { Piece } from "./pieces.ts";
import type { Tracer } from "./tracer.ts";

/**
 * Does a piece again. `pairs` are what stands for all that it took from outside, `settle` says an operation's arguments here
 * by its place in the trace there. Gives what stands for what it made.
 */
export function replay(
  tracer: Tracer,
  piece: Piece,
  pairs: ReadonlyMap<object, object>,
  settle?: Copying["settle"],
): Copying {
  const { mark } = piece;
  const copying: Copying = {
    copies: new Map(pairs),
    events: tracer.events.length - mark.events,
    calls: tracer.calls.length - mark.calls,
    firstCall: mark.calls,
    outside: tracer.module,
    settle,
  };
  const drops = tracer.drops;
  const made = piece.storages.map(({ storage, bytes, role, device }) => {
    const copy = tracer.storage(bytes, role, device);
    copying.copies.set(storage, copy);
    return copy;
  });
  for (const event of piece.events) {
    if (event.kind === "release") {
      tracer.events.push({ kind: "release", storage: copyStorage(copying, event.storage) });
      continue;
    }
    const copy = copyOperation(copying, event);
    tracer.events.push(copy);
    for (const one of copy.saved) if (one.role === "activation" || one.role === "input") tracer.saved.add(one);
  }
  for (const call of piece.calls) tracer.calls.push(copyModuleCall(copying, call));
  for (const { after, storage } of piece.drops)
    drops.push({ after: after + copying.events, storage: copyStorage(copying, storage) });
  leave(copying, piece, made);
  return copying;
}

/** Holders, writers and what nodes keep: as the piece left them. */
function leave(copying: Copying, piece: Piece, made: readonly Storage[]): void {
  piece.storages.forEach(({ holders, tensors, writer, base }, i) => {
    const copy = made[i] as Storage;
    copy.holders = holders;
    copy.tensors = tensors;
    copy.writer = writer && copyNode(copying, writer);
    copy.base = base && copyTensor(copying, base);
  });
  for (const { node, saved, holders } of piece.nodes) {
    const copy = copyNode(copying, node);
    copy.saved = saved.map((one) => copyStorage(copying, one));
    copy.holders = holders;
  }
  for (const [storage, writer] of piece.written)
    copyStorage(copying, storage).writer = writer && copyNode(copying, writer);
  for (const [one, more] of piece.raised.holders) {
    const here = copying.copies.get(one) as Storage | GradNode;
    here.holders += more;
  }
  for (const [one, more] of piece.raised.tensors) {
    const here = copying.copies.get(one) as Storage;
    here.tensors += more;
  }
}
