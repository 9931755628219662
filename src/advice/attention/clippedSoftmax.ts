/** Clipped softmax as code (Quantizable Transformers, arXiv:2306.12929). */
import type { Fix } from "../../cost/report.ts";
import type { Subject } from "../subject.ts";
import { ownCoreEdit } from "./ownCore.ts";
import type { CallSite } from "./sites.ts";

/** Attention written out, its softmax stretched by alpha over the length to below zero and cut off there. */
export function clippedEdit(
  subject: Subject,
  sites: readonly CallSite[],
  alpha: number,
): Fix | { readonly reason: string } {
  return ownCoreEdit(subject, sites, {
    title: "Clip attention's softmax",
    name: "clipped_attention",
    source: (torch) => `
def clipped_attention(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False):
    """Attention whose weights can be zero: clip((1 - gamma) * softmax + gamma, 0, 1), gamma = -${alpha} / keys (arXiv:2306.12929)."""
    if enable_gqa:
        key, value = (one.repeat_interleave(query.size(1) // one.size(1), dim=1) for one in (key, value))
    scores = query @ key.transpose(-2, -1) * (query.size(-1) ** -0.5 if scale is None else scale)
    if is_causal:
        seen = ${torch}.ones(scores.shape[-2:], dtype=${torch}.bool, device=scores.device).tril()
        scores = scores.masked_fill(~seen, float("-inf"))
    if attn_mask is not None:
        is_flag = attn_mask.dtype == ${torch}.bool
        scores = scores.masked_fill(~attn_mask, float("-inf")) if is_flag else scores + attn_mask
    gamma = -${alpha} / key.size(-2)
    weights = ((1 - gamma) * scores.softmax(dim=-1) + gamma).clamp(0, 1)
    if dropout_p > 0:
        weights = ${torch}.nn.functional.dropout(weights, dropout_p)
    return weights @ value
`,
  });
}
