/** Runs operations of a backward pass and keeps hold of what they make until a formula's end. */
import { ops } from "../../ops/catalogue.ts";
import type { Arg, BackwardCall, KernelCost, Made, Op, Saved } from "../../ops/op.ts";
import { type GradCall, isTensor, type Storage, type Tensor } from "../../tensor/tensor.ts";
import { recordKernel } from "../kernels.ts";
import type { Tracer } from "../tracer.ts";

export class Running {
  private call: Pick<GradCall, "module" | "slices" | "at"> = { module: 0, slices: 1, at: undefined };
  private temporaries: Storage[] = [];

  constructor(
    private readonly tracer: Tracer,
    private readonly release: (gradient: Tensor) => void,
  ) {}

  /** What follows belongs to this operation of the forward pass. */
  within(call: Pick<GradCall, "module" | "slices" | "at">): void {
    this.call = call;
    this.tracer.module = call.module;
    this.tracer.slices = call.slices;
  }

  readonly runAll = (name: string, ...args: Arg[]): Tensor[] => {
    const op = ops.get(name);
    if (!op) throw new Error(`no operation ${name}`);
    return this.watched(this.tracer.apply(op, args, this.call.at));
  };

  readonly run = (name: string, ...args: Arg[]): Tensor => this.runAll(name, ...args)[0] as Tensor;

  readonly kernel = (name: string, reads: readonly Saved[], makes: readonly Made[], cost: KernelCost = {}): Tensor[] =>
    this.watched(recordKernel(this.tracer, name, reads.filter(isTensor), makes, cost, this.call));

  readonly drop = (...gone: readonly Tensor[]): void => {
    for (const { storage } of gone) {
      const at = this.temporaries.lastIndexOf(storage);
      if (at >= 0) this.tracer.drop(this.temporaries.splice(at, 1)[0] as Storage);
    }
    for (const one of gone) if (this.given.delete(one)) this.release(one);
  };

  /** Gradients that the formula was given, and has not let go of. */
  private given = new Set<Tensor>();

  /** Takes the gradients that a formula is given; what is left of them is released by `finish`. */
  begin(given: readonly (Tensor | undefined)[]): void {
    this.given = new Set(given.filter((one) => one !== undefined));
  }

  finish(): void {
    for (const one of this.given) this.release(one);
    this.given = new Set();
  }

  /** The call as a formula sees it. */
  asked(call: GradCall): BackwardCall & { readonly op: Op } {
    const { run, runAll, kernel, drop } = this;
    return { ...call, op: call.op as Op, args: call.args as readonly Arg[], run, runAll, kernel, drop };
  }

  /** Lets go of what was made and is held by nobody else. */
  flush(): void {
    const gone = this.temporaries;
    this.temporaries = [];
    for (const storage of gone) this.tracer.drop(storage);
  }

  private watched(out: Tensor[]): Tensor[] {
    for (const { storage } of out) {
      if (storage.holders > 0) continue;
      storage.holders++;
      this.temporaries.push(storage);
    }
    return out;
  }
}
