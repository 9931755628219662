import { call } from "../calls.ts";
import { equal } from "../comparisons.ts";
import { raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { iterate, toArray } from "../iteration.ts";
import { define, defineClassMethod, defineStatic, native } from "../native.ts";
import { asIndex } from "../numbers.ts";
import { binary, isTrue } from "../operators.ts";
import { nativeClass, types } from "../types.ts";
import { PyIterator, PyTuple, type Value } from "../values.ts";
import { functions, nativeModule } from "./nativeModule.ts";

type Next = () => Value | undefined;

const iterator = (next: Next, over: Value = null) => new PyIterator(next, over);

/** Combinations of positions as they come in order; `undefined` at the end. */
function* choices(
  count: number,
  length: number,
  allowed: (chosen: readonly number[], next: number) => boolean,
): Generator<number[]> {
  const chosen: number[] = [];
  function* extend(): Generator<number[]> {
    if (chosen.length === length) {
      yield [...chosen];
      return;
    }
    for (let i = 0; i < count; i++) {
      if (!allowed(chosen, i)) continue;
      chosen.push(i);
      yield* extend();
      chosen.pop();
    }
  }
  yield* extend();
}

function chooser(name: string, allowed: (chosen: readonly number[], next: number) => boolean) {
  return native(`${name}(iterable, r=None)`, (py, iterable, r) => {
    const pool = toArray(py, iterable);
    const picks = choices(pool.length, r === null ? pool.length : asIndex(py, r), allowed);
    return iterator(() => {
      py.budget.step();
      const { value } = picks.next();
      return value && new PyTuple(value.map((i: number) => pool[i] as Value));
    }, new PyTuple(pool));
  });
}

const last = (chosen: readonly number[]) => chosen.at(-1) ?? -1;

const chain = nativeClass("chain", "foreign", types.iterator, "itertools");
defineStatic(chain, "__new__(cls, *iterables)", (py, _cls, iterables: PyTuple) => chained(py, iterables));
defineClassMethod(chain, "from_iterable(cls, iterables)", (py, _cls, iterables: Value) => chained(py, iterables));

function chained(py: Interpreter, iterables: Value): PyIterator {
  const outer = iterate(py, iterables);
  let inner: Next | undefined;
  return iterator(() => {
    for (;;) {
      const value = inner?.();
      if (value !== undefined) return value;
      const next = outer();
      if (next === undefined) return undefined;
      inner = iterate(py, next);
    }
  }, iterables);
}

const count = nativeClass("count", "foreign", types.iterator, "itertools");
defineStatic(count, "__new__(cls, start=0, step=1)", (py, cls, start: Value, step: Value) => {
  let value = start;
  return new PyIterator(
    () => {
      py.budget.step();
      const now = value;
      value = binary(py, "+", value, step);
      return now;
    },
    null,
    cls,
  );
});
define(count, { "__iter__(self)": (_py, self) => self });

export const itertools = nativeModule("itertools", () => ({
  chain,
  count,
  ...functions(
    native("cycle(iterable)", (py, iterable) => {
      const values = toArray(py, iterable);
      let at = 0;
      return iterator(() => {
        py.budget.step();
        return values.length === 0 ? undefined : values[at++ % values.length];
      }, new PyTuple(values));
    }),
    native(
      "repeat(object, times=None)",
      (py, value, times) => {
        let left = times === null ? Infinity : asIndex(py, times);
        return iterator(() => {
          py.budget.step();
          return left-- > 0 ? value : undefined;
        }, value);
      },
      { lenient: true },
    ),
    native("accumulate(iterable, func=None, *, initial=None)", (py, iterable, func, initial) => {
      const next = iterate(py, iterable);
      let total: Value | undefined;
      let given: Value | undefined = initial ?? undefined;
      return iterator(() => {
        const value = given ?? next();
        given = undefined;
        if (value === undefined) return undefined;
        total =
          total === undefined ? value : func === null ? binary(py, "+", total, value) : call(py, func, [total, value]);
        return total;
      }, iterable);
    }),
    native("islice(iterable, *args)", (py, iterable, { items }) => {
      const [first = null, second, third = null] = items as (Value | undefined)[];
      const start = second === undefined || first === null ? 0 : asIndex(py, first);
      const end = second === undefined ? first : second;
      const stop = end === null ? Infinity : asIndex(py, end);
      const step = third === null ? 1 : asIndex(py, third);
      const next = iterate(py, iterable);
      let at = 0;
      let wanted = start;
      return iterator(() => {
        while (wanted < stop) {
          const value = next();
          if (value === undefined) return undefined;
          if (at++ < wanted) continue;
          wanted += step;
          return value;
        }
        return undefined;
      }, iterable);
    }),
    native("product(*iterables, repeat=1)", (py, { items }, repeat) => {
      const pools = items.map((one: Value) => toArray(py, one)) as Value[][];
      const all = Array.from({ length: asIndex(py, repeat) }, () => pools).flat();
      const at = all.map(() => 0);
      let done = all.some((pool) => pool.length === 0);
      return iterator(() => {
        if (done) return undefined;
        py.budget.step();
        const value = new PyTuple(at.map((i, axis) => (all[axis] as Value[])[i] as Value));
        let axis = at.length - 1;
        while (axis >= 0 && (at[axis] as number) + 1 === (all[axis] as Value[]).length) at[axis--] = 0;
        if (axis < 0) done = true;
        else at[axis] = (at[axis] as number) + 1;
        return value;
      }, new PyTuple(pools.flat()));
    }),
    chooser("permutations", (chosen, next) => !chosen.includes(next)),
    chooser("combinations", (chosen, next) => next > last(chosen)),
    chooser("combinations_with_replacement", (chosen, next) => next >= last(chosen)),
    native("pairwise(iterable)", (py, iterable) => {
      const next = iterate(py, iterable);
      let before = next();
      return iterator(() => {
        const value = next();
        if (before === undefined || value === undefined) return undefined;
        const pair = new PyTuple([before, value]);
        before = value;
        return pair;
      }, iterable);
    }),
    native("batched(iterable, n)", (py, iterable, n) => {
      const next = iterate(py, iterable);
      const size = asIndex(py, n);
      if (size < 1) raise("ValueError", "n must be at least one");
      return iterator(() => {
        const batch: Value[] = [];
        for (
          let value = batch.length < size ? next() : undefined;
          value !== undefined;
          value = batch.length < size ? next() : undefined
        )
          batch.push(value);
        return batch.length > 0 ? new PyTuple(batch) : undefined;
      }, iterable);
    }),
    native("zip_longest(*iterables, fillvalue=None)", (py, { items }, fill) => {
      const nexts: Next[] = items.map((one: Value) => iterate(py, one));
      return iterator(() => {
        const values = nexts.map((next) => next());
        return values.every((value) => value === undefined)
          ? undefined
          : new PyTuple(values.map((value) => (value === undefined ? fill : value)));
      }, new PyTuple(items));
    }),
    native("starmap(function, iterable)", (py, func, iterable) => {
      const next = iterate(py, iterable);
      return iterator(() => {
        const args = next();
        return args === undefined ? undefined : call(py, func, toArray(py, args));
      }, iterable);
    }),
    native("takewhile(predicate, iterable)", (py, predicate, iterable) => {
      const next = iterate(py, iterable);
      let ended = false;
      return iterator(() => {
        const value = ended ? undefined : next();
        if (value === undefined) return undefined;
        ended = !isTrue(py, call(py, predicate, [value]));
        return ended ? undefined : value;
      }, iterable);
    }),
    native("dropwhile(predicate, iterable)", (py, predicate, iterable) => {
      const next = iterate(py, iterable);
      let dropping = true;
      return iterator(() => {
        for (let value = next(); value !== undefined; value = next()) {
          if (dropping && isTrue(py, call(py, predicate, [value]))) continue;
          dropping = false;
          return value;
        }
        return undefined;
      }, iterable);
    }),
    native("filterfalse(predicate, iterable)", (py, predicate, iterable) => {
      const next = iterate(py, iterable);
      return iterator(() => {
        for (let value = next(); value !== undefined; value = next()) {
          if (!isTrue(py, predicate === null ? value : call(py, predicate, [value]))) return value;
        }
        return undefined;
      }, iterable);
    }),
    native("compress(data, selectors)", (py, data, selectors) => {
      const next = iterate(py, data);
      const keep = iterate(py, selectors);
      return iterator(() => {
        for (
          let value = next(), kept = keep();
          value !== undefined && kept !== undefined;
          value = next(), kept = keep()
        ) {
          if (isTrue(py, kept)) return value;
        }
        return undefined;
      }, data);
    }),
    native("groupby(iterable, key=None)", (py, iterable, key) => {
      const values = toArray(py, iterable);
      const keys = values.map((value) => (key === null ? value : call(py, key, [value])));
      let at = 0;
      return iterator(() => {
        if (at >= values.length) return undefined;
        const start = at;
        while (at < values.length && equal(py, keys[at] as Value, keys[start] as Value)) at++;
        const group = values.slice(start, at);
        const inside = group.values();
        return new PyTuple([keys[start] as Value, iterator(() => inside.next().value, new PyTuple(group))]);
      }, new PyTuple(values));
    }),
    native("tee(iterable, n=2)", (py, iterable, n) => {
      const values = toArray(py, iterable);
      return new PyTuple(
        Array.from({ length: asIndex(py, n) }, () => {
          const own = values.values();
          return iterator(() => own.next().value, new PyTuple(values));
        }),
      );
    }),
  ),
}));
