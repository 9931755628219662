/** The numbers that go into a round of a loop: what `for` takes next, and variables that the rounds count on. */
import type { Frame } from "../../python/code.ts";
import type { LoopPlan } from "../../python/interpreter.ts";
import {
  answersAlike,
  type Followed,
  follow,
  isFollowed,
  type Origin,
  type Source,
} from "../../python/remember/buildTags.ts";
import { types } from "../../python/types.ts";
import { PyTuple, type Value } from "../../python/values.ts";
import { Float } from "../../tensor/scalar.ts";

export interface RoundNumbers {
  readonly values: readonly (number | Float)[];
  /** Which places hold numbers of which kind: rounds with another form have nothing to do with each other. */
  readonly form: string;
  /** Slots that hold one, in order; those in the item come behind. */
  readonly slots: readonly number[];
  /** What of the item is no number. */
  readonly others: readonly Value[];
}

/** Deeper tuples are compared as they are. */
const deepest = 3;

export function roundNumbers(f: Frame, { assigned }: LoopPlan, item: Value): RoundNumbers {
  const values: (number | Float)[] = [];
  const others: Value[] = [];
  let form = "";
  const slots = assigned.filter((slot) => {
    const value = f.slots[slot];
    const kind = kindOf(value);
    form += kind;
    if (kind === "-") return false;
    values.push(value as number | Float);
    return true;
  });
  const add = (value: Value, depth: number) => {
    const kind = kindOf(value);
    if (kind !== "-") values.push(value as number | Float);
    else if (isPlainTuple(value) && depth < deepest) {
      form += "(";
      for (const one of value.items) add(one, depth + 1);
      form += ")";
      return;
    } else others.push(value);
    form += kind;
  };
  form += ":";
  add(item, 0);
  return { values, form, slots, others };
}

function kindOf(value: Value | undefined): "i" | "f" | "-" {
  if (typeof value === "number") return "i";
  return value instanceof Float && !isFollowed(value) ? "f" : "-";
}

function isPlainTuple(value: Value): value is PyTuple {
  return value instanceof PyTuple && value.cls === types.tuple;
}

/** Puts followed numbers into the frame's slots; gives the item with followed numbers in it, and what follows them. */
export function followNumbers(
  f: Frame,
  { values, slots }: RoundNumbers,
  item: Value,
): { item: Value; sources: Source[] } {
  const sources = values.map((): Source => ({ decided: false, questions: [], outer: undefined }));
  let next = 0;
  const followed = (): Followed => {
    const i = next++;
    return follow(values[i] as number | Float, sources[i] as Source);
  };
  for (const slot of slots) f.slots[slot] = followed();
  const rebuilt = (value: Value, depth: number): Value => {
    if (kindOf(value) !== "-") return followed();
    if (!isPlainTuple(value) || depth >= deepest) return value;
    return new PyTuple(value.items.map((one) => rebuilt(one, depth + 1)));
  };
  return { item: rebuilt(item, 0), sources };
}

/** Whether a round with other numbers takes the same way. */
export function takesSameWay(
  sources: readonly Source[],
  then: readonly (number | Float)[],
  now: readonly (number | Float)[],
): boolean {
  return sources.every(({ decided, questions }, i) => {
    const number = plain(now[i] as number | Float);
    return decided ? Object.is(number, plain(then[i] as number | Float)) : answersAlike(questions, number);
  });
}

/** What a followed number of a round is in one with other numbers. */
export function numberHere(
  { source, of }: Origin,
  isFloat: boolean,
  sources: readonly Source[],
  now: readonly (number | Float)[],
): number | Float {
  const number = of(plain(now[sources.indexOf(source)] as number | Float));
  return isFloat ? new Float(number) : number;
}

function plain(value: number | Float): number {
  return typeof value === "number" ? value : value.value;
}
