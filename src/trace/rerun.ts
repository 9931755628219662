/** A recorded program run again with some of its operations changed: what a technique would cost, nothing interpreted. */
import type { Arg, Op } from "../ops/op.ts";
import { denseBytes, type GradNode, type Grads, isTensor, type Storage, type Tensor } from "../tensor/tensor.ts";
import type { Packing } from "./packing.ts";
import { tellSaved, tensorsOf } from "./recording.ts";
import type { Attached, Operation, Trace } from "./trace.ts";
import { Tracer } from "./tracer.ts";

/** One operation of the recorded program, with what it is given in the new run. */
export interface Rewriting {
  readonly step: Operation;
  /** The step's arguments in the new run. */
  readonly args: readonly Arg[];
  /** Runs an operation in place of the step, or before it. */
  run(op: Op, ...args: Arg[]): Tensor[];
  /** What stands for a tensor of the recorded program: itself where nothing changed it. */
  now(tensor: Tensor): Tensor;
  /** Keeps what stands for a tensor of the recorded program alive until `letGo`, whatever the program lets go of. */
  hold(tensor: Tensor): void;
  letGo(tensor: Tensor): void;
  /** Lets go of tensors that this step made before its end, as a name in a function that ends does. */
  done(...tensors: readonly Tensor[]): void;
  /** What autograd keeps of the step, whatever stands in its place, goes through this packing; the tracer is the new run's. */
  pack(packing: (tracer: Tracer) => Packing): void;
  /** A tensor that the changed model holds from the beginning (a new weight, a table). */
  weight(shape: readonly number[], dtype: Tensor["dtype"], trained: boolean): Tensor;
}

/** Gives the tensors in place of a step's results; `"left out"` where no step that stays uses them; nothing: the step stays. */
export type Rewrite = (rewriting: Rewriting) => readonly Tensor[] | "left out" | undefined;

export interface Rerun {
  /** It goes on from where the program ended: a backward pass can be run on it. */
  readonly tracer: Tracer;
  /** What stands for a tensor of the recorded program. */
  readonly now: (tensor: Tensor) => Tensor;
  /** Weights that the changed model has beside the old ones. */
  readonly added: readonly Tensor[];
}

/** Why a program cannot be run again with changes. */
export class CannotRunAgain {
  constructor(readonly reason: string) {}
}

/** A tensor from outside the program (a weight, an input) as the new run is given it; nothing: as it was. */
export type Replace = (tensor: Tensor) => Tensor | undefined;

/**
 * Runs a forward pass again. What the program let go of is let go of at the same places. Throws Refused and NeedsKnownSize as
 * the records do. Functions with a gradient of their own give it as they did; regions that run again do so with the changes.
 * Throws CannotRunAgain where hooks pack what autograd keeps, or a region holds a node that the program itself put there.
 */
export function rerun(trace: Trace, rewrite: Rewrite, replace: Replace = () => undefined): Rerun {
  const tracer = new Tracer();
  let tensors = new Map<Tensor, Tensor>();
  let storages = new Map<Storage, Storage>();
  let again = false;
  const added: Tensor[] = [];
  const made = new Set<Storage>();
  for (const event of trace.events) if (event.kind === "operation") for (const one of event.made) made.add(one);

  /** Views of weights that were replaced follow their storage only by the tensor that was replaced. */
  const now = (tensor: Tensor): Tensor => {
    const found = tensors.get(tensor);
    if (found) return found;
    const outside = made.has(tensor.storage) ? undefined : replace(tensor);
    const one =
      outside ??
      (storages.has(tensor.storage) ? { ...tensor, storage: storages.get(tensor.storage) as Storage } : fresh(tensor));
    tensors.set(tensor, one);
    return one;
  };
  const fresh = (tensor: Tensor): Tensor => {
    const storage = tracer.storage(tensor.storage.bytes, tensor.storage.role, tensor.storage.device);
    storage.holders = 1;
    storage.keptShare = tensor.storage.keptShare;
    storage.kept = tensor.storage.kept;
    storages.set(tensor.storage, storage);
    return { ...tensor, storage, node: undefined };
  };
  const arg = (one: Arg): Arg => {
    if (Array.isArray(one)) return one.map((item) => (isTensor(item) ? now(item) : item));
    return isTensor(one) ? now(one) : one;
  };

  const attached = trace.attached ?? [];
  if (attached.some(({ pass }) => pass === "recompute"))
    throw new CannotRunAgain("a region holds a function of the model's own");
  const places: number[] = [];
  let drop = 0;
  let node = 0;
  const { forwardEnd } = trace;
  trace.events.forEach((event, i) => {
    if (i === forwardEnd?.events) tracer.forwardEnd = { events: tracer.events.length, saved: tracer.saved.size };
    for (let next = attached[node]; next && next.after <= i; next = attached[++node]) attach(next);
    for (let next = trace.drops[drop]; next && next.after <= i; next = trace.drops[++drop]) letGo(next.storage);
    places.push(tracer.events.length);
    if (event.kind === "unknown") tracer.unknown(event.reason);
    // What was there before and is given up on the way: the keys and values that a longer cache replaces.
    if (event.kind === "release" && !made.has(event.storage)) {
      const storage = storages.get(event.storage);
      if (storage) tracer.events.push({ kind: "release", storage });
    }
    if (event.kind !== "operation" || (event.pass !== "forward" && event.pass !== "loss")) return;
    step(event);
  });
  for (let next = attached[node]; next; next = attached[++node]) attach(next);
  for (let next = trace.drops[drop]; next; next = trace.drops[++drop]) letGo(next.storage);

  /** The same node over what stands for its inputs and for what it holds. */
  function attach({ node: old, results, held, from, after, pass }: Attached): void {
    if (pass !== "forward" && pass !== "loss") return;
    const { call } = old;
    const args = (call.args as readonly Arg[]).map(arg);
    const saved = held.map((one) => storages.get(one)).filter((one) => one !== undefined);
    for (const storage of saved) storage.holders++;
    const run = (use: (out: Grads) => void) => runRegion(from, after, call.out, use);
    const one: GradNode = {
      ...old,
      index: Math.max(0, tracer.events.length - 1),
      inputs: tensorsOf(args).flatMap((input) => input.node ?? []),
      saved,
      holders: 0,
      call: {
        ...call,
        args,
        out: call.out.map(now),
        needs: args.map((input) => isTensor(input) && (input.requiresGrad || input.node !== undefined)),
        kept: [],
        again: call.again && { ...call.again, run },
      },
    };
    if (!one.call.needs.includes(true) && !call.again) return;
    for (const input of one.inputs) input.holders++;
    const keeps = saved.filter(({ role }) => role === "activation" || role === "input");
    for (const storage of keeps) tracer.saved.add(storage);
    tellSaved(tracer, keeps);
    results.forEach((result, output) => {
      if (result.node !== old) return;
      one.holders++;
      tensors.set(result, { ...now(call.out[output] as Tensor), requiresGrad: true, node: one, output });
    });
  }

  /** The steps of a region once more, what they make standing for nothing outside it. */
  function runRegion(from: number, after: number, out: Grads, use: (out: Grads) => void): void {
    const outside = { tensors, storages };
    const inside = new Set(
      trace.events.slice(from, after).flatMap((event) => (event.kind === "operation" ? event.made : [])),
    );
    tensors = new Map([...tensors].filter(([one]) => !inside.has(one.storage)));
    storages = new Map([...storages].filter(([one]) => !inside.has(one)));
    const { module } = tracer;
    again = true;
    let next = trace.drops.findIndex((one) => one.after > from);
    for (let i = from; i < after; i++) {
      const event = trace.events[i];
      for (let gone = trace.drops[next]; next >= 0 && gone && gone.after <= i; gone = trace.drops[++next])
        if (inside.has(gone.storage)) letGo(gone.storage);
      if (event?.kind === "operation") step(event);
    }
    again = false;
    tracer.pass = "recompute";
    use(out.map((one) => one && now(one)));
    for (const one of inside) letGo(one);
    tracer.module = module;
    ({ tensors, storages } = outside);
  }

  function letGo(old: Storage): void {
    const storage = storages.get(old);
    if (!storage || !made.has(old)) return;
    storages.delete(old);
    tracer.drop(storage);
  }

  function step(event: Operation): void {
    const { call } = event;
    if (event.call.out.some(({ node: one }) => one?.call.restore))
      throw new CannotRunAgain("hooks pack what autograd keeps");
    tracer.module = event.module;
    tracer.pass = again ? "recompute" : event.pass;
    const own: Tensor[] = [];
    const hold = (out: Tensor[]) => {
      for (const one of out) {
        own.push(one);
        one.storage.holders++;
        if (one.node) one.node.holders++;
      }
      return out;
    };
    const args = call.args.map(arg);
    // Where the program followed no gradient (frozen, `no_grad`), the new run follows none.
    const followed =
      call.out.some(({ requiresGrad }) => requiresGrad) || !tensorsOf(call.args).some((one) => one.requiresGrad);
    tracer.gradEnabled = again || followed;
    const result = rewrite({
      step: event,
      args,
      run: (op, ...given) => hold(tracer.apply(op, given, event.at)),
      now,
      hold(tensor) {
        const { storage, node } = now(tensor);
        storage.holders++;
        if (node) node.holders++;
      },
      letGo(tensor) {
        const { storage, node } = now(tensor);
        tracer.drop(storage);
        if (node) tracer.dropNode(node);
      },
      done(...given) {
        for (const one of given) {
          const at = own.indexOf(one);
          if (at < 0) continue;
          own.splice(at, 1);
          tracer.drop(one.storage);
        }
      },
      pack(packing) {
        tracer.packing = packing(tracer);
      },
      weight(shape, dtype, trained) {
        const storage = tracer.storage(denseBytes(shape, dtype), "parameter");
        storage.holders = 1;
        const one: Tensor = { shape, strides: null, dtype, storage, requiresGrad: trained };
        added.push(one);
        return one;
      },
    });
    if (result !== "left out") {
      const out =
        result ??
        hold(call.inPlace ? [tracer.applyInPlace(call.op, args, event.at)] : tracer.apply(call.op, args, event.at));
      out.forEach((one, i) => {
        const old = call.out[i];
        if (!old) return;
        tensors.set(old, one);
        if (event.made.includes(old.storage) && !storages.has(old.storage)) {
          storages.set(old.storage, one.storage);
          one.storage.holders++;
        }
      });
    }
    tracer.packing = undefined;
    // The program's own hold is by storage, and was taken above.
    for (const one of own) {
      tracer.drop(one.storage);
    }
  }

  for (const { id, ...rest } of trace.calls.slice(1))
    tracer.calls.push({
      ...rest,
      id,
      start: places[rest.start] ?? tracer.events.length,
      end: places[rest.end] ?? tracer.events.length,
    });
  return { tracer, now, added };
}
