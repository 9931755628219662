/**
 * The backward pass as PyTorch's engine runs it: the node recorded last runs first, leaves before all; gradients that meet
 * are added, in place where nobody else holds the first one; what a node saved is freed right behind it.
 */
import { Unknown } from "../../base/unknown.ts";
import { type Arg, type BackwardCall, type Gradient, type Op, Refused } from "../../ops/op.ts";
import { integer, NeedsKnownSize } from "../../tensor/size.ts";
import { type GradNode, type Grads, isTensor, type Storage, type Tensor } from "../../tensor/tensor.ts";
import { byOnePass, formula } from "../formulas.ts";
import { latest } from "../graph.ts";
import type { Tracer } from "../tracer.ts";
import { fitted } from "./fitting.ts";
import { Gradients } from "./gradients.ts";
import { Queue } from "./queue.ts";
import { stopEarly } from "./recomputing.ts";
import { Running } from "./running.ts";
import type { Wanted } from "./wanted.ts";

/** A node or a leaf that waits for its gradients. */
interface Task {
  readonly node: GradNode | undefined;
  readonly leaf: Tensor | undefined;
  readonly key: string;
  readonly grads: (Tensor | undefined)[];
  /** Gradients that are still to come. */
  waiting: number;
  done: boolean;
  /** Made by a region that ran again: what it saved is handed over, and freed as soon as its formula ends. */
  readonly again: boolean;
  /** What a region was given, which its last node to run lets go of. */
  given: readonly Storage[];
}

/** Where one gradient of a node goes: the argument, and its place in a list. */
interface Edge {
  readonly argument: number;
  readonly item: number | undefined;
  readonly tensor: Tensor;
}

/** Where a leaf's gradient is found among the tracer's. */
export function leafKey({ storage, shape }: Tensor): string {
  return `${storage.id}:${shape.map((size) => (size instanceof Unknown ? "?" : integer(size))).join()}`;
}

export class BackwardPass {
  private readonly nodes = new Map<GradNode, Task>();
  private readonly leaves = new Map<string, Task>();
  private readonly queue = new Queue<Task>();
  private readonly running: Running;
  private readonly gradients: Gradients;
  private readonly held: GradNode[] = [];
  /** The earliest of the nodes found since it was forgotten. */
  private first: GradNode | undefined;
  private again = false;

  /** `wanted`: whose gradients alone are asked for; else every leaf's. */
  constructor(
    private readonly tracer: Tracer,
    private readonly wanted?: Wanted,
  ) {
    this.running = new Running(tracer, (gradient) => this.gradients.release(gradient));
    this.gradients = new Gradients(tracer, this.running);
  }

  run(loss: Tensor, gradient: Tensor | undefined): void {
    const root = latest(loss, []);
    if (!root.node) return;
    const task = this.reach(root);
    task.waiting++;
    this.running.within({ module: 0, slices: 1, at: undefined });
    const seed =
      gradient ?? (this.running.kernel("aten.ones_like", [], [{ shape: loss.shape, dtype: loss.dtype }])[0] as Tensor);
    // It is held by the caller as well, to the end.
    seed.storage.holders++;
    this.gradients.hold(seed);
    this.running.flush();
    this.deliver(task, root, seed);
    for (let next = this.queue.pop(); next; next = this.queue.pop()) this.step(next);
    this.tracer.drop(seed.storage);
    for (const node of this.held) this.tracer.dropNode(node);
  }

  private firstTask(): Task | undefined {
    return this.first && this.nodes.get(this.first);
  }

  /** The task of what a tensor came from, with those of all that it came from in turn. */
  private reach(tensor: Tensor): Task {
    const waiting: Task[] = [];
    const found = this.taskOf(tensor, waiting);
    if (tensor.node && waiting.length > 0) {
      tensor.node.holders++;
      this.held.push(tensor.node);
    }
    for (let task = waiting.pop(); task; task = waiting.pop()) {
      for (const edge of this.edgesOf(task.node as GradNode)) this.taskOf(edge.tensor, waiting).waiting++;
    }
    return found;
  }

  private edgesOf(node: GradNode): Edge[] {
    const all = edges(node);
    return this.wanted ? all.filter(({ tensor }) => this.wanted?.leads(latest(tensor, []))) : all;
  }

  private taskOf(tensor: Tensor, added: Task[]): Task {
    const { node } = tensor;
    const key = node ? "" : leafKey(tensor);
    const before = node ? this.nodes.get(node) : this.leaves.get(key);
    // A leaf that a region uses again takes another gradient.
    if (before && !(before.leaf && before.done)) return before;
    const task: Task = {
      node,
      leaf: node ? undefined : tensor,
      key,
      grads: [],
      waiting: 0,
      done: false,
      again: this.again,
      given: [],
    };
    if (node) {
      this.nodes.set(node, task);
      added.push(task);
      if (!this.first || node.index < this.first.index) this.first = node;
    } else this.leaves.set(key, task);
    return task;
  }

  /** Hands a gradient on; one that is there is held for it already. */
  private deliver(task: Task, to: Tensor, gradient: Tensor | undefined): void {
    const at = to.output ?? 0;
    const before = task.grads[at];
    if (gradient) {
      if (task.done) this.gradients.release(gradient);
      else task.grads[at] = before ? this.gradients.sum(before, gradient) : gradient;
    }
    if (--task.waiting === 0 && !task.done) this.queue.push(task, task.node?.index ?? Number.POSITIVE_INFINITY);
  }

  private step(task: Task): void {
    task.done = true;
    const { node, leaf, grads, key } = task;
    if (leaf) {
      const [gradient] = grads;
      if (!gradient) return;
      if (this.wanted) this.wanted.takeLeaf(key, gradient, (one) => this.gradients.hold(one));
      else this.gradients.accumulate(leaf, key, gradient);
      return;
    }
    if (!node) return;
    const { call } = node;
    this.running.within(call);
    const given: Grads = call.out.map((_, i) => grads[i]);
    const own = this.edgesOf(node);
    this.wanted?.take(node, given, (one) => this.gradients.hold(one));
    // A region that runs again leads to its own parameters, though nothing that it was given does.
    const isEnd = this.wanted !== undefined && own.length === 0;
    const none = isEnd || given.every((one) => one === undefined);
    if (call.again && !none) return this.recompute(node, given, own);
    this.running.begin(given);
    const made = none ? [] : this.evaluate(node, given, own);
    this.running.flush();
    if (task.again) this.free(node);
    const fit = own.map(({ tensor }, i) => made[i] && this.fit(made[i], tensor));
    this.running.finish();
    this.free(node);
    for (const storage of task.given) this.tracer.drop(storage);
    own.forEach(({ tensor }, i) => {
      this.deliver(this.taskOf(tensor, []), tensor, fit[i]);
    });
  }

  /** The gradients of a node's inputs, held. */
  private evaluate(node: GradNode, grads: Grads, own: readonly Edge[]): (Tensor | undefined)[] {
    const { call } = node;
    const held: (Tensor | undefined)[] = [];
    const hold = (all: readonly Gradient[]) => {
      for (const { argument, item } of own) {
        const one = all[argument];
        const gradient = item === undefined ? one : Array.isArray(one) ? one[item] : undefined;
        if (isTensor(gradient)) this.gradients.hold(gradient);
        held.push(isTensor(gradient) ? gradient : undefined);
      }
    };
    if (call.own?.(grads, hold, this.tracer)) return held;
    const whole = this.running.asked(call);
    const asked = this.wanted
      ? { ...whole, needs: whole.needs.map((need, i) => need && own.some(({ argument }) => argument === i)) }
      : whole;
    const run = (kept: BackwardCall["kept"]) => {
      try {
        hold(formula(asked.op)(grads, { ...asked, kept }));
      } catch (error) {
        const reason = unfollowed(error, asked.op);
        // Without products nothing that is counted is lost; tensors of unknown size tell of themselves.
        if (asked.op.macs) this.tracer.unknown(reason);
        hold(byOnePass({ ...asked.op, macs: () => 0 } as Op, grads, { ...asked, kept }));
      }
    };
    if (call.restore) call.restore(run);
    else run(call.kept);
    return held;
  }

  private fit(gradient: Tensor, input: Tensor): Tensor {
    const one = fitted(gradient, input, this.running);
    if (one === gradient) return gradient;
    this.gradients.hold(one);
    this.running.flush();
    this.gradients.release(gradient);
    return one;
  }

  private free(node: GradNode): void {
    if (this.wanted?.retain) return;
    const { saved } = node;
    node.saved = [];
    for (const storage of saved) this.tracer.drop(storage);
  }

  /** Runs a region again, and goes on through what it left; what it was given is held until its first operation is done. */
  private recompute(node: GradNode, grads: Grads, own: readonly Edge[]): void {
    const { tracer } = this;
    const { call, saved } = node;
    const start = tracer.events.length;
    const ways: { readonly task: Task; readonly to: Tensor; readonly gradient: Tensor }[] = [];
    const led = new Set<Tensor>();
    tracer.pass = "recompute";
    tracer.gradEnabled = true;
    this.first = undefined;
    const early = call.again?.stopsEarly ?? false;
    this.again = early;
    // The reentrant form runs a pass of its own: results and their gradients are held until it ends.
    const held: Storage[] = [...saved];
    const hold = ({ storage }: Tensor) => {
      storage.holders++;
      held.push(storage);
    };
    call.again?.run((out) => {
      if (early) stopEarly(tracer, start);
      else for (const one of [...out, ...grads]) if (one) hold(one);
      out.forEach((result, i) => {
        const gradient = grads[i];
        const to = result && latest(result, []);
        if (!gradient || !to || !(to.node || to.requiresGrad)) return;
        const task = this.reach(to);
        task.waiting++;
        led.add(gradient);
        ways.push({ task, to, gradient });
      });
    });
    tracer.pass = "backward";
    tracer.gradEnabled = false;
    this.again = false;
    this.running.within(call);
    node.saved = [];
    const first = this.firstTask();
    if (first) first.given = [...first.given, ...held];
    else for (const storage of held) tracer.drop(storage);
    for (const gradient of grads) if (gradient && !led.has(gradient)) this.gradients.release(gradient);
    const again = tracer.events.splice(start);
    for (const { task, to, gradient } of ways) this.deliver(task, to, this.fit(gradient, to));
    for (const { tensor } of own) this.deliver(this.taskOf(tensor, []), tensor, undefined);
    // A region runs again when the first of its nodes asks for what it saved: those behind it have run by then.
    for (let next = this.queue.peek(); next && isTail(next); next = this.queue.peek())
      this.step(this.queue.pop() as Task);
    for (const event of again) {
      tracer.events.push(event.kind === "release" ? event : { ...event, index: tracer.events.length });
    }
  }
}

function isTail({ again, node }: Task): boolean {
  return node ? again && node.saved.length === 0 && !node.call.again : true;
}

function unfollowed(error: unknown, op: Op): Unknown {
  if (error instanceof NeedsKnownSize) return error.unknown;
  if (error instanceof Refused) return new Unknown(`the gradient of ${op.name} is not followed: ${error.message}`);
  throw error;
}

/** The inputs that a node's gradients go to. */
function edges({ call }: GradNode): Edge[] {
  const found: Edge[] = [];
  (call.args as readonly Arg[]).forEach((arg, argument) => {
    if (Array.isArray(arg)) {
      arg.forEach((tensor, item) => {
        if (isTensor(tensor) && (tensor.node || tensor.requiresGrad)) found.push({ argument, item, tensor });
      });
    } else if (isTensor(arg) && (arg.node || arg.requiresGrad)) found.push({ argument, item: undefined, tensor: arg });
  });
  return found;
}
