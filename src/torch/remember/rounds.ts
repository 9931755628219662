/**
 * A round of a loop that is remembered: what it did to the trace and to the variables around it, for every number that takes
 * the same way through it. Unlike a call, a round lets go of what the round before it left, and writes to it.
 */
import { Completion, type Frame } from "../../python/code.ts";
import type { Interpreter, LoopPlan } from "../../python/interpreter.ts";
import { following, isFollowed, type Source, unfollowed } from "../../python/remember/buildTags.ts";
import { beginReading, endReading, type Reading, readValue } from "../../python/remember/reads.ts";
import { types } from "../../python/types.ts";
import { run as currentRun, PyList, PyObject, PyTuple, type Value } from "../../python/values.ts";
import { Float } from "../../tensor/scalar.ts";
import type { GradNode, Storage, Tensor } from "../../tensor/tensor.ts";
import { type Before, markOf, type Piece, pieceSince } from "../../trace/pieces.ts";
import { cacheNotes } from "../cacheNotes.ts";
import { unheld } from "../liveness.ts";
import { TensorObject, tracerOf } from "../tensorObject.ts";
import { type Assignments, observed } from "./assignments.ts";
import { modesOf, type Spent } from "./calls.ts";
import { type FollowedArgument, noted } from "./followed.ts";
import { castsOf, lookOf, type Taken } from "./look.ts";
import { Copier } from "./results.ts";
import { followNumbers, type RoundNumbers, roundNumbers } from "./roundNumbers.ts";
import { unfollow } from "./unfollow.ts";

export interface Round {
  readonly modes: string;
  readonly how: Completion;
  readonly numbers: RoundNumbers;
  readonly sources: readonly Source[];
  readonly arguments: readonly FollowedArgument[];
  readonly roots: readonly Value[];
  readonly seen: Reading["seen"];
  readonly piece: Piece;
  /** Slots that it changed, and lists that it appended to, by their slots. */
  readonly slots: readonly (readonly [slot: number, value: Value | undefined])[];
  readonly collected: readonly (readonly [slot: number, values: readonly Value[]])[];
  /** Older tensors as it left them. */
  readonly tensors: readonly {
    readonly object: TensorObject;
    readonly value: Tensor;
    readonly stored: boolean;
    /** It was let go of. */
    readonly gone: boolean;
  }[];
  readonly owned: readonly TensorObject[];
  /** What is released first in the next round. */
  readonly unheld: readonly Value[];
  /** Which of all these values it made. */
  readonly own: ReadonlySet<object>;
  readonly assignments: Assignments;
  readonly spent: Spent;
}

/** Why a round is not worth writing down. */
export const noOperation = "it applies no operation";

/** A list that was made in this run, and is nothing more. */
export function isOwnList(value: Value | undefined): boolean {
  return value instanceof PyList && value.cls === types.list && value.born >= currentRun.number;
}

/** What a round is given: the values of the variables that it may read, what `for` takes next, and what nobody holds. */
export function rootsOf(f: Frame, plan: LoopPlan, { slots, others }: RoundNumbers, loose: readonly Value[]): Value[] {
  const counted = new Set(slots);
  const variables = plan.read.map((slot) => (counted.has(slot) ? null : (f.slots[slot] ?? null)));
  return [...variables, ...others, new PyTuple(loose)];
}

/** Runs a round and writes it down, or says why it cannot be done again. */
export function recordRound(
  py: Interpreter,
  f: Frame,
  plan: LoopPlan,
  item: Value,
  body: (item: Value) => Completion,
): { how: Completion; round: Round | string } {
  const tracer = tracerOf(py);
  const numbers = roundNumbers(f, plan, item);
  const lists = plan.collecting.map((slot) => f.slots[slot]);
  const roots = rootsOf(f, plan, numbers, unheld(py, f, item));
  const original = [...f.slots];
  const followed = followNumbers(f, numbers, item);
  const before = [...f.slots];
  const lengths = lists.map((list) => (list instanceof PyList ? list.items.length : 0));
  const around = ownedAround(f);
  const ownedBefore = f.owned?.length ?? 0;
  const [casts, caches] = [castsOf(py)?.size, cacheNotes(py).length];
  const modes = modesOf(py, tracer);
  const { budget } = py;
  const { steps, allocated, depth, deepest } = budget;
  budget.deepest = depth;
  const { at } = f;
  const reading = beginReading(lookOf(py, true));
  for (const root of roots) readValue(root);
  const mark = markOf(tracer);
  const assignments = observed(py);
  const listed: FollowedArgument[] = [];
  noted.arguments = listed;
  following.count++;
  let how: Completion;
  let finished = false;
  try {
    how = body(followed.item);
    finished = true;
  } finally {
    following.count--;
    noted.arguments = undefined;
    f.at = at;
    assignments.end();
    endReading(reading);
    if (!finished) plainAgain(f, original, before, reading, lists, lengths, item, followed.item);
  }
  const spent = { steps: budget.steps - steps, allocated: budget.allocated - allocated, depth: budget.deepest - depth };
  budget.deepest = Math.max(deepest, budget.deepest);
  const failure =
    reading.failure ??
    (how !== Completion.Next && how !== Completion.Continue ? "it ends the loop" : undefined) ??
    (lists.every((one) => isOwnList(one) && !reading.seen.has(one as PyList))
      ? undefined
      : "a list is not only appended to") ??
    (modesOf(py, tracer) === modes && castsOf(py)?.size === casts && cacheNotes(py).length === caches
      ? undefined
      : "it changed a mode") ??
    (around.every(([frame, count]) => (frame.owned?.length ?? 0) === count)
      ? undefined
      : "it let go of what callers hold");
  const round =
    failure ??
    written(py, f, plan, { reading, lists, lengths, before, ownedBefore }, (left, held, others) => {
      const piece = pieceSince(tracer, mark, held, [], beforeOf(reading), others);
      if (typeof piece === "string") return piece;
      if (!piece.events.some(({ kind }) => kind === "operation")) return noOperation;
      const { sources } = followed;
      const { seen } = reading;
      return { modes, how, numbers, sources, arguments: listed, roots, seen, piece, assignments, spent, ...left };
    });
  plainAgain(f, original, before, reading, lists, lengths, item, followed.item);
  return { how, round };
}

type Left = Pick<Round, "slots" | "collected" | "tensors" | "owned" | "unheld" | "own">;

interface Watched {
  readonly reading: Reading;
  readonly lists: readonly (Value | undefined)[];
  readonly lengths: readonly number[];
  readonly before: readonly (Value | undefined)[];
  readonly ownedBefore: number;
}

/** What a round left, kept apart from what becomes of it. */
function written(
  py: Interpreter,
  f: Frame,
  plan: LoopPlan,
  { reading, lists, lengths, before, ownedBefore }: Watched,
  finish: (left: Left, held: readonly Tensor[], others: readonly Tensor[]) => Round | string,
): Round | string {
  const { seen, start } = reading;
  const owned = ((f.owned ?? []) as TensorObject[]).filter(({ born }) => born > start);
  const tensors = [...seen].flatMap(([object, held]) => {
    if (held.kind !== "foreign" || !(object instanceof TensorObject)) return [];
    const taken = held.taken as Taken;
    if (taken.kind !== "tensor") return [];
    const { value, stored, released } = object;
    const gone = released && !taken.released;
    return value === taken.value && stored === taken.stored && !gone ? [] : [{ object, value, stored, gone }];
  });
  const gone = tensors.filter((one) => one.gone).length;
  if ((f.owned?.length ?? 0) - owned.length !== ownedBefore - gone) return "it let go of what it did not see";
  if ([...owned, ...tensors.map(({ object }) => object)].some(({ grad }) => grad !== null)) return "it made gradients";
  const copies = new Map<PyObject, PyObject>();
  for (const object of owned) {
    const copy = new TensorObject(object.value, object.cls);
    copy.stored = object.stored;
    copies.set(object, copy);
  }
  const copier = new Copier(copies, (value) => (value.born <= start && seen.has(value) ? value : undefined));
  const copy = (value: Value | undefined) => (value === undefined ? undefined : copier.copy(value));
  const slots = f.slots.flatMap((value, slot) => (value === before[slot] ? [] : [[slot, copy(value)] as const]));
  const collected = lists.flatMap((list, i) => {
    const values = (list as PyList).items.slice(lengths[i]).map((one) => copy(one) as Value);
    return values.length > 0 ? [[plan.collecting[i] as number, values] as const] : [];
  });
  const loose = unheld(py, f, null).map((one) => copy(one) as Value);
  for (const object of owned) copier.fillAttributes(object, copies.get(object) as TensorObject);
  if (copier.failed) return "it left what cannot be copied";
  const left: Left = {
    slots,
    collected,
    tensors,
    owned: owned.map((one) => copies.get(one) as TensorObject),
    unheld: loose,
    own: new Set(copies.values()),
  };
  const changed = tensors.flatMap(({ object, value, gone: dead }) => {
    const taken = seen.get(object);
    const same = taken?.kind === "foreign" && (taken.taken as { value?: Tensor }).value === value;
    return same || dead ? [] : [value];
  });
  return finish(
    left,
    [...owned.map(({ value }) => value), ...changed],
    tensors.map(({ value }) => value),
  );
}

function ownedAround(f: Frame): [Frame, number][] {
  const around: [Frame, number][] = [];
  for (let frame = f.back; frame; frame = frame.back) around.push([frame, frame.owned?.length ?? 0]);
  return around;
}

/** Plain numbers in the place of followed ones, wherever the round put them. */
function plainAgain(
  f: Frame,
  original: readonly (Value | undefined)[],
  before: readonly (Value | undefined)[],
  { start, seen }: Reading,
  lists: readonly (Value | undefined)[],
  lengths: readonly number[],
  item: Value,
  followedItem: Value,
): void {
  const plain = (value: Value): Value => {
    if (isFollowed(value)) return unfollowed(value, value instanceof Float);
    if (value === followedItem) return item;
    if (value instanceof PyObject && value.born > start) unfollow(value, start);
    return value;
  };
  for (const [slot, value] of f.slots.entries()) {
    if (value === undefined) continue;
    f.slots[slot] = value === before[slot] ? original[slot] : plain(value);
  }
  for (const [i, list] of lists.entries()) {
    if (!(list instanceof PyList)) continue;
    for (let k = lengths[i] as number; k < list.items.length; k++) list.items[k] = plain(list.items[k] as Value);
  }
  // A round that wrote elsewhere is not done again; what it wrote stays.
  for (const object of seen.keys()) {
    if (object instanceof PyObject) unfollow(object, start);
    else if (object.value !== undefined) object.value = plain(object.value);
  }
}

/** What was there before a round, as it was when first seen. */
function beforeOf({ seen }: Reading): Before {
  const known = new Set<object>();
  const holders = new Map<Storage | GradNode, number>();
  const storages = new Map<Storage, Pick<Storage, "tensors" | "writer">>();
  for (const [object, held] of seen) {
    known.add(object);
    if (held.kind !== "foreign") continue;
    const taken = held.taken as Taken;
    if (taken.kind !== "tensor") continue;
    const { value, writer, base, cast, tensors } = taken;
    const { storage, node } = value;
    for (const one of [value, storage, node, writer, base, cast?.storage, cast?.node]) if (one) known.add(one);
    for (const [one, count] of taken.holders) if (!holders.has(one)) holders.set(one, count);
    if (!storages.has(storage)) storages.set(storage, { tensors, writer });
  }
  return { has: (object) => known.has(object), holders, storages };
}
