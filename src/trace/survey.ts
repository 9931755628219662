import { ops } from "../ops/catalogue.ts";
import type { Arg, Op } from "../ops/op.ts";
import { type GradCall, type GradNode, isTensor, type Storage, type Tensor } from "../tensor/tensor.ts";
import { isPartOp, partOfBase } from "./graph.ts";
import type { Before } from "./pieces.ts";
import type { Operation, TensorNote } from "./trace.ts";

/** Looks through what a piece refers to: all of it is made in the piece, or was known before. */
export class Survey {
  readonly nodes = new Set<GradNode>();
  private readonly waiting: GradNode[] = [];
  private readonly seen = new Set<object>();

  constructor(
    readonly made: ReadonlySet<Storage>,
    private readonly before: Before,
  ) {}

  knows(storage: Storage): boolean {
    return this.made.has(storage) || this.before.has(storage);
  }

  notes(notes: readonly TensorNote[]): boolean {
    for (const { storage } of notes) if (!this.knows(storage)) return false;
    return true;
  }

  operation({ inputs, outputs, made, saved, call }: Operation): boolean {
    if (!this.notes(inputs) || !this.notes(outputs)) return false;
    for (const one of made) if (!this.made.has(one)) return false;
    for (const one of saved) if (!this.knows(one)) return false;
    return this.args(call.args) && this.args(call.out);
  }

  storage({ role, base, writer }: Storage): boolean {
    if (writer) this.node(writer);
    return role === "activation" && (!base || this.tensor(base));
  }

  args(args: readonly unknown[]): boolean {
    if (this.seen.has(args)) return true;
    this.seen.add(args);
    for (const arg of args) {
      if (Array.isArray(arg)) {
        for (const one of arg) if (isTensor(one) && !this.tensor(one)) return false;
      } else if (isTensor(arg) && !this.tensor(arg)) return false;
    }
    return true;
  }

  tensor(tensor: Tensor): boolean {
    if (this.seen.has(tensor) || this.before.has(tensor)) return true;
    this.seen.add(tensor);
    if (!this.knows(tensor.storage)) return false;
    if (tensor.node) this.node(tensor.node);
    return true;
  }

  node(node: GradNode): void {
    if (this.nodes.has(node) || this.before.has(node)) return;
    this.nodes.add(node);
    this.waiting.push(node);
  }

  /** Nodes behind nodes, too. */
  allNodes(): boolean {
    for (let node = this.waiting.pop(); node; node = this.waiting.pop()) {
      if (!this.call(node.call) || !node.saved.every((one) => this.knows(one))) return false;
      for (const input of node.inputs) this.node(input);
    }
    return true;
  }

  private call({ op, args, out, kept, own, again, restore }: GradCall): boolean {
    if (own || again || restore || !this.isShared(op as Op)) return false;
    return this.args(args as readonly Arg[]) && this.args(out) && this.args(kept);
  }

  private isShared(op: Op): boolean {
    if (isPartOp(op)) return this.tensor(op.part.target) && this.isShared(op.part.op);
    return op === partOfBase || ops.get(op.name) === op;
  }
}
