/** Loops over time: a round like one before it is done again from the record, not interpreted. */
import type { Completion, Frame } from "../../python/code.ts";
import type { Interpreter, Loop, LoopPlan } from "../../python/interpreter.ts";
import { isFollowed } from "../../python/remember/buildTags.ts";
import { type Pairs, readAgain, twins } from "../../python/remember/twins.ts";
import { type PyList, type PyObject, PyTuple, run, type Value } from "../../python/values.ts";
import { Float } from "../../tensor/scalar.ts";
import { copyTensor } from "../../trace/copies.ts";
import { replay } from "../../trace/replay.ts";
import { unheld } from "../liveness.ts";
import { isModule } from "../modelTree.ts";
import { TensorObject, tracerOf } from "../tensorObject.ts";
import { tellAgain } from "./assignments.ts";
import { modesOf, spend } from "./calls.ts";
import { noted } from "./followed.ts";
import { likenessOf } from "./look.ts";
import { Copier } from "./results.ts";
import { numberHere, type RoundNumbers, roundNumbers, takesSameWay } from "./roundNumbers.ts";
import { isOwnList, noOperation, type Round, recordRound, rootsOf } from "./rounds.ts";

/** The first rounds of a loop differ, and shorter loops take less time than looking at their rounds. */
const settling = 5;
/** As many different rounds of a loop are kept. */
const mostKept = 8;
/** A loop is given up after so many rounds in a row that nothing was like; one that cannot be done again counts for more. */
const mostTries = 6;
const failure = 3;

/** What is known of the rounds of a loop in the present run, each time that it is run. */
export interface Folded {
  readonly kept: Round[];
  /** Rounds that were written down since one was done again, failures counted for more. */
  tries: number;
  recorded: number;
  again: number;
  /** Why the last round that was recorded is not done again. */
  reason: string;
}

/** Follows a loop in a module's `forward`. */
export function loopOf(py: Interpreter, f: Frame, plan: LoopPlan): Loop | undefined {
  const tracer = tracerOf(py);
  if (py.budget.limits.forgetful || tracer.module === 0 || tracer.pass !== "forward") return undefined;
  const loops = foldedLoops(py);
  const told = loops.get(plan) ?? { kept: [], tries: 0, recorded: 0, again: 0, reason: "" };
  loops.set(plan, told);
  return told.tries < mostTries ? new Folding(py, f, plan, told) : undefined;
}

/** The loops of the present run. */
function foldedLoops(py: Interpreter): Map<LoopPlan, Folded> {
  const before = py.extensions.get("folded loops") as { run: number; loops: Map<LoopPlan, Folded> } | undefined;
  if (before?.run === run.number) return before.loops;
  const loops = new Map<LoopPlan, Folded>();
  py.extensions.set("folded loops", { run: run.number, loops });
  return loops;
}

function holdsLayer(item: Value): boolean {
  return isModule(item) || (item instanceof PyTuple && item.items.some(isModule));
}

class Folding implements Loop {
  private rounds = 0;
  /** What the last round left for the next one to release; undefined where that was not written down. */
  private loose: readonly TensorObject[] | undefined;

  constructor(
    private readonly py: Interpreter,
    private readonly f: Frame,
    private readonly plan: LoopPlan,
    private readonly told: Folded,
  ) {}

  round(item: Value, body: (item: Value) => Completion): Completion {
    const { py, f, plan, told } = this;
    const early = this.rounds++ < settling && told.kept.length === 0;
    if (early || told.tries >= mostTries || noted.arguments) return body(item);
    // A loop over layers is not one over time: their calls are remembered by themselves.
    if (holdsLayer(item)) told.tries = mostTries;
    const loose = this.loose;
    this.loose = undefined;
    if (told.kept.length > 0) {
      const again = this.again(item, loose ?? unheld(py, f, item));
      if (again !== undefined) {
        told.tries = 0;
        told.again++;
        return again;
      }
    }
    if (this.rounds <= settling) return body(item);
    if (plan.assigned.some((slot) => isFollowed(f.slots[slot])) || isFollowed(item)) return body(item);
    if (told.tries >= mostTries) return body(item);
    told.tries++;
    told.recorded++;
    const { how, round } = recordRound(py, f, plan, item, body);
    if (typeof round === "string") {
      told.reason = round;
      told.tries += round === noOperation ? mostTries : failure - 1;
    } else {
      told.kept.unshift(round);
      told.kept.length = Math.min(told.kept.length, mostKept);
    }
    return how;
  }

  private again(item: Value, loose: readonly TensorObject[]): Completion | undefined {
    const { py, f, plan } = this;
    const modes = modesOf(py, tracerOf(py));
    const numbers = roundNumbers(f, plan, item);
    const roots = rootsOf(f, plan, numbers, loose);
    for (const round of this.told.kept) {
      if (round.modes !== modes || round.numbers.form !== numbers.form) continue;
      if (!takesSameWay(round.sources, round.numbers.values, numbers.values)) continue;
      const pairs = twins(
        round.seen,
        round.roots.map((root, i) => [root, roots[i] as Value] as const),
        likenessOf(py, true),
      );
      if (!pairs || !this.collects(round, pairs) || !spend(py, round.spent)) continue;
      readAgain(round.seen, pairs);
      this.doAgain(round, pairs, numbers.values);
      return round.how;
    }
    return undefined;
  }

  /** Whether the lists that a round appends to are lists here, which nothing else of it looks at. */
  private collects({ collected }: Round, pairs: Pairs): boolean {
    if (collected.length === 0) return true;
    const looked = new Set(pairs.values());
    return collected.every(([slot]) => {
      const list = this.f.slots[slot];
      return isOwnList(list) && !looked.has(list as PyList);
    });
  }

  private doAgain(round: Round, pairs: Pairs, now: RoundNumbers["values"]): void {
    const { py, f } = this;
    const { sources } = round;
    const copying = replay(tracerOf(py), round.piece, pairs, (args, event) => {
      for (const one of round.arguments)
        if (one.event === event && one.position < args.length)
          args[one.position] = numberHere(one.origin, one.isFloat, sources, now);
    });
    const copies = new Map<PyObject, PyObject>();
    const owned = round.owned.map((object) => {
      const copy = new TensorObject(copyTensor(copying, object.value), object.cls);
      copy.stored = object.stored;
      copies.set(object, copy);
      return copy;
    });
    const copier = new Copier(
      copies,
      (value) => (round.own.has(value) ? undefined : (copying.copies.get(value) as PyObject | undefined)),
      (value) => (isFollowed(value) ? numberHere(value.origin, value instanceof Float, sources, now) : value),
    );
    const copy = (value: Value) => copier.copy(value) as Value;
    for (const { object, value, stored, gone } of round.tensors) {
      const here = copying.copies.get(object) as TensorObject;
      here.value = copyTensor(copying, value);
      here.stored = stored;
      if (gone) here.released = true;
    }
    let before = (f.owned ?? []) as TensorObject[];
    if (round.tensors.some(({ gone }) => gone)) before = before.filter(({ released }) => !released);
    before.push(...owned);
    f.owned = before;
    for (const [slot, values] of round.collected) (f.slots[slot] as PyList).items.push(...values.map(copy));
    for (const [slot, value] of round.slots) f.slots[slot] = value === undefined ? undefined : copy(value);
    this.loose = round.unheld.map((one) => copy(one) as TensorObject);
    round.owned.forEach((object, i) => {
      copier.fillAttributes(object, owned[i] as TensorObject);
    });
    tellAgain(py, round.assignments);
  }
}
