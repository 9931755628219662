import { showBytes } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import { ops } from "../../ops/catalogue.ts";
import type { Op } from "../../ops/op.ts";
import { attentionBackend } from "../../ops/shared/attentionBackend.ts";
import { integer } from "../../tensor/size.ts";
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import type { Rewriting } from "../../trace/rerun.ts";
import { type AttentionCall, attentionCalls } from "../attention/calls.ts";
import { type Repeat, repeatOf } from "../attention/keyHeads.ts";
import { type CallSite, passesOf, placed } from "../attention/sites.ts";
import type { Subject } from "../subject.ts";
import { type Found, technique } from "./technique.ts";

/**
 * Keys and values that are repeated in memory for the query heads that share them, handed to the kernel as they are:
 * `scaled_dot_product_attention(…, enable_gqa=True)`.
 */
export default technique<CallSite>({
  id: "enable-gqa",
  name: "Grouped heads in the kernel (enable_gqa)",
  kind: "attention",
  what: "The kernel reads one key head for several query heads, so that the copies of keys and values are not made.",
  price: "PyTorch 2.5 or later; float32 has no fused kernel that takes grouped heads.",
  demands: "nothing",
  exact: true,
  toldBy: "repeated-keys",
  knobs: {},

  find(subject): Found<CallSite> {
    const calls = attentionCalls(subject.pass);
    const repeated = calls.filter((call) => copied(call, subject.pass) > 0);
    const [first] = repeated;
    if (!first) return { sites: [] };
    const fused = repeated.filter(({ eager }) => !eager);
    if (fused.length === 0)
      return { sites: [], why: "Keys are repeated for products that are written out: see flash-attention." };
    const fitting = fused.filter((call) => kernelOf(call, subject) !== "math");
    if (fitting.length === 0)
      return {
        sites: [],
        why: `No fused kernel takes grouped heads in ${first.dtype} with these masks: repeating them costs less.`,
      };
    return {
      sites: placed(
        fitting,
        (call) =>
          `Keys and values are repeated ${times(call, subject.pass)} times over, ${showBytes(copied(call, subject.pass), "GB")},`,
      ),
    };
  },

  change(subject, sites) {
    const own = new Set(sites.flatMap(({ calls }) => calls.map(({ at }) => at?.line)));
    const passes = passesOf(subject);
    const calls = passes.flatMap((pass) =>
      attentionCalls(pass)
        .filter((call) => !call.eager && own.has(call.at?.line) && copied(call, pass) > 0)
        .map((call) => ({ call, pass })),
    );
    const kernels = new Set(calls.map(({ call }) => call.operation));
    const repeats = new Map(
      calls.flatMap(({ call, pass }) => repeatsOf(call, pass)).map((one) => [one.operation, one]),
    );
    return {
      rewrite: (rewriting) =>
        kernels.has(rewriting.step) ? grouped(rewriting) : narrow(repeats.get(rewriting.step), rewriting),
    };
  },
});

/** What is repeated, in the place of the copies. */
function narrow(repeat: Repeat | undefined, { step, now, run }: Rewriting): readonly Tensor[] | undefined {
  if (!repeat) return undefined;
  const source = now(repeat.source);
  const rank = step.call.out[0]?.shape.length ?? 0;
  if (source.shape.length === rank) return [source];
  const axis = source.shape.findIndex((size, i) => i > 0 && integer(size) === 1);
  return run(ops.get("aten.squeeze") as Op, source, axis);
}

function grouped({ args, run, step }: Rewriting): readonly Tensor[] {
  return run(step.call.op, ...args.slice(0, 7), true, ...args.slice(8));
}

/** The copies of a call's keys and values, each head's beside each other as the kernel shares heads. */
function repeatsOf({ eager, operation }: AttentionCall, pass: Subject["pass"]): Repeat[] {
  const tensors = eager ? [eager.key.tensor, eager.value.tensor] : operation.call.args.slice(1, 3);
  return tensors.flatMap((one) => {
    const repeat = isTensor(one) ? repeatOf(one, pass) : undefined;
    return repeat && repeat.operation.name !== "aten.repeat" ? [repeat] : [];
  });
}

function times(call: AttentionCall, pass: Subject["pass"]): number {
  return repeatsOf(call, pass)[0]?.times ?? 1;
}

/** Bytes of the copies of a call's keys and values. */
function copied(call: AttentionCall, pass: Subject["pass"]): number {
  const made = repeatsOf(call, pass).flatMap(({ operation }) => operation.made);
  return made.reduce((sum, { bytes }) => sum + (known(bytes) ?? 0), 0);
}

function kernelOf(call: AttentionCall, { pass, device }: Subject) {
  const [query, key, value, mask] = call.operation.call.args as readonly [Tensor, Tensor, Tensor, Tensor | null];
  const heads = integer(key.shape[1] ?? 1) / times(call, pass);
  const few = (one: Tensor): Tensor => ({
    ...one,
    shape: [one.shape[0] ?? 1, heads, ...one.shape.slice(2)],
    strides: null,
  });
  return attentionBackend({
    query,
    key: few(key),
    value: few(value),
    mask,
    dropout: 0,
    causal: call.isCausal,
    grouped: true,
    capability: device?.capability,
  });
}
