/**
 * Layers that were built before are copied, not built again. The first building of a class is watched (reads.ts); a later
 * one with equal arguments, in a world that looks the same to it, is a copy of what the first one made. An index or a rate
 * that differs from layer to layer is followed (buildTags.ts): where nothing was decided by it, or all was decided alike,
 * the copy holds the new number. Whatever a copy would not repeat (a counter, a list of somebody else's, an assumption)
 * leaves the class to be built as written.
 */
import type { Interpreter, Make } from "../../python/interpreter.ts";
import { valueOf } from "../../python/remember/buildTags.ts";
import { type Pairs, readAgain } from "../../python/remember/twins.ts";
import { type Keywords, type PyClass, PyFunction, PyObject, type Value } from "../../python/values.ts";
import { noteBuilt } from "../builtAt.ts";
import { cloneOf } from "./clone.ts";
import { askAgain, type Entry, misfits, placesOf } from "./entry.ts";
import { type Given, givenTo } from "./given.ts";
import { watched } from "./watch.ts";

/** What is known of calls of one class that differ in numbers and objects alone. */
export interface Bucket {
  readonly entries: Entry[];
  /** Numbers that decide too much to be followed. */
  readonly never: Set<number>;
  /** Numbers that were followed together, and those of them that were looked at. */
  readonly tried: Map<string, readonly number[]>;
  /** Calls that were met and not watched, and the first of them. */
  readonly met: Set<string>;
  first: Given | undefined;
  /** As quickly built as copied. */
  small: boolean;
  watched: number;
  failed: number;
  hits: number;
}

export interface Builds {
  /** Off: everything is built as written. */
  on: boolean;
  /** How often `__init__` was run, and how often a copy served instead, by the class's name. */
  readonly ran: Map<string, number>;
  readonly copied: Map<string, number>;
  /** Why buildings could not be remembered. */
  readonly reasons: Map<string, number>;
  readonly buckets: Map<PyClass, Map<string, Bucket>>;
  /** How many layers are being built inside each other. */
  depth: number;
}

/** Whether interpreters remember what they build; tests compare both. */
export const buildsByDefault = { on: true };

/** What an interpreter remembers of layers that it built. */
export function buildsOf(py: Interpreter): Builds {
  const known = py.extensions.get("builds") as Builds | undefined;
  if (known) return known;
  const { on } = buildsByDefault;
  const fresh: Builds = { on, ran: new Map(), copied: new Map(), reasons: new Map(), buckets: new Map(), depth: 0 };
  py.extensions.set("builds", fresh);
  return fresh;
}

/** Each object stands for itself. */
const themselves: Pick<Pairs, "get"> = { get: (object) => object };

/** More buildings than this of one kind are not kept. */
const mostEntries = 24;

/** The instance that calling a class gives: a copy where it is a layer that was built before. */
export function buildOrRemember(
  py: Interpreter,
  cls: PyClass,
  args: readonly Value[],
  keywords: Keywords,
  make: Make,
): Value {
  if (cls.lookup("_modules") !== null) return make(py, cls, args, keywords);
  const at = py.place();
  const layer = builtOrCopied(py, cls, args, keywords, make);
  if (layer instanceof PyObject) noteBuilt(layer, at);
  return layer;
}

function builtOrCopied(py: Interpreter, cls: PyClass, args: readonly Value[], keywords: Keywords, make: Make): Value {
  const builds = buildsOf(py);
  const given = builds.on ? givenTo(args, keywords) : undefined;
  const bucket = given && bucketOf(builds, cls, given.key);
  const copy = bucket && copied(py, bucket, given);
  if (copy) {
    count(builds.copied, cls.name);
    return copy;
  }
  count(builds.ran, cls.name);
  builds.depth++;
  try {
    if (!bucket || !isWorthwhile(builds, bucket, given, isOurs(cls))) return make(py, cls, args, keywords);
    return watchedBuild(py, builds, bucket, given, (inner) => make(py, cls, inner.args, inner.keywords));
  } finally {
    builds.depth--;
  }
}

export function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function bucketOf(builds: Builds, cls: PyClass, key: string): Bucket {
  const ofClass = builds.buckets.get(cls) ?? new Map<string, Bucket>();
  builds.buckets.set(cls, ofClass);
  const bucket = ofClass.get(key) ?? {
    entries: [],
    never: new Set(),
    tried: new Map(),
    met: new Set(),
    first: undefined,
    small: false,
    watched: 0,
    failed: 0,
    hits: 0,
  };
  ofClass.set(key, bucket);
  return bucket;
}

/** A copy of what an earlier building made that stands for this one. */
function copied(py: Interpreter, bucket: Bucket, given: Given): Value | undefined {
  const { budget } = py;
  for (let i = bucket.entries.length - 1; i >= 0; i--) {
    const entry = bucket.entries[i] as Entry;
    if (misfits(entry, given.numbers, bucket.never).length > 0) continue;
    if (budget.depth + entry.depth > budget.limits.depth) continue;
    const places = placesOf(py, entry, given.objects);
    if (!places) continue;
    bucket.hits++;
    budget.spend(entry.steps, entry.elements);
    askAgain(entry, given.numbers);
    readAgain(entry.seen, places === "same" ? themselves : places);
    const { root, made } = cloneOf(py, entry.template, given.numbers, places === "same" ? undefined : places);
    for (const { frame, target, owner, value } of entry.assigned)
      py.assigned?.(frame, target, made[owner] as PyObject, made[value] as PyObject);
    return root;
  }
  return undefined;
}

/** Kinds of calls that were watched as often as this, and never came again, are watched when they come a second time. */
const patience = 4;

/**
 * Whether to watch a building. A class of the user's is watched at once; one of PyTorch's own, which is quickly built and
 * mostly part of something that is remembered as a whole, when it comes a second time, and so is what stands in no layer.
 */
function isWorthwhile(builds: Builds, bucket: Bucket, given: Given, ours: boolean): boolean {
  if (bucket.small || (bucket.hits === 0 && bucket.failed >= 2)) return false;
  const seldom = bucket.hits === 0 && bucket.watched >= patience;
  if (builds.depth > 1 && !ours && !seldom) return true;
  bucket.first ??= given;
  const { numbers, objects } = given;
  const key = [
    ...(seldom ? numbers.map(valueOf) : []),
    ...objects.map((one) => (one instanceof PyObject ? one.born : String(one))),
  ].join(",");
  if (bucket.met.has(key)) return true;
  bucket.met.add(key);
  return false;
}

/** A layer of so few steps and objects has little more than its registers. */
const smallSteps = 6;
const smallPieces = 6;

function isSmall({ steps, template: { pieces } }: Entry): boolean {
  const bare = pieces.every(({ kind }) => kind === "instance" || kind === "dict" || kind === "set");
  return bare && steps <= smallSteps && pieces.length <= smallPieces;
}

/** Whether a class is built by PyTorch's own code. */
function isOurs(cls: PyClass): boolean {
  const init = cls.lookup("__init__");
  return !(init instanceof PyFunction) || init.code.chunk.path.startsWith("assay:/");
}

function watchedBuild(
  py: Interpreter,
  builds: Builds,
  bucket: Bucket,
  given: Given,
  make: (given: Pick<Given, "args" | "keywords">) => Value,
): Value {
  bucket.watched++;
  const slots = slotsToFollow(bucket, given);
  const { value, entry, decided } = watched(py, given, new Set(slots), make);
  if (slots.length === 1) for (const slot of decided) bucket.never.add(slot);
  else if (decided.length > 0) bucket.tried.set(slots.join(","), decided);
  if (typeof entry === "string") {
    bucket.failed++;
    count(builds.reasons, entry);
  } else if (isSmall(entry)) bucket.small = true;
  else {
    bucket.entries.push(entry);
    if (bucket.entries.length > mostEntries) bucket.entries.shift();
  }
  return value;
}

/** The numbers in which this call differs from the one most like it, and those that were followed there. */
function slotsToFollow({ entries, first, never, tried }: Bucket, { numbers, objects }: Given): readonly number[] {
  let fewest: number[] = [];
  let like: Pick<Entry, "rules"> | undefined;
  if (entries.length === 0 && first?.objects.every((one, i) => one === objects[i])) {
    like = { rules: first.numbers.map((number) => ({ value: valueOf(number) })) };
    fewest = misfits(like, numbers, never);
  }
  for (const entry of entries) {
    if (!objects.every((one, i) => one === entry.given.objects[i])) continue;
    const wrong = misfits(entry, numbers, never);
    if (!like || wrong.length <= fewest.length) [like, fewest] = [entry, wrong];
  }
  const differing = fewest.filter((i) => !never.has(i));
  if (!like || differing.length === 0) return [];
  const free = like.rules.flatMap((rule, i) => ("questions" in rule && !differing.includes(i) ? [i] : []));
  const slots = [...differing, ...free].sort((a, b) => a - b);
  const decided = tried.get(slots.join(",")) ?? [];
  return slots.filter((i) => !decided.includes(i));
}
