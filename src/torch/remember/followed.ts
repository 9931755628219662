/**
 * Numbers that differ from round to round where tensor operations take them: an index or a bound says which part of memory
 * is meant, not what comes of it. What does come of it is asked, and the argument is written down to be said anew.
 */
import { asked, FollowedInt, isFollowed, type Origin } from "../../python/remember/buildTags.ts";
import type { Value } from "../../python/values.ts";
import { Float } from "../../tensor/scalar.ts";
import { integer, type Size, SymInt } from "../../tensor/size.ts";
import { TensorObject } from "../tensorObject.ts";

/** An argument that follows from a number: of which operation, and where. */
export interface FollowedArgument {
  /** The operation's place in the trace. */
  readonly event: number;
  readonly position: number;
  readonly origin: Origin;
  readonly isFloat: boolean;
}

/** Where they are written down while a round is recorded. */
export const noted: { arguments: FollowedArgument[] | undefined } = { arguments: undefined };

/** What a number decides: asked where it is followed. */
export function decidedBy(value: Size, ask: (number: number) => boolean): boolean {
  if (!(value instanceof FollowedInt)) return ask(integer(value));
  const answer = ask(value.origin.now);
  asked(value.origin, ask, answer);
  return answer;
}

/** An operation's arguments with plain numbers for those that are followed. */
export function settled(name: string, args: readonly Value[], event: () => number): readonly Value[] {
  const list = noted.arguments;
  if (!list || !args.some(isFollowed)) return args;
  const places = asks(name, args);
  return args.map((arg, position) => {
    if (!isFollowed(arg)) return arg;
    if (!places.has(position)) return arg instanceof Float ? new Float(arg.value) : arg.hint;
    list.push({ event: event(), position, origin: arg.origin, isFloat: arg instanceof Float });
    return arg instanceof Float ? new Float(arg.origin.now) : arg.origin.now;
  });
}

/** Asks what an operation's result rests on; gives the places of the arguments that nothing else of it does. */
function asks(name: string, args: readonly Value[]): ReadonlySet<number> {
  const [self, dim] = args;
  if (!(self instanceof TensorObject) || self.value.data) return none;
  const size = typeof dim === "number" ? known(self.value.shape.at(dim)) : undefined;
  if (size === undefined) return none;
  if (name === "aten.select") return inside(args[2], (index) => index >= -size && index < size, new Set([2]));
  if (name === "aten.narrow") {
    const length = known(args[3]);
    if (length === undefined) return none;
    return inside(
      args[2],
      (start) => (start < 0 ? start + size : start) + length <= size && start >= -size,
      new Set([2]),
    );
  }
  return name === "aten.slice" ? sliced(args, size) : none;
}

const none: ReadonlySet<number> = new Set();

/** Only where it fits: what does not is refused, in words that name it. */
function inside(
  value: Value | undefined,
  fits: (number: number) => boolean,
  at: ReadonlySet<number>,
): ReadonlySet<number> {
  if (!(value instanceof FollowedInt) || !fits(value.origin.now)) return none;
  asked(value.origin, fits, true);
  return at;
}

/** A slice's length is what its bounds decide. */
function sliced(args: readonly Value[], size: number): ReadonlySet<number> {
  const [, , start = null, end = null, step = 1] = args;
  if (step !== 1 && step !== null) return none;
  const bounds = [start, end].map(boundOf);
  if (bounds.includes(undefined)) return none;
  const [from, to] = bounds as [Bound, Bound];
  const sources = new Set([from, to].flatMap(({ origin }) => (origin ? [origin.source] : [])));
  const [source] = sources;
  if (!source || sources.size > 1) return none;
  const length = (number: number) => {
    const first = drawnIn(from.of(number) ?? 0, size);
    const last = drawnIn(to.of(number) ?? size, size);
    return Math.max(0, last - first);
  };
  const [first, last] = [drawnIn(from.now ?? 0, size), drawnIn(to.now ?? size, size)];
  asked({ source, of: (number) => number, now: 0 }, length, Math.max(0, last - first));
  return new Set([...(from.origin ? [2] : []), ...(to.origin ? [3] : [])]);
}

interface Bound {
  readonly origin: Origin | undefined;
  /** Null where there is none. */
  readonly now: number | null;
  /** The bound for another number handed in. */
  readonly of: (number: number) => number | null;
}

function boundOf(value: Value): Bound | undefined {
  if (value === null) return { origin: undefined, now: null, of: () => null };
  if (value instanceof FollowedInt) return { origin: value.origin, now: value.origin.now, of: value.origin.of };
  const number = known(value);
  return number === undefined ? undefined : { origin: undefined, now: number, of: () => number };
}

function drawnIn(bound: number, size: number): number {
  return Math.min(Math.max(bound < 0 ? bound + size : bound, 0), size);
}

function known(value: unknown): number | undefined {
  return typeof value === "number" ? value : value instanceof SymInt && !isFollowed(value) ? value.hint : undefined;
}
