/** What autograd keeps in another form: hooks that pack a tensor as it is kept, and restore it when its gradient is computed. */
import type { Arg, Op } from "../ops/op.ts";
import { type GradCall, type Storage, sameLayout, type Tensor } from "../tensor/tensor.ts";
import { tensorsOf } from "./recording.ts";
import type { Tracer } from "./tracer.ts";

/** The form that hooks give a tensor of an operation; undefined: it is kept as it is. */
export type Packing = (tensor: Tensor, op: Op) => Packed | undefined;

export interface Packed {
  /** The memory that it lies in, each held once for whoever asked. */
  readonly storages: readonly Storage[];
  /** Hands the tensor to `use`, alive while that runs. */
  readonly restore: (use: (tensor: Tensor | undefined) => void) => void;
}

/** What a node keeps once its tensors have been packed. */
export interface PackedKept {
  /** Those that stay as they are, in their places. */
  readonly kept: readonly (Tensor | undefined)[];
  readonly storages: Storage[];
  readonly restore: NonNullable<GradCall["restore"]>;
  /** Packs results, which are there once the operation has run. */
  late(): readonly Storage[];
}

/** Packs what an operation keeps of its arguments; `given` and `out` are held while hooks run. */
export function packedKept(
  _tracer: Tracer,
  packing: Packing,
  op: Op,
  list: readonly (Tensor | undefined)[],
  given: readonly Arg[],
  out: readonly Tensor[],
): PackedKept {
  const forms: (Packed | undefined)[] = [];
  const kept: (Tensor | undefined)[] = [...list];
  const storages: Storage[] = [];
  const results = new Set(out.map(({ storage }) => storage));
  const held = [...new Set([...tensorsOf(given), ...out, ...list.filter((one) => one !== undefined)])];
  const pack = (isNow: (tensor: Tensor) => boolean) => {
    const made: Storage[] = [];
    for (const { storage, node } of held) {
      storage.holders++;
      if (node) node.holders++;
    }
    list.forEach((tensor, i) => {
      if (!tensor || forms[i] || !isNow(tensor)) return;
      const form = packing(tensor, op);
      if (!form) return;
      forms[i] = form;
      kept[i] = undefined;
      made.push(...form.storages);
    });
    // They are held by their callers as well, so nothing is freed here that would not be freed by them.
    for (const { storage, node } of held) {
      storage.holders--;
      if (node) node.holders--;
    }
    storages.push(...made);
    return made;
  };
  pack(({ storage }) => !results.has(storage));
  const waiting = list.flatMap((tensor, i) => (tensor && results.has(tensor.storage) ? [i] : []));
  for (const i of waiting) kept[i] = undefined;
  return {
    kept,
    storages,
    restore: (use) => restored(list, forms, 0, [], use),
    late() {
      if (waiting.length === 0) return [];
      const made = pack(({ storage }) => results.has(storage));
      // Results that stay as they are.
      for (const i of waiting) if (!forms[i]) made.push((list[i] as Tensor).storage);
      for (const i of waiting) if (!forms[i]) (list[i] as Tensor).storage.holders++;
      return made;
    },
  };
}

/** All that was packed as it was, one after the other, each alive until the last has been used. */
function restored(
  list: readonly (Tensor | undefined)[],
  forms: readonly (Packed | undefined)[],
  from: number,
  done: readonly (Tensor | undefined)[],
  use: (kept: readonly (Tensor | undefined)[]) => void,
): void {
  const next = forms.findIndex((form, i) => form !== undefined && i >= from);
  const form = forms[next];
  if (!form) return use([...done, ...list.slice(from)]);
  const tensor = list[next] as Tensor;
  form.restore((one) => {
    const again = one && { ...tensor, storage: one.storage, strides: sameLayout(one, tensor) ? tensor.strides : null };
    restored(list, forms, next + 1, [...done, ...list.slice(from, next), again ?? tensor], use);
  });
}
