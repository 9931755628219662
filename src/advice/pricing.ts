/** What a model costs, and what it would cost changed: the changed program is run again and weighed as any other. */
import { type Known, known, Unknown } from "../base/unknown.ts";
import { sum } from "../cost/figures.ts";
import { holdings } from "../cost/memory/holdings.ts";
import { memoryOf } from "../cost/memory/memory.ts";
import { spread } from "../cost/parallel/spread.ts";
import { timeOf } from "../cost/time/timeOf.ts";
import { elements, type Tensor } from "../tensor/tensor.ts";
import type { Operation, Trace } from "../trace/trace.ts";
import { type Program, programOf, rewritten } from "./program.ts";
import type { Subject, WeighedPass } from "./subject.ts";
import type { Change, CostName, Costs, Shown, Term } from "./techniques/technique.ts";

/** A model before and after changes. */
export interface Priced {
  readonly before: Costs;
  readonly after: Costs;
  readonly shows: readonly Shown[];
  readonly remarks: readonly string[];
}

/** The costs of a weighed model in its scenario; a figure that is not known is left out. */
export function costsOf(subject: Subject): Costs {
  return programCosts(programOf(subject), subject, subject.weighed);
}

/**
 * A model with changes that need no interpreting again: rewritten operations, other weights, closed forms. Unknown where the
 * program cannot be run again.
 */
export function priced(subject: Subject, changes: readonly Change[], before = costsOf(subject)): Known<Priced> {
  const isRewritten = changes.some(({ rewrite, replace, weight }) => rewrite || replace || weight);
  const program = isRewritten ? rewritten(subject, changes) : programOf(subject);
  if (program instanceof Unknown) return program;
  const costs = programCosts(program, subject, isRewritten ? undefined : subject.weighed);
  return {
    before,
    after: changes.flatMap(({ terms }) => terms ?? []).reduce(withTerm, costs),
    shows: changes.flatMap(({ shows }) => shows ?? []),
    remarks: changes.flatMap(({ remarks }) => remarks ?? []),
  };
}

/** `done`: what is known of the program's memory and time already. Where several devices share the work, one rank's. */
function programCosts(program: Program, { scenario, device }: Subject, done: Partial<WeighedPass> = {}): Costs {
  const { tree, pass, inference, step, inputs, kvCaches, caches } = program;
  const held = holdings(tree);
  const timed = () =>
    device && timeOf(pass, { device, scenario, parameters: held.trained.map(({ tensor }) => tensor) });
  const walked = () => memoryOf({ tree, trace: pass, inputs, kvCaches, caches, scenario, device });
  const { memory, time } =
    done.memory && done.time
      ? { memory: done.memory, time: done.time }
      : done.memory && !scenario.parallel
        ? { memory: done.memory, time: timed() }
        : spread(tree, pass, { memory: walked(), time: timed() }, scenario, device);
  const figures: Partial<Record<CostName, Known<number> | undefined>> = {
    params: total(held.parameters.map(({ tensor }) => tensor)),
    trainableParams: total(held.trained.map(({ tensor }) => tensor)),
    flops: flopsOf(inference),
    stepFlops: step && scenario.phase === "train" ? flopsOf(step) : undefined,
    weightBytes: memory.weightBytes,
    gradientBytes: memory.gradientBytes,
    optimizerBytes: memory.optimizerBytes,
    activationBytes: leftOver(memory.activationBytes),
    kvBytes: memory.kvCacheBytes,
    peakBytes: memory.peakBytes,
    trafficBytes: trafficOf(pass),
    seconds: time?.seconds,
    eagerSeconds: time?.eagerSeconds,
  };
  const costs: Partial<Record<CostName, number>> = {};
  for (const [name, figure] of Object.entries(figures) as [CostName, Known<number> | undefined][]) {
    const value = figure === undefined ? undefined : known(figure);
    if (value !== undefined) costs[name] = value;
  }
  return costs;
}

/** What a step leaves, less than nothing where it lets go of more of a cache than it adds: then activations are not told by it. */
function leftOver(bytes: Known<number>): Known<number> {
  const isTold = bytes instanceof Unknown || bytes >= 0;
  return isTold ? bytes : new Unknown("the step lets go of more of its cache than it adds");
}

function withTerm(costs: Costs, { figure, factor = 1, add = 0 }: Term): Costs {
  const value = costs[figure];
  return value === undefined ? costs : { ...costs, [figure]: factor * value + add };
}

function total(tensors: readonly Tensor[]): Known<number> {
  return tensors.reduce<Known<number>>((count, { shape }) => sum(count, elements(shape)), 0);
}

function flopsOf(trace: Trace): Known<number> {
  return overEvents(trace, ({ macs }) => (macs instanceof Unknown ? macs : 2 * macs));
}

function trafficOf(trace: Trace): Known<number> {
  return overEvents(trace, ({ bytesRead, bytesWritten }) => sum(bytesRead, bytesWritten));
}

/** A figure over all operations; unknown from the first event of which it is not known. */
function overEvents({ events }: Trace, figure: (event: Operation) => Known<number>): Known<number> {
  let all: Known<number> = 0;
  for (const event of events) {
    if (event.kind === "unknown") return sum(all, event.reason);
    if (event.kind === "operation") all = sum(all, figure(event));
  }
  return all;
}
