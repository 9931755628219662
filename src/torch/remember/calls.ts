/**
 * Calls of modules that are remembered: a call is recorded where a twin of its module may follow, and done again from the
 * record where everything that the first one read is the same.
 */

import type { Interpreter } from "../../python/interpreter.ts";
import { classesNow } from "../../python/objects.ts";
import { beginReading, endReading, type Reading, readValue } from "../../python/remember/reads.ts";
import { readAgain, twins } from "../../python/remember/twins.ts";
import type { PyDict, PyInstance, PyTuple, Value } from "../../python/values.ts";
import type { GradNode, Storage, Tensor } from "../../tensor/tensor.ts";
import { copyCallId, copyTensor } from "../../trace/copies.ts";
import { type Before, type Mark, markOf, type Piece, pieceSince } from "../../trace/pieces.ts";
import { replay } from "../../trace/replay.ts";
import type { Tracer } from "../../trace/tracer.ts";
import { userPlace } from "../apply.ts";
import { type CacheNote, cacheNotes } from "../cacheNotes.ts";
import { captureOf } from "../capture.ts";
import { isFastPathOn } from "../fastPath.ts";
import { allowedKernels } from "../kernels.ts";
import { TensorObject, tracerOf } from "../tensorObject.ts";
import { type Assignments, observed, tellAgain } from "./assignments.ts";
import { castsOf, likenessOf, lookOf, type Taken } from "./look.ts";
import { type Left, leave, leftOf } from "./results.ts";

/** A call that was recorded. */
export interface Remembered {
  readonly roots: readonly Value[];
  readonly seen: Reading["seen"];
  readonly modes: string;
  readonly piece: Piece;
  readonly left: Left;
  /** Older tensors whose known numbers it changed, with what they hold now. */
  readonly changed: readonly (readonly [TensorObject, Tensor])[];
  readonly caches: readonly CacheNote[];
  /** Copies that autocast keeps since, by the storage of the parameter. */
  readonly casts: readonly (readonly [Storage, Tensor])[];
  readonly assignments: Assignments;
  readonly spent: Spent;
}

/** What a call takes of the budget: `depth` is how deep its own calls nest. */
export interface Spent {
  readonly steps: number;
  readonly allocated: number;
  readonly depth: number;
}

/** A call that is being recorded. */
export interface Recording {
  readonly reading: Reading;
  readonly roots: readonly Value[];
  readonly mark: Mark;
  readonly modes: string;
  readonly owned: readonly unknown[] | undefined;
  readonly ownedCount: number;
  readonly lastOwned: unknown;
  readonly caches: number;
  readonly casts: number;
  readonly assignments: Assignments;
  readonly spent: Spent;
  /** How deep calls had nested before. */
  readonly deepest: number;
}

/** What decides how a call goes beside what it reads: modes of the tracer, and where it is called. */
export function modesOf(
  py: Interpreter,
  { gradEnabled, autocast, packing, defaultDtype, defaultDevice, slices, pass }: Tracer,
): string {
  const at = userPlace(py);
  const place = at && `${at.path}:${at.line}:${at.column}:${at.endLine}:${at.endColumn}`;
  const modes = [
    gradEnabled,
    autocast,
    packing !== undefined,
    defaultDtype,
    defaultDevice,
    slices,
    pass,
    captureOf(py).on,
    allowedKernels(py),
  ];
  return [...modes, isFastPathOn(py), classesNow(), py.modules.size, py.importGuards, place].join();
}

export function beginRecording(py: Interpreter, self: PyInstance, args: PyTuple, kwargs: PyDict): Recording {
  const tracer = tracerOf(py);
  const owned = py.frame?.owned;
  const { budget } = py;
  const { steps, allocated, depth, deepest } = budget;
  budget.deepest = depth;
  const recording: Recording = {
    reading: beginReading(lookOf(py)),
    roots: [self, args, kwargs],
    mark: markOf(tracer),
    modes: modesOf(py, tracer),
    owned,
    ownedCount: owned?.length ?? 0,
    lastOwned: owned?.at(-1),
    caches: cacheNotes(py).length,
    casts: castsOf(py)?.size ?? 0,
    assignments: observed(py),
    spent: { steps, allocated, depth },
    deepest,
  };
  for (const root of recording.roots) readValue(root);
  return recording;
}

/** Ends a recording; gives what can be done again, or why it cannot. */
export function endRecording(
  py: Interpreter,
  recording: Recording,
  result: Value,
  ended: boolean,
): Remembered | string {
  const { reading, mark, roots, modes, assignments } = recording;
  assignments.end();
  endReading(reading);
  const spent = spentSince(py, recording);
  if (!ended) return "it raised an exception";
  if (reading.failure !== undefined) return reading.failure;
  const tracer = tracerOf(py);
  if (modesOf(py, tracer) !== modes) return "it changed a mode";
  const owned = ownedSince(py, recording);
  const left = owned && leftOf(reading, result, owned);
  if (!left) return "its result cannot be copied";
  const casts = castsSince(py, recording);
  if (!casts) return "it changed what autocast keeps";
  const before = beforeOf(reading);
  const held = owned.map(({ value }) => value);
  const kept = casts.map(([, copy]) => copy);
  const caches = cacheNotes(py).slice(recording.caches);
  const piece = pieceSince(
    tracer,
    mark,
    held,
    kept,
    before,
    caches.flatMap(({ tensors }) => tensors),
  );
  if (typeof piece === "string") return piece;
  return {
    roots,
    seen: reading.seen,
    modes,
    piece,
    left,
    changed: changedIn(reading),
    caches,
    casts,
    assignments,
    spent,
  };
}

function spentSince({ budget }: Interpreter, { spent, deepest }: Recording): Spent {
  const depth = budget.deepest - spent.depth;
  budget.deepest = Math.max(deepest, budget.deepest);
  return { steps: budget.steps - spent.steps, allocated: budget.allocated - spent.allocated, depth };
}

/** Takes from the budget what a call takes; false where there is too little, and nothing was taken. */
export function spend({ budget }: Interpreter, { steps, allocated, depth }: Spent): boolean {
  const { limits } = budget;
  if (budget.steps + steps > limits.steps || budget.allocated + allocated > limits.allocation) return false;
  if (budget.depth + depth > limits.depth) return false;
  budget.steps += steps;
  budget.allocated += allocated;
  budget.deepest = Math.max(budget.deepest, budget.depth + depth);
  return true;
}

function ownedSince(py: Interpreter, { owned, ownedCount, lastOwned }: Recording): TensorObject[] | undefined {
  const now = py.frame?.owned as TensorObject[] | undefined;
  if (!now) return ownedCount === 0 ? [] : undefined;
  const same = ownedCount === 0 || (now === owned && now[ownedCount - 1] === lastOwned);
  return same ? now.slice(ownedCount) : undefined;
}

/** What was there before the call, with how often it was held when it was first seen. */
function beforeOf({ seen }: Reading): Before {
  const known = new Set<object>();
  const holders = new Map<Storage | GradNode, number>();
  for (const [object, held] of seen) {
    known.add(object);
    if (held.kind !== "foreign") continue;
    const taken = held.taken as Taken;
    if (taken.kind !== "tensor") continue;
    const { value, writer, base, cast } = taken;
    for (const one of [value, value.storage, value.node, writer, base, cast?.storage, cast?.node])
      if (one) known.add(one);
    for (const [one, count] of taken.holders) if (!holders.has(one)) holders.set(one, count);
  }
  return { has: (object) => known.has(object), holders };
}

function changedIn({ seen }: Reading): [TensorObject, Tensor][] {
  const changed: [TensorObject, Tensor][] = [];
  for (const [object, held] of seen) {
    if (held.kind !== "foreign" || !(object instanceof TensorObject)) continue;
    const taken = held.taken as Taken;
    if (taken.kind === "tensor" && taken.value !== object.value) changed.push([object, object.value]);
  }
  return changed;
}

/** The casts that autocast kept since, by storage; undefined where one is of a tensor that nobody read, or some are gone. */
function castsSince(py: Interpreter, { casts, reading }: Recording): [Storage, Tensor][] | undefined {
  const all = castsOf(py);
  if ((all?.size ?? 0) < casts) return undefined;
  const fresh = all ? [...all].slice(casts) : [];
  const storages = new Map<number, Storage>();
  for (const { taken } of foreign(reading)) {
    if (taken.kind !== "tensor") continue;
    const { storage } = taken.value;
    if (taken.cast && all?.get(storage.id) !== taken.cast) return undefined;
    storages.set(storage.id, storage);
  }
  const found = fresh.flatMap(([id, copy]): [Storage, Tensor][] => {
    const storage = storages.get(id);
    return storage ? [[storage, copy]] : [];
  });
  return found.length === fresh.length ? found : undefined;
}

function foreign({ seen }: Reading): { taken: Taken }[] {
  return [...seen.values()].flatMap((held) => (held.kind === "foreign" ? [{ taken: held.taken as Taken }] : []));
}

/** Does a recorded call again for a twin; undefined where the twin is none. */
export function recall(
  py: Interpreter,
  { roots, seen, modes, piece, left, changed, caches, casts, assignments, spent }: Remembered,
  given: readonly Value[],
): { readonly result: Value } | undefined {
  const tracer = tracerOf(py);
  if (modesOf(py, tracer) !== modes) return undefined;
  const pairs = twins(
    seen,
    roots.map((root, i) => [root, given[i] as Value] as const),
    likenessOf(py),
  );
  if (!pairs || !spend(py, spent)) return undefined;
  readAgain(seen, pairs);
  const copying = replay(tracer, piece, pairs);
  const { result, owned } = leave(left, copying);
  const { frame } = py;
  if (frame?.owned) frame.owned.push(...owned);
  else if (frame && owned.length > 0) frame.owned = owned;
  for (const [object, value] of changed) (pairs.get(object) as TensorObject).value = copyTensor(copying, value);
  for (const note of caches) {
    const tensors = note.tensors.map((one) => copyTensor(copying, one));
    cacheNotes(py).push({ ...note, tensors, call: copyCallId(copying, note.call) });
  }
  for (const [storage, copy] of casts) castsOf(py)?.set((pairs.get(storage) as Storage).id, copyTensor(copying, copy));
  tellAgain(py, assignments);
  return { result };
}
