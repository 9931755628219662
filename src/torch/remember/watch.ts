/** Builds a layer while everything that it reads is written down, so that it can be remembered. */
import type { Frame } from "../../python/code.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import { follow, following, isFollowed, type Source, valueOf } from "../../python/remember/buildTags.ts";
import { beginReading, endReading, readValue } from "../../python/remember/reads.ts";
import { PyInstance, PyObject, type Value } from "../../python/values.ts";
import type { Expression } from "../../syntax/ast.ts";
import { refusals } from "../findings.ts";
import { type Assigned, aroundNow, changeable, type Entry, look, type NumberRule } from "./entry.ts";
import { type Given, type Numeric, withNumbers } from "./given.ts";
import { type PlacesIn, templateOf, Unrepeatable } from "./template.ts";
import { unfollow } from "./unfollow.ts";

export interface Watched {
  readonly value: Value;
  /** What there is to remember, or why there is nothing. */
  readonly entry: Entry | string;
  /** The numbers that were followed and looked at all the same. */
  readonly decided: readonly number[];
}

/** Builds a layer; `slots` are the numbers to follow, besides those that a building around this one follows. */
export function watched(
  py: Interpreter,
  given: Given,
  slots: ReadonlySet<number>,
  make: (given: Pick<Given, "args" | "keywords">) => Value,
): Watched {
  const sources = given.numbers.map((number, i): Source | undefined =>
    slots.has(i) || isFollowed(number)
      ? { decided: false, questions: [], outer: isFollowed(number) ? number : undefined }
      : undefined,
  );
  const follows = sources.some((one) => one !== undefined);
  const numbers = given.numbers.map((number, i) => (sources[i] ? follow(number, sources[i] as Source) : number));
  const { budget } = py;
  const { steps, allocated, depth, deepest } = budget;
  const around = aroundNow(py);
  const refused = refusals(py).length;
  const log: Log[] = [];
  const stop = logAssignments(py, log);
  const reading = beginReading(look);
  for (const object of given.objects) readValue(object);
  budget.deepest = depth;
  if (follows) following.count++;
  let nested = 0;
  let value: Value;
  try {
    value = make(follows ? withNumbers(given, numbers) : given);
  } finally {
    if (follows) following.count--;
    stop();
    endReading(reading);
    nested = budget.deepest - depth;
    budget.deepest = Math.max(deepest, budget.deepest);
  }
  const isNew = value instanceof PyObject && value.born > reading.start;
  const template = isNew ? templateOf(value as PyObject, reading.start, sources) : new Unrepeatable("an older object");
  if (follows && isNew) unfollow(value as PyObject, reading.start);
  const decided = sources.flatMap((source, i) => (source?.decided ? [i] : []));
  const changed = aroundNow(py).some((one, i) => one !== around[i]);
  const reason =
    reading.failure ??
    (template instanceof Unrepeatable ? template.reason : undefined) ??
    (changed || refusals(py).length !== refused ? "state of the interpreter was changed" : undefined);
  if (reason !== undefined || template instanceof Unrepeatable) return { value, entry: reason as string, decided };
  const entry: Entry = {
    given,
    rules: given.numbers.map((number, i) => ruleOf(number, sources[i])),
    seen: reading.seen,
    checks: changeable(reading.seen),
    around,
    template: template.template,
    assigned: assignedIn(log, template.places),
    steps: budget.steps - steps,
    elements: budget.allocated - allocated,
    depth: nested,
  };
  return { value, entry, decided };
}

function ruleOf(number: Numeric, source: Source | undefined): NumberRule {
  if (source && !source.decided) return { questions: source.questions };
  return { value: valueOf(number) };
}

/** A layer put into an attribute. */
interface Log {
  readonly frame: Frame;
  readonly target: Expression;
  readonly owner: PyObject;
  readonly value: PyObject;
}

/** Writes down what an observer is told of layers, where there is one; gives what ends that. */
function logAssignments(py: Interpreter, log: Log[]): () => void {
  const told = py.assigned;
  if (!told) return () => {};
  py.assigned = (frame, target, owner, value) => {
    told(frame, target, owner, value);
    if (owner instanceof PyInstance && value instanceof PyInstance) log.push({ frame, target, owner, value });
  };
  return () => {
    py.assigned = told;
  };
}

function assignedIn(log: readonly Log[], places: PlacesIn): Assigned[] {
  return log.flatMap(({ frame, target, owner, value }) => {
    const from = places.get(owner);
    const to = places.get(value);
    return from && to ? [{ frame, target, owner: from.index, value: to.index }] : [];
  });
}
