import { Unknown } from "../../base/unknown.ts";
import { float } from "../builtins/plain.ts";
import { raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { lengthOf, toArray } from "../iteration.ts";
import { define, native } from "../native.ts";
import { asIndex, intOf, numberOf } from "../numbers.ts";
import { getItem } from "../subscripts.ts";
import { nativeClass, types } from "../types.ts";
import { PyList, type Value } from "../values.ts";
import { functions, nativeModule } from "./nativeModule.ts";

const drawn = (py: Interpreter) => py.unknown("a random number");

/** What is drawn is unknown unless there is only one thing to draw. */
const draws: Readonly<Record<string, (py: Interpreter, ...args: Value[]) => Value>> = {
  "random()": drawn,
  "uniform(a, b)": (py, a, b) =>
    numberOf(a) === numberOf(b) && numberOf(a) !== undefined ? float(numberOf(a) as number) : drawn(py),
  "randint(a, b)": (py, a, b) => (intOf(a) === intOf(b) && intOf(a) !== undefined ? a : drawn(py)),
  "randrange(start, stop=None, step=1)": drawn,
  "gauss(mu=0.0, sigma=1.0)": drawn,
  "normalvariate(mu=0.0, sigma=1.0)": drawn,
  "betavariate(alpha, beta)": drawn,
  "expovariate(lambd=1.0)": drawn,
  "triangular(low=0.0, high=1.0, mode=None)": drawn,
  "getrandbits(k)": drawn,
  "choice(seq)": (py, seq) => {
    const length = lengthOf(py, seq);
    if (length === 0) raise("IndexError", "Cannot choose from an empty sequence");
    return length === 1 ? getItem(py, seq, 0) : drawn(py);
  },
  "choices(population, weights=None, *, cum_weights=None, k=1)": (py, _population, _weights, _cumulative, k) =>
    new PyList(Array.from({ length: asIndex(py, k ?? 1) }, () => drawn(py))),
  "sample(population, k, *, counts=None)": (py, _population, k) =>
    new PyList(Array.from({ length: asIndex(py, k ?? 0) }, () => drawn(py))),
  "shuffle(x)": (py, x) => {
    if (!(x instanceof PyList) || x.items.length < 2 || x.items.every((item) => item === x.items[0])) return null;
    toArray(py, x).forEach((_, i) => {
      x.items[i] = drawn(py);
    });
    return null;
  },
  "seed(a=None, version=2)": () => null,
  "getstate()": (py) => py.unknown("the state of the random generator"),
  "setstate(state)": () => null,
};

const generator = nativeClass("Random", "object", types.object, "random");
define(generator, { "__init__(self, seed=None)": () => null }, { lenient: true });
for (const [signature, run] of Object.entries(draws)) {
  const method = signature.replace("(", "(self, ").replace(", )", ")");
  define(
    generator,
    { [method]: (py: Interpreter, _self: Value, ...args: Value[]) => run(py, ...args) },
    { lenient: true },
  );
}

export const random = nativeModule("random", () => ({
  Random: generator,
  SystemRandom: generator,
  ...functions(
    ...Object.entries(draws).map(([signature, run]) =>
      native(
        signature,
        (py, ...args) => (args[0] instanceof Unknown && signature.startsWith("choice(") ? args[0] : run(py, ...args)),
        { lenient: true },
      ),
    ),
  ),
}));
