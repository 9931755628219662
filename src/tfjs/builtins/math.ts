import { Unknown } from "../../base/unknown.ts";
import { largest, type Size, SymInt, smallest } from "../../tensor/size.ts";
import type { Machine } from "../language/machine.ts";
import { toNumber } from "../language/operators.ts";
import { type Native, numberIn, type Value } from "../language/values.ts";
import { methods } from "./globals.ts";

const ofNumbers =
  "abs ceil floor round trunc sqrt cbrt exp expm1 log log2 log10 log1p sin cos tan asin acos atan sinh cosh tanh sign fround".split(
    " ",
  ) as Exclude<keyof typeof Math, symbol>[];

/** `Math`. What is drawn at random is not known. */
export function installMath(machine: Machine): void {
  const math = machine.object([
    ["PI", Math.PI],
    ["E", Math.E],
    ["LN2", Math.LN2],
    ["LN10", Math.LN10],
    ["SQRT2", Math.SQRT2],
  ]);
  const entries: Record<string, Native> = {
    random: () => new Unknown("a random number", machine.place, true),
    pow: (_, [base, power]) => onNumbers([base, power], ([a = 0, b = 0]) => a ** b),
    atan2: (_, args) => onNumbers(args, ([a = 0, b = 0]) => Math.atan2(a, b)),
    hypot: (_, args) => onNumbers(args, (all) => Math.hypot(...all)),
    max: (_, args) => extreme(args, largest, (all) => Math.max(...all)),
    min: (_, args) => extreme(args, smallest, (all) => Math.min(...all)),
  };
  for (const name of ofNumbers) {
    const run = Math[name] as (value: number) => number;
    entries[name] = (_, [value]) => {
      const whole = value instanceof SymInt && /^(floor|ceil|round|trunc|abs)$/.test(name);
      return whole ? value : onNumbers([value], ([one = Number.NaN]) => run(one));
    };
  }
  methods(machine, math, entries);
  machine.globals.set("Math", math);
}

function onNumbers(args: readonly Value[], use: (numbers: number[]) => number): Value {
  const numbers: number[] = [];
  for (const arg of args) {
    const one = toNumber(arg);
    if (one instanceof Unknown) return one;
    numbers.push(numberIn(one) ?? Number.NaN);
  }
  return use(numbers);
}

function extreme(args: readonly Value[], ofSizes: (a: Size, b: Size) => Size, use: (all: number[]) => number): Value {
  const isSize = (arg: Value) => arg instanceof SymInt || Number.isInteger(arg);
  if (!args.some((arg) => arg instanceof SymInt) || !args.every(isSize)) return onNumbers(args, use);
  return (args as readonly Size[]).reduce(ofSizes) as Value;
}
