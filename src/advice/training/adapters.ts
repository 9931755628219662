/** Frozen weights, and small trained matrices beside them in the program that is run again. */
import { ops } from "../../ops/catalogue.ts";
import type { Op } from "../../ops/op.ts";
import { Float } from "../../tensor/scalar.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Rewrite, Rewriting } from "../../trace/rerun.ts";
import type { Weight } from "../techniques/technique.ts";
import type { LinearUse } from "./linears.ts";

/** Every weight of the model as it is, none of them trained but those that `stays` names. */
export function frozen(
  stays: (path: string) => boolean = () => false,
): (weight: Weight) => Partial<Weight> | undefined {
  return ({ path, trained }) => (trained && !stays(path) ? { trained: false } : undefined);
}

/** New weights of a run by name: a module called twice has its own but once. */
export function weightsOf(): (
  rewriting: Rewriting,
  name: string,
  shape: readonly number[],
  dtype: Tensor["dtype"],
) => Tensor {
  const runs = new WeakMap<object, Map<string, Tensor>>();
  return ({ now, weight }, name, shape, dtype) => {
    const own = runs.get(now) ?? new Map<string, Tensor>();
    runs.set(now, own);
    const one = own.get(name) ?? weight(shape, dtype, true);
    own.set(name, one);
    return one;
  };
}

/** Each target's product with `x·A·B·scale` added to it; `through` is the record that the frozen product runs by. */
export function lowRankBeside(uses: readonly LinearUse[], rank: number, through: (op: Op) => Op = (op) => op): Rewrite {
  const targets = new Map(uses.map((use) => [use.operation.call, use]));
  const weight = weightsOf();
  return (rewriting) => {
    const use = targets.get(rewriting.step.call);
    if (!use) return undefined;
    const { args, run, step } = rewriting;
    const { path, input, inFeatures, outFeatures } = use;
    const x = args[input] as Tensor;
    const [whole] = run(through(step.call.op), ...args) as [Tensor];
    const down = weight(rewriting, `${path}.down`, [rank, inFeatures], x.dtype);
    const up = weight(rewriting, `${path}.up`, [outFeatures, rank], x.dtype);
    const [narrow] = run(record("linear"), x, down, null) as [Tensor];
    const [wide] = run(record("linear"), narrow, up, null) as [Tensor];
    const [scaled] = run(record("mul"), wide, new Float(2)) as [Tensor];
    return run(record("add"), whole, scaled);
  };
}

/** A record of the catalogue by its name behind `aten.`. */
export function record(name: string): Op {
  const found = ops.get(`aten.${name}`) ?? ops.get(name);
  if (!found) throw new Error(`no operation is called ${name}`);
  return found;
}
