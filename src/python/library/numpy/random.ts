/** `numpy.random`: arrays of known shape whose numbers nobody knows. */
import { Unknown } from "../../../base/unknown.ts";
import type { Interpreter } from "../../interpreter.ts";
import { define, native } from "../../native.ts";
import { nativeClass, types } from "../../types.ts";
import { PyModule, type PyTuple, type Value } from "../../values.ts";
import { functions, type NativeModule } from "../nativeModule.ts";
import { asArray, NdArray, shapeFrom } from "./array.ts";

function drawn(py: Interpreter, size: Value, dtype = "float64"): Value {
  if (size === null) return py.unknown("a random number");
  const shape = shapeFrom(py, size);
  return shape instanceof Unknown ? shape : new NdArray(shape, dtype, undefined);
}

type Draw = (py: Interpreter, ...args: Value[]) => Value;
const sized: Draw = (py, ...args) => drawn(py, args.at(-1) ?? null);
const bySizes: Draw = (py, sizes) =>
  (sizes as PyTuple).items.length === 0 ? drawn(py, null) : drawn(py, sizes ?? null);

const draws: Readonly<Record<string, Draw>> = {
  "rand(*size)": bySizes,
  "randn(*size)": bySizes,
  "random(size=None)": sized,
  "random_sample(size=None)": sized,
  "standard_normal(size=None)": sized,
  "uniform(low=0.0, high=1.0, size=None)": sized,
  "normal(loc=0.0, scale=1.0, size=None)": sized,
  "beta(a, b, size=None)": sized,
  "exponential(scale=1.0, size=None)": sized,
  "gumbel(loc=0.0, scale=1.0, size=None)": sized,
  "randint(low, high=None, size=None, dtype=None)": (py, _low, _high, size) => drawn(py, size ?? null, "int64"),
  "integers(low, high=None, size=None, dtype=None)": (py, _low, _high, size) => drawn(py, size ?? null, "int64"),
  "choice(a, size=None, replace=True, p=None)": (py, _a, size) => drawn(py, size ?? null, "int64"),
  "permutation(x)": (py, x) => {
    const array = asArray(py, x ?? null);
    if (array instanceof Unknown) return array;
    return array.shape.length === 0 ? drawn(py, x ?? null, "int64") : new NdArray(array.shape, array.dtype, undefined);
  },
  "binomial(n, p, size=None)": (py, _n, _p, size) => drawn(py, size ?? null, "int64"),
  "poisson(lam=1.0, size=None)": (py, _lam, size) => drawn(py, size ?? null, "int64"),
};

const quiet = ["seed(*args)", "shuffle(*args)", "set_state(*args)"];
const generator = nativeClass("RandomState", "object", types.object, "numpy.random");
define(generator, { "__init__(self, *args, **kwargs)": () => null }, { lenient: true });
for (const [signature, draw] of Object.entries(draws)) {
  define(generator, {
    [signature.replace("(", "(self, ")]: (py: Interpreter, _self: Value, ...args: Value[]) => draw(py, ...args),
  });
}
for (const signature of quiet) define(generator, { [signature.replace("(", "(self, ")]: () => null });

const names = () => ({
  RandomState: generator,
  Generator: generator,
  ...functions(
    ...Object.entries(draws).map(([signature, draw]) => native(signature, draw)),
    ...quiet.map((signature) => native(signature, () => null)),
    native("default_rng(*args)", (py) => py.unknown("a random generator")),
    native("get_state(*args)", (py) => py.unknown("the state of the random generator")),
  ),
});

/** The module, and its object for `numpy`'s own attribute. */
export const numpyRandom: NativeModule & { module(py: Interpreter): PyModule } = {
  name: "numpy.random",
  build: names,
  module: (py) => {
    const module = new PyModule(
      "numpy.random",
      "",
      new Map<string, Value>([["__name__", "numpy.random"], ...Object.entries(names())]),
    );
    py.modules.set("numpy.random", module);
    return module;
  },
};
