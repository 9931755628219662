/** What the CPU takes to ask for each operation: Python, dispatch, autograd's nodes, module calls. */
import type { Tensor } from "../../tensor/tensor.ts";
import type { Operation, Trace } from "../../trace/trace.ts";
import type { HostCurve } from "./curves/curves.ts";
import type { Machine } from "./machine.ts";
import type { TimedKernel } from "./timedKernels.ts";

export interface HostSeconds {
  /** In order; `index` is the operation's. */
  readonly events: readonly { readonly index: number; readonly seconds: number; readonly waits: boolean }[];
  /** Of the optimizer's step. */
  readonly optimizer: number;
}

export function hostSeconds(
  { events, calls }: Trace,
  timed: readonly TimedKernel[],
  trained: readonly Tensor[],
  { curves }: Machine,
): HostSeconds {
  const { host } = curves;
  // The first kernel is the one that an operation is named for.
  const kinds = new Map(timed.toReversed().map(({ index, kind, asked }) => [index, asked ?? kind]));
  const starts = calls.slice(1).map(({ start }) => start);
  starts.sort((a, b) => a - b);
  let entered = 0;
  const found: { index: number; seconds: number; waits: boolean }[] = [];
  const gradients = new Set<object>();
  for (const event of events) {
    if (event.kind !== "operation") continue;
    let seconds = asking(event, kinds.get(event.index), host);
    while (entered < starts.length && (starts[entered] as number) <= event.index) {
      seconds += host.moduleCall;
      entered++;
    }
    for (const { storage } of event.outputs) {
      if (storage.role !== "gradient" || gradients.has(storage)) continue;
      gradients.add(storage);
      seconds += host.gradient;
    }
    found.push({ index: event.index, seconds, waits: waiting.test(event.name) });
  }
  return { events: found, optimizer: trained.length > 0 ? host.step + host.stepTensor * trained.length : 0 };
}

/** Their results' sizes are known only when they are there. */
const waiting = /\.(nonzero|masked_select|unique\w*|_unique2|_local_scalar_dense|item)$/;

function asking({ saved, pass }: Operation, kind: string | undefined, host: HostCurve): number {
  const own = kind === undefined ? host.view : (host.kinds[kind] ?? host.other);
  if (pass === "backward") return own * host.backwardShare + host.backwardNode;
  const again = pass === "recompute" ? host.recomputed : 0;
  return own + host.python + again + (saved.length > 0 ? host.followed : 0);
}
