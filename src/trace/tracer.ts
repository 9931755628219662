import type { Place } from "../base/place.ts";
import type { Unknown } from "../base/unknown.ts";
import type { Arg, Made, Op } from "../ops/op.ts";
import type { DType } from "../tensor/dtype.ts";
import { type GradNode, Storage, type StorageRole, sameLayout, type Tensor } from "../tensor/tensor.ts";
import { gradNode, latest, onPart, resolved, viewOf } from "./graph.ts";
import { type Packing, packedKept } from "./packing.ts";
import { copyOf, costOf, deviceOf, keptTensors, leads, madeTensors, needsGrad, note, scaled } from "./recording.ts";
import type { Attached, Drop, ModuleCall, StepPart, Trace, TraceEvent } from "./trace.ts";

/** Records operations as they are applied, follows autograd, and writes down releases. */
export class Tracer implements Trace {
  readonly events: TraceEvent[] = [];
  readonly calls: ModuleCall[] = [
    { id: 0, parent: 0, module: {}, inputs: [], outputs: [], at: undefined, start: 0, end: 0 },
  ];
  readonly saved = new Set<Storage>();
  readonly drops: Drop[] = [];
  readonly attached: Attached[] = [];
  gradEnabled = true;
  /** The reduced type of an autocast region. */
  autocast: DType | null = null;
  /** What autograd keeps is packed by hooks. */
  packing: Packing | undefined;
  defaultDtype: DType = "float32";
  defaultDevice = "cuda";
  /** Which part of a step is being recorded. */
  pass: StepPart = "forward";
  /** How many events and saved storages there were at the end of the forward pass, where more follows. */
  forwardEnd: { readonly events: number; readonly saved: number } | undefined;
  /** What leaves have been given by backward passes, by `leafKey`. They are held to the end. */
  readonly gradients = new Map<string, Tensor>();
  /** Module calls that a region which runs again has entered again. */
  readonly repeated = new Set<number>();
  /** How many slices an operation stands for: inside `vmap` one is followed for all. */
  slices = 1;
  /** The module call in progress. */
  module = 0;
  /** Told of each module called outside every other, with its arguments as the caller gave them. */
  onRootCall: ((module: object, args: readonly unknown[], keywords: ReadonlyMap<string, unknown>) => void) | undefined;
  /** Each storage made, where somebody wants to know. */
  madeStorages: Storage[] | undefined;
  private storages = 0;

  /** Forgets what has been recorded: what follows is a trace of its own. */
  begin(): void {
    this.packing = undefined;
    this.events.length = 0;
    this.calls.length = 1;
    this.saved.clear();
    this.gradients.clear();
    this.repeated.clear();
    this.drops.length = 0;
    this.attached.length = 0;
    this.module = 0;
    this.slices = 1;
    this.pass = "forward";
    this.forwardEnd = undefined;
  }

  /** A new storage; its bytes are unknown where a size is. */
  storage(bytes: number | Unknown, role: StorageRole, device = this.defaultDevice): Storage {
    const made = new Storage(this.storages++, bytes, role, device);
    this.madeStorages?.push(made);
    return made;
  }

  /** Applies an operation to its arguments. Throws Refused and NeedsKnownSize as its record does. */
  apply(op: Op, args: readonly Arg[], at: Place | undefined): Tensor[] {
    const result = op.result(args);
    const made: readonly Made[] = Array.isArray(result) ? result : [result as Made];
    const device = deviceOf(args) ?? this.defaultDevice;
    const { out, fresh } = this.make(made, device);
    this.record(op, args, out, made, fresh, at, undefined);
    return out;
  }

  /** Tensors as results are: in new storages, or in those that they share. */
  make(made: readonly Made[], device: string): { out: Tensor[]; fresh: Storage[] } {
    return madeTensors(made, (bytes) => this.storage(scaled(bytes, this.slices), "activation", device));
  }

  /** Applies an operation in place: its result replaces what `args[0]` holds, in the same storage. Gives the new `args[0]`. */
  applyInPlace(op: Op, args: readonly Arg[], at: Place | undefined): Tensor {
    const target = args[0] as Tensor;
    const result = op.result(args);
    const made: Made = Array.isArray(result) ? (result[0] as Made) : (result as Made);
    const out: Tensor = {
      shape: target.shape,
      strides: target.strides,
      dtype: target.dtype,
      storage: target.storage,
      data: made.dtype === target.dtype ? made.data : undefined,
      requiresGrad: target.requiresGrad,
      node: target.node,
    };
    this.record(op, args, [out], [made], [], at, target);
    return out;
  }

  private record(
    op: Op,
    args: readonly Arg[],
    out: Tensor[],
    made: readonly Made[],
    fresh: readonly Storage[],
    at: Place | undefined,
    target: Tensor | undefined,
  ): void {
    const needs = args.map(needsGrad);
    const follows =
      this.gradEnabled &&
      op.differentiable !== false &&
      needs.includes(true) &&
      out.some((_, i) => leads(out, made, i));
    const followed = follows ? this.follow(op, args, out, made, needs, target, at) : undefined;
    this.events.push({
      kind: "operation",
      index: this.events.length,
      ...costOf({ op, args, out, inPlace: target !== undefined }, fresh, this.slices),
      made: fresh,
      saved: followed?.saved ?? [],
      pass: this.pass,
      module: this.module,
      at,
    });
    followed?.late?.();
  }

  /** Puts results behind a node of the graph; gives the storages that it keeps, and what is packed behind the operation. */
  private follow(
    op: Op,
    given: readonly Arg[],
    out: readonly Tensor[],
    made: readonly Made[],
    needs: readonly boolean[],
    target: Tensor | undefined,
    at: Place | undefined,
  ): { readonly saved: readonly Storage[]; readonly late?: () => void } {
    const added: GradNode[] = [];
    const args = resolved(given, added);
    const list = target ? (op.savesInPlace ?? op.saves)?.(given, out, needs) : op.saves?.(given, out, needs);
    // What the backward needs of a tensor that is being overwritten is kept as a copy.
    const own = keptTensors(
      (list ?? []).map((one) => (target && one === target ? copyOf(target) : one)),
      this,
    );
    const packed = this.packing && packedKept(this, this.packing, op, own, given, out);
    const kept = packed?.kept ?? own;
    const { module, slices } = this;
    const standing = { index: this.events.length, module, slices, at, restore: packed?.restore };
    const base = target?.storage.base;
    const part = target && base && !sameLayout(base, target) ? latest(base, added) : undefined;
    const node = part
      ? gradNode(onPart(op, target as Tensor), [part, ...args.slice(1)], [part], needs, kept, false, standing)
      : gradNode(op, args, out, needs, kept, target !== undefined, standing);
    for (const one of [...added, node]) for (const input of one.inputs) input.holders++;
    const saved = [...new Set([...node.saved, ...(packed?.storages ?? [])])];
    node.saved = saved;
    this.keeps(saved);
    node.holders++;
    out.forEach((tensor, i) => {
      if (!leads(out, made, i)) return;
      tensor.requiresGrad = true;
      tensor.node = node;
      if (i > 0) tensor.output = i;
      if (!target) return;
      this.setWriter(tensor.storage, node);
      if (!part) return;
      const views: GradNode[] = [];
      tensor.node = viewOf({ ...part, node, output: 0, requiresGrad: true }, tensor, views).node;
      node.holders++;
    });
    // Who holds the result holds the node; until then nobody does.
    node.holders--;
    if (!packed) return { saved };
    for (const storage of packed.storages) storage.holders--;
    return { saved, late: () => this.keepsLate(saved, packed.late()) };
  }

  private keeps(storages: readonly Storage[]): void {
    for (const storage of storages) {
      storage.holders++;
      if (storage.role === "activation" || storage.role === "input") this.saved.add(storage);
    }
  }

  /** What a node keeps of results that were packed: each is held for it already. */
  private keepsLate(saved: Storage[], made: readonly Storage[]): void {
    const more = made.filter((one) => !saved.includes(one));
    saved.push(...more);
    this.keeps(more);
    for (const storage of made) storage.holders--;
  }

  /** An operation whose cost cannot be known. */
  unknown(reason: Unknown): void {
    this.events.push({ kind: "unknown", index: this.events.length, reason, module: this.module });
  }

  /** Says that the program holds a tensor. */
  hold({ storage, node }: Tensor): void {
    storage.holders++;
    storage.tensors++;
    if (node) node.holders++;
  }

  /** Says that the program lets go of a tensor. */
  letGo({ storage, node }: Tensor): void {
    if (--storage.tensors === 0) this.drops.push({ after: this.events.length, storage });
    this.drop(storage);
    if (node) this.dropNode(node);
  }

  /** Says that a storage is held no more by one holder; it is freed with its last. */
  drop(storage: Storage): void {
    if (--storage.holders !== 0) return;
    if (storage.role === "activation" || storage.role === "gradient") this.events.push({ kind: "release", storage });
    this.setWriter(storage, undefined);
  }

  /** The node that wrote a storage last: other views of it come from there, so the storage holds it. */
  private setWriter(storage: Storage, node: GradNode | undefined): void {
    const before = storage.writer;
    if (node) node.holders++;
    storage.writer = node;
    if (before) this.dropNode(before);
  }

  /** Says that a node is held no more by one holder; with its last, what it saved and its inputs are let go. */
  dropNode(first: GradNode): void {
    const waiting = [first];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      if (--node.holders !== 0) continue;
      for (const storage of node.saved) this.drop(storage);
      waiting.push(...node.inputs);
    }
  }

  enter(module: object, inputs: readonly Tensor[], at: Place | undefined): number {
    const again = this.pass === "recompute" ? this.calledBefore(module) : undefined;
    if (again !== undefined) {
      this.module = again;
      return again;
    }
    const id = this.calls.length;
    this.calls.push({
      id,
      parent: this.module,
      module,
      inputs: inputs.map(note),
      outputs: [],
      at,
      start: this.events.length,
      end: this.events.length,
    });
    this.module = id;
    return id;
  }

  exit(id: number, outputs: readonly Tensor[]): void {
    const call = this.calls[id] as ModuleCall;
    this.module = call.parent;
    if (this.repeated.has(id)) return;
    call.outputs = outputs.map(note);
    call.end = this.events.length;
  }

  /** What a region does again belongs to the calls of its first time. */
  private calledBefore(module: object): number | undefined {
    const same = this.calls.filter((call) => call.parent === this.module && call.module === module);
    const id = (same.find((call) => !this.repeated.has(call.id)) ?? same[0])?.id;
    if (id !== undefined) this.repeated.add(id);
    return id;
  }
}

export { note };
