/**
 * Numbers that are followed through the building of a layer: an index or a rate that differs from block to block and is
 * mostly only stored. What was decided by one is kept as a question with its answer, so that a block remembered for one
 * number serves for each that answers alike; whatever else looks at the number ties the memory to its value.
 */
import type { BinaryOperator } from "../../syntax/ast.ts";
import { constant } from "../../tensor/expression.ts";
import { Float } from "../../tensor/scalar.ts";
import { SymInt } from "../../tensor/size.ts";
import type { Value } from "../values.ts";

/** One number that was handed in, and what has been asked of it. */
export interface Source {
  /** Something looked at the number itself. */
  decided: boolean;
  readonly questions: Question[];
  /** The followed number that it was handed in as, in a building around this one. */
  readonly outer: Followed | undefined;
}

/** Something that rested on the number: `ask` gives for another number what `answer` was for this one. */
export interface Question {
  readonly ask: (number: number) => unknown;
  readonly answer: unknown;
}

/** How a number follows from the one handed in. */
export interface Origin {
  readonly source: Source;
  readonly of: (number: number) => number;
  /** What it is now; reading it here decides nothing. */
  readonly now: number;
}

/** An int or a float that is followed. */
export type Followed = FollowedInt | FollowedFloat;

/** How many buildings with followed numbers are in progress: where there is none, nobody need look for them. */
export const following = { count: 0 };

export class FollowedInt extends SymInt {
  readonly origin: Origin;
  constructor(origin: Origin) {
    super(origin.now, constant(origin.now));
    this.origin = origin;
    Object.defineProperty(this, "hint", { get: () => looked(origin) });
    const { now } = origin;
    Object.defineProperty(this, "expr", {
      get: () => {
        looked(origin);
        return constant(now);
      },
    });
  }
}

export class FollowedFloat extends Float {
  readonly origin: Origin;
  constructor(origin: Origin) {
    super(origin.now);
    this.origin = origin;
    Object.defineProperty(this, "value", { get: () => looked(origin) });
  }
}

export function isFollowed(value: unknown): value is Followed {
  return value instanceof FollowedInt || value instanceof FollowedFloat;
}

/** A number handed in, followed from here on. */
export function follow(value: number | Float | SymInt, source: Source): Followed {
  const now = valueOf(value);
  const origin: Origin = { source, of: (number) => number, now };
  return value instanceof Float ? new FollowedFloat(origin) : new FollowedInt(origin);
}

/** The number itself, without deciding anything where it is followed. */
export function valueOf(value: number | Float | SymInt): number {
  if (typeof value === "number") return value;
  if (isFollowed(value)) return value.origin.now;
  return value instanceof Float ? value.value : value.hint;
}

/** A followed number as the plain one that it stands for, or as the one that the building around handed in. */
export function unfollowed({ origin }: Followed, isFloat: boolean): Value {
  const { outer } = origin.source;
  if (!outer) return isFloat ? new Float(origin.now) : origin.now;
  const { source, of } = outer.origin;
  const derived: Origin = { source, of: (number) => origin.of(of(number)), now: origin.now };
  return isFloat ? new FollowedFloat(derived) : new FollowedInt(derived);
}

/** More questions than this tie the memory to the number. */
const mostQuestions = 100;

/** Says that something rests on the answer. */
export function asked({ source, of }: Origin, ask: (number: number) => unknown, answer: unknown): void {
  if (source.questions.length >= mostQuestions) source.decided = true;
  else source.questions.push({ ask: (number) => ask(of(number)), answer });
  const { outer } = source;
  if (outer) asked(outer.origin, (number) => ask(of(number)), answer);
}

/** Whether all questions have the same answers for another number. */
export function answersAlike(questions: readonly Question[], number: number): boolean {
  return questions.every(({ ask, answer }) => Object.is(ask(number), answer));
}

function looked({ source, now }: Origin): number {
  decide(source);
  return now;
}

function decide(source: Source): void {
  source.decided = true;
  if (source.outer) decide(source.outer.origin.source);
}

/** A plain number, for arithmetic with a followed one. */
function plainNumber(value: Value): { number: number; isFloat: boolean } | undefined {
  if (typeof value === "number") return { number: value, isFloat: false };
  return value instanceof Float && !isFollowed(value) ? { number: value.value, isFloat: true } : undefined;
}

/** A sum, product or remainder of a followed number and a plain one, followed in turn; undefined for anything else. */
export function followedArithmetic(op: BinaryOperator, left: Value, right: Value): Value | undefined {
  const followed = isFollowed(left) ? left : isFollowed(right) ? right : undefined;
  if (!followed) return undefined;
  const other = plainNumber(followed === left ? right : left);
  if (!other) return undefined;
  const first = followed === left;
  const isFloat = other.isFloat || followed instanceof FollowedFloat || op === "/";
  if ((op === "//" || op === "%" || op === "/") && (!first || other.number === 0)) return undefined;
  const compute = operations[op];
  if (!compute) return undefined;
  const { source, of, now } = followed.origin;
  const apply = (number: number) => (first ? compute(number, other.number) : compute(other.number, number));
  const result = apply(now);
  if (!isFloat && !Number.isSafeInteger(result)) return undefined;
  const origin: Origin = { source, of: (number) => apply(of(number)), now: result };
  return isFloat ? new FollowedFloat(origin) : new FollowedInt(origin);
}

const operations: Partial<Record<BinaryOperator, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "//": (a, b) => Math.floor(a / b),
  // Python floors toward minus infinity: the remainder has the divisor's sign.
  "%": (a, b) => a - Math.floor(a / b) * b,
};

type Comparison = "<" | "<=" | ">" | ">=" | "==";

const comparisons: Record<Comparison, (a: number, b: number) => boolean> = {
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
  "==": (a, b) => a === b,
};

/** What comparing a followed number with a plain one gives; undefined for anything else. */
export function followedComparison(op: Comparison, left: Value, right: Value): boolean | undefined {
  const followed = isFollowed(left) ? left : isFollowed(right) ? right : undefined;
  if (!followed) return undefined;
  const beside = followed === left ? right : left;
  if (beside === null && op === "==") return false;
  const other = plainNumber(beside);
  if (!other) return undefined;
  const compare = comparisons[op];
  const ask =
    followed === left
      ? (number: number) => compare(number, other.number)
      : (number: number) => compare(other.number, number);
  const answer = ask(followed.origin.now);
  asked(followed.origin, ask, answer);
  return answer;
}

/** Whether a followed number counts as true. */
export function followedTruth({ origin }: Followed): boolean {
  const answer = origin.now !== 0;
  asked(origin, (number) => number !== 0, answer);
  return answer;
}

/** What a dict has under the number: what stands there, or that nothing does, is what the question is about. */
export function followedEntry(
  entries: ReadonlyMap<unknown, readonly [Value, Value]>,
  { origin }: FollowedInt,
): Value | undefined {
  const then = new Map(entries);
  const ask = (number: number) => {
    const item = then.get(number)?.[1];
    return item instanceof Float ? item.value : item;
  };
  asked(origin, ask, ask(origin.now));
  return entries.get(origin.now)?.[1];
}

/** `items[number]`, where what stands there is what the question is about; undefined where there is no such place. */
export function followedItem(items: readonly Value[], { origin }: FollowedInt): Value | undefined {
  const then = [...items];
  const ask = (number: number) => {
    const item = then[number < 0 ? number + then.length : number];
    return item instanceof Float ? item.value : item;
  };
  const item = items[origin.now < 0 ? origin.now + items.length : origin.now];
  if (item === undefined || isFollowed(item)) return undefined;
  asked(origin, ask, ask(origin.now));
  return item;
}
