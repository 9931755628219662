import type { Place } from "../base/place.ts";
import { Unknown } from "../base/unknown.ts";
import type { Arg, Made, Op, Saved } from "../ops/op.ts";
import type { DType } from "../tensor/dtype.ts";
import {
  elements,
  type GradNode,
  isTensor,
  Storage,
  type StorageRole,
  sameLayout,
  type Tensor,
} from "../tensor/tensor.ts";
import { gradNode, latest, onPart, resolved, viewOf } from "./graph.ts";
import {
  attempt,
  copyOf,
  deviceOf,
  leads,
  madeTensors,
  needsGrad,
  note,
  scaled,
  settled,
  tensorsOf,
  total,
} from "./recording.ts";
import type { Drop, ModuleCall, StepPart, Trace, TraceEvent } from "./trace.ts";

/** Records operations as they are applied, follows autograd, and writes down releases. */
export class Tracer implements Trace {
  readonly events: TraceEvent[] = [];
  readonly calls: ModuleCall[] = [
    { id: 0, parent: 0, module: {}, inputs: [], outputs: [], at: undefined, start: 0, end: 0 },
  ];
  readonly saved = new Set<Storage>();
  readonly drops: Drop[] = [];
  gradEnabled = true;
  /** The reduced type of an autocast region. */
  autocast: DType | null = null;
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
    this.events.length = 0;
    this.calls.length = 1;
    this.saved.clear();
    this.gradients.clear();
    this.repeated.clear();
    this.drops.length = 0;
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
    const inputs = tensorsOf(args);
    const needs = args.map(needsGrad);
    const index = this.events.length;
    const follows =
      this.gradEnabled &&
      op.differentiable !== false &&
      needs.includes(true) &&
      out.some((_, i) => leads(out, made, i));
    const saved = follows ? this.follow(op, args, out, made, needs, target, at) : [];
    const isView = fresh.length === 0 && !target;
    const traffic = isView
      ? { read: 0, written: 0 }
      : (attempt(() => op.traffic?.(args, out)) ?? { read: total(inputs), written: total(out) });
    this.events.push({
      kind: "operation",
      index,
      name: op.name,
      inputs: inputs.map(note),
      outputs: out.map(note),
      macs: scaled(
        attempt(() => op.macs?.(args, out) ?? 0),
        this.slices,
      ),
      bytesRead: traffic instanceof Unknown ? traffic : scaled(traffic.read, this.slices),
      bytesWritten: traffic instanceof Unknown ? traffic : scaled(traffic.written, this.slices),
      work: isView || !out[0] ? 0 : scaled(elements(out[0].shape), this.slices * (op.work ?? 1)),
      made: fresh,
      saved,
      workspaceBytes: attempt(() => op.workspaceBytes?.(args, out) ?? 0),
      detail: settled(() => op.detail?.(args, out)),
      pass: this.pass,
      call: { op, args, out, inPlace: target !== undefined },
      module: this.module,
      at,
    });
  }

  /** Puts results behind a node of the graph; gives the storages that it keeps. */
  private follow(
    op: Op,
    given: readonly Arg[],
    out: readonly Tensor[],
    made: readonly Made[],
    needs: readonly boolean[],
    target: Tensor | undefined,
    at: Place | undefined,
  ): readonly Storage[] {
    const added: GradNode[] = [];
    const args = resolved(given, added);
    const list = target ? (op.savesInPlace ?? op.saves)?.(given, out, needs) : op.saves?.(given, out, needs);
    // What the backward needs of a tensor that is being overwritten is kept as a copy.
    const kept = this.keep((list ?? []).map((one) => (target && one === target ? copyOf(target) : one)));
    const standing = { index: this.events.length, module: this.module, slices: this.slices, at };
    const base = target?.storage.base;
    const part = target && base && !sameLayout(base, target) ? latest(base, added) : undefined;
    const node = part
      ? gradNode(onPart(op, target as Tensor), [part, ...args.slice(1)], [part], needs, kept, false, standing)
      : gradNode(op, args, out, needs, kept, target !== undefined, standing);
    for (const one of [...added, node]) for (const input of one.inputs) input.holders++;
    for (const storage of node.saved) storage.holders++;
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
    return node.saved;
  }

  private keep(list: readonly Saved[]): (Tensor | undefined)[] {
    return list.map((one) => {
      if (!one) return undefined;
      if (!isTensor(one)) {
        const storage = this.storage(scaled(one.extraBytes, this.slices), "activation", one.onHost && "cpu");
        const bytes = one.extraBytes;
        this.saved.add(storage);
        return { shape: [bytes], strides: null, dtype: "uint8", storage, requiresGrad: false };
      }
      const { role } = one.storage;
      if (role === "activation" || role === "input") this.saved.add(one.storage);
      return one;
    });
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
