/** Runs a pass's events on an allocator, step after step until nothing changes any more, and watches the last one. */
import { Unknown } from "../../base/unknown.ts";
import type { Storage } from "../../tensor/tensor.ts";
import type { Operation, StepPart, TraceEvent } from "../../trace/trace.ts";
import { Allocator, type Block } from "./allocator.ts";

/** What bytes are counted under. */
export type Term =
  | "weights"
  | "buffers"
  | "inputs"
  | "libraries"
  | "optimizer"
  | "gradients"
  | "casts"
  | "kvCache"
  | "activations"
  | "workspaces"
  | "rest";

export type Amounts = Record<Term, number>;

/** Everything that decides what is requested, and when. Bytes are unrounded. */
export interface Plan {
  readonly weights: readonly number[];
  readonly buffers: readonly number[];
  /** What the caller hands in, before each step; a release lets go of it until the next. */
  readonly inputs: readonly { readonly storage: Storage; readonly bytes: number; readonly term: Term }[];
  readonly events: readonly TraceEvent[];
  /** How many of them are the forward pass: what is let go of behind them is alive at its end. Undefined: up to the first other operation. */
  readonly forwardEvents: number;
  /** Under which term a storage counts that the pass makes, and its bytes; undefined: it is not on the device. */
  termOf(storage: Storage): { term: Term; bytes: number } | undefined;
  /** What an operation takes while it runs, beside its results. */
  workspaceOf(event: Operation): number;
  /** What a thread keeps from its first operation of a kind on. */
  readonly libraries: readonly { readonly bytes: number; readonly uses: (event: Operation) => boolean }[];
  /** Requests of the optimizer; undefined: there is none. */
  readonly optimizer: { readonly state: readonly number[]; readonly step: readonly number[] } | undefined;
  /** Passes forward and backward for each step. */
  readonly accumulation: number;
  readonly limitBytes: number;
  readonly caching: boolean;
}

/** The most that one part of the step has at once. */
export interface PartPeak {
  readonly part: StepPart;
  readonly bytes: number;
  /** Position of its event; undefined before the first and in the optimizer's step. */
  readonly event: number | undefined;
  readonly amounts: Amounts;
}

export interface Walked {
  readonly amounts: Amounts;
  /** Before the step: what stays between steps, inputs included. */
  readonly steadyBytes: number;
  /** Alive behind the forward pass, over that. */
  readonly activationBytes: number;
  readonly forwardPeakBytes: number;
  readonly backwardPeakBytes: number;
  readonly peakBytes: number;
  /** Position of the event at the peak; undefined where that is the optimizer's step or what is held all the time. */
  readonly peakEvent: number | undefined;
  readonly peakPart: StepPart;
  /** The highest of each part of the step. */
  readonly parts: readonly PartPeak[];
  readonly reservedBytes: number;
  /** Bytes alive after each moment of the step. */
  readonly samples: readonly { readonly bytes: number; readonly part: StepPart }[];
}

/** Long traces settle in the second step as well as short ones in the third. */
const longTrace = 40_000;

export function walk(plan: Plan): Walked {
  const run = new Run(plan);
  const steps = plan.events.length > longTrace ? 2 : 3;
  for (let step = 1; step <= steps; step++) run.step(step === steps);
  return run.walked();
}

const backwardParts: ReadonlySet<StepPart> = new Set(["backward", "recompute"]);

class Run {
  private readonly allocator: Allocator;
  private readonly alive = new Map<Storage, { block: Block; term: Term }>();
  private readonly amounts: Amounts = {
    weights: 0,
    buffers: 0,
    inputs: 0,
    libraries: 0,
    optimizer: 0,
    gradients: 0,
    casts: 0,
    kvCache: 0,
    activations: 0,
    workspaces: 0,
    rest: 0,
  };
  private readonly handedIn = new Map<Storage, { block: Block; term: Term }>();
  private readonly added: Block[] = [];
  /** Libraries that have begun in a thread: the program's, and autograd's. */
  private readonly begun = { forward: new Set<object>(), backward: new Set<object>() };
  /** What operations take while they run, by position. */
  private readonly workspaces: number[] = [];
  private stepped = false;
  private watched = false;
  private readonly samples: { bytes: number; part: StepPart }[] = [];
  /** The highest so far, and that of each part, in the order in which the parts began. */
  private peak: PartPeak = { part: "forward", bytes: 0, event: undefined, amounts: this.amounts };
  private readonly parts = new Map<StepPart, PartPeak>();
  private steady = 0;
  private activations = 0;
  private forwardPeak = 0;
  private backwardPeak = 0;

  constructor(private readonly plan: Plan) {
    this.allocator = new Allocator(plan.caching, plan.limitBytes);
    for (const bytes of plan.weights) this.take(bytes, "weights");
    for (const bytes of plan.buffers) this.take(bytes, "buffers");
    this.handIn();
  }

  private handIn(): void {
    for (const { storage, bytes, term } of this.plan.inputs)
      if (bytes > 0 && !this.handedIn.has(storage)) this.handedIn.set(storage, { block: this.take(bytes, term), term });
  }

  step(watched: boolean): void {
    this.handIn();
    const { events, accumulation, optimizer } = this.plan;
    this.watched = watched;
    if (watched) {
      this.steady = this.allocator.allocated;
      this.mark(undefined, "forward");
    }
    for (let pass = 0; pass < accumulation; pass++) this.pass(events, pass > 0);
    if (optimizer) this.optimize(optimizer);
    for (const [storage] of this.alive) this.free(storage);
    for (const block of this.added) this.give(block, "gradients");
    this.added.length = 0;
  }

  /** One pass over the events. What passes before it left, gradients apart, is let go of when it begins. */
  private pass(events: readonly TraceEvent[], isLater: boolean): void {
    const { forwardEvents } = this.plan;
    for (const [storage, { term }] of this.alive) if (term !== "gradients") this.free(storage);
    events.forEach((event, i) => {
      if (i === forwardEvents) this.endForward();
      if (event.kind === "unknown") return;
      if (event.kind === "release") {
        this.free(event.storage);
        return;
      }
      this.operation(event, i, isLater);
    });
    if (forwardEvents >= events.length) this.endForward();
    if (this.watched) this.backwardPeak = this.peak.bytes;
  }

  private operation(event: Operation, index: number, isLater: boolean): void {
    const { plan } = this;
    // Gradients of later passes are added to those of the first, and gone by the next operation.
    for (const block of this.added) this.give(block, "gradients");
    this.added.length = 0;
    for (const list of [event.made, event.saved]) {
      for (const storage of list) {
        const size = plan.termOf(storage);
        if (!size || size.bytes === 0) continue;
        if (isLater && size.term === "gradients") this.added.push(this.take(size.bytes, size.term));
        else if (!this.alive.has(storage)) this.hold(storage, size.bytes, size.term);
      }
    }
    this.begin(event);
    this.mark(index, event.pass);
    const workspace = (this.workspaces[index] ??= plan.workspaceOf(event));
    if (workspace > 0) {
      const block = this.take(workspace, "workspaces");
      this.mark(index, event.pass);
      this.give(block, "workspaces");
    }
    if (this.watched) this.samples.push({ bytes: this.allocator.allocated, part: event.pass });
  }

  private optimize({ state, step }: { readonly state: readonly number[]; readonly step: readonly number[] }): void {
    if (!this.stepped) for (const bytes of state) this.take(bytes, "optimizer");
    this.stepped = true;
    const blocks = step.map((bytes) => this.take(bytes, "workspaces"));
    this.mark(undefined, "optimizer");
    if (this.watched) this.samples.push({ bytes: this.allocator.allocated, part: "optimizer" });
    for (const block of blocks) this.give(block, "workspaces");
  }

  private begin(event: Operation): void {
    const begun = backwardParts.has(event.pass) ? this.begun.backward : this.begun.forward;
    if (begun.size === this.plan.libraries.length) return;
    for (const library of this.plan.libraries) {
      if (begun.has(library) || !library.uses(event)) continue;
      begun.add(library);
      if (library.bytes > 0) this.take(library.bytes, "libraries");
    }
  }

  private endForward(): void {
    if (!this.watched) return;
    this.activations = this.allocator.allocated - this.steady;
    this.forwardPeak = this.peak.bytes;
  }

  private mark(event: number | undefined, part: StepPart): void {
    const bytes = this.allocator.allocated;
    if (!this.watched || bytes <= (this.parts.get(part)?.bytes ?? 0)) return;
    const here: PartPeak = { part, bytes, event, amounts: { ...this.amounts } };
    this.parts.set(part, here);
    if (bytes > this.peak.bytes) this.peak = here;
  }

  private hold(storage: Storage, bytes: number, term: Term): void {
    this.alive.set(storage, { block: this.take(bytes, term), term });
  }

  private free(storage: Storage): void {
    const given = this.handedIn.get(storage);
    // The caller keeps what it hands in, but for a cache, which lets go of what it replaces.
    const held = this.alive.get(storage) ?? (given?.term === "kvCache" ? given : undefined);
    if (!held) return;
    this.alive.delete(storage);
    this.handedIn.delete(storage);
    this.give(held.block, held.term);
  }

  private take(bytes: number, term: Term): Block {
    const block = this.allocator.allocate(bytes);
    this.amounts[term] += block.asked;
    this.amounts.rest += block.size - block.asked;
    return block;
  }

  private give(block: Block, term: Term): void {
    this.amounts[term] -= block.asked;
    this.amounts.rest -= block.size - block.asked;
    this.allocator.release(block);
  }

  walked(): Walked {
    const { bytes, event, part, amounts } = this.peak;
    return {
      amounts,
      steadyBytes: this.steady,
      activationBytes: this.activations,
      forwardPeakBytes: this.forwardPeak,
      backwardPeakBytes: this.backwardPeak,
      peakBytes: bytes,
      peakEvent: event,
      peakPart: part,
      parts: [...this.parts.values()],
      reservedBytes: this.allocator.reserved,
      samples: this.samples,
    };
  }
}

/** The first reason for which the events' bytes are not known; undefined where they are. */
export function unknownIn(events: readonly TraceEvent[]): Unknown | undefined {
  for (const event of events) {
    if (event.kind === "unknown") return event.reason;
    if (event.kind === "release") continue;
    for (const list of [event.made, event.saved])
      for (const { bytes } of list) if (bytes instanceof Unknown) return bytes;
    if (event.workspaceBytes instanceof Unknown) return event.workspaceBytes;
  }
  return undefined;
}
