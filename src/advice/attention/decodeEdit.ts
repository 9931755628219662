/** The edit that cuts a single query's keys into parts for all of the GPU's units (Lean Attention, arXiv:2405.10480). */
import type { Place } from "../../base/place.ts";
import type { Fix } from "../../cost/report.ts";
import { codeOf, functionOf, keyword, within } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import { attentionCalls } from "./calls.ts";
import { ownCoreEdit } from "./ownCore.ts";
import { placed } from "./sites.ts";

/** flash-attn's kernel takes the number of parts; the public one that comes nearest to equal runs of tiles. */
export function decodeEdit(subject: Subject, splits: number): Fix | { readonly reason: string } {
  const calls = attentionCalls(subject.pass).filter(({ queries, eager }) => queries === 1 && !eager);
  if (calls.some(({ isMasked }) => isMasked)) return { reason: "flash_attn_with_kvcache takes no mask" };
  return ownCoreEdit(
    subject,
    placed(calls, () => ""),
    {
      title: `Share a decode step's keys out in ${splits} parts`,
      name: "decode_attention",
      source: (torch) => `
try:
    from flash_attn import flash_attn_with_kvcache
except ImportError:
    flash_attn_with_kvcache = None


def decode_attention(query, key, value, is_causal=False, scale=None, splits=${splits}, **more):
    """One query's keys in as many parts as keep all units of this GPU busy (after Lean Attention, arXiv:2405.10480)."""
    if query.size(2) > 1 or flash_attn_with_kvcache is None:
        return ${torch}.nn.functional.scaled_dot_product_attention(
            query, key, value, is_causal=is_causal, scale=scale, **more
        )
    query, key, value = (one.transpose(1, 2) for one in (query, key, value))
    return flash_attn_with_kvcache(query, key, value, softmax_scale=scale, num_splits=splits).transpose(1, 2)
`,
    },
  );
}

/** Whether the function in which attention is computed has its keys cut into parts already. */
export function isCutAlready({ file, text }: Pick<Subject, "file" | "text">, at: Place | undefined): boolean {
  const code = codeOf(file, text);
  const call = code.callAt(at);
  const func = call && functionOf(call, code);
  return (
    func !== undefined && within(func).some((node) => node.kind === "Call" && keyword(node, "num_splits") !== undefined)
  );
}
