import { showBytes } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import { integer } from "../../tensor/size.ts";
import { denseBytes, isTensor, type Tensor } from "../../tensor/tensor.ts";
import { type AttentionCall, attentionCalls } from "../attention/calls.ts";
import { causalMaskOf } from "../attention/causalMask.ts";
import { type CallSite, passesOf, placed } from "../attention/sites.ts";
import type { Subject } from "../subject.ts";
import { type Found, technique } from "./technique.ts";

/**
 * A causal mask that SDPA is given as a tensor, as the flag `is_causal=True`: the kernels that are fastest take no mask, and
 * skip what lies behind the diagonal.
 */
export default technique<CallSite>({
  id: "is-causal",
  name: "A causal flag in place of a mask (is_causal)",
  kind: "attention",
  what: "Attention is told that it is causal instead of reading a mask of queries times keys.",
  price: "Queries and keys have to be equally many: behind a KV cache the flag would be another mask.",
  demands: "nothing",
  exact: true,
  toldBy: "causal-mask-built",
  knobs: {},

  find(subject): Found<CallSite> {
    const masked = attentionCalls(subject.pass).filter(({ eager, isMaskedByQuery }) => !eager && isMaskedByQuery);
    if (masked.length === 0) return { sites: [] };
    const causal = masked.filter((call) => isCausal(call, subject));
    if (causal.length === 0)
      return { sites: [], why: "Its masks are not known to be causal ones of equally many queries and keys." };
    return { sites: placed(causal, (call) => `A causal mask of ${maskBytes(call)} is read`) };
  },

  change(subject, sites) {
    const own = new Set(sites.flatMap(({ calls }) => calls.map(({ at }) => at?.line)));
    const kernels = new Set(
      passesOf(subject)
        .flatMap(attentionCalls)
        .filter((call) => own.has(call.at?.line) && isCausal(call, subject))
        .map(({ operation }) => operation),
    );
    return {
      rewrite: ({ step, args, run }) =>
        kernels.has(step)
          ? run(step.call.op, ...args.slice(0, 3), null, args[4] ?? 0, true, ...args.slice(6))
          : undefined,
    };
  },
});

function isCausal(call: AttentionCall, subject: Subject): boolean {
  const mask = maskOf(call);
  return !call.eager && call.queries === call.keys && mask !== undefined && causalMaskOf(mask, call, subject);
}

function maskOf({ operation }: AttentionCall): Tensor | undefined {
  const mask = operation.call.args[3];
  return isTensor(mask) && integer(mask.shape.at(-2) ?? 1) > 1 ? mask : undefined;
}

function maskBytes(call: AttentionCall): string {
  const mask = maskOf(call);
  return showBytes(mask ? (known(denseBytes(mask.shape, mask.dtype)) ?? 0) : 0, "GB");
}
