/** The edit that lets attention meet a random part of its keys while the model is trained (SSA, arXiv:2306.01705). */
import type { Fix } from "../../cost/report.ts";
import { definedOverTorch } from "../code/definitions.ts";
import { before, behind, type Edit, importTorch, replace, statementOf, withKeyword } from "../code/edits.ts";
import { methodOf } from "../code/modules.ts";
import { type Code, codeOf, functionOf, ownerOf } from "../code/tree.ts";
import { trainingLoops } from "../scripts/training.ts";
import type { Subject } from "../subject.ts";
import { modelBinding } from "../training/script.ts";
import type { AttentionCall } from "./calls.ts";
import { type Chain, chainsIn } from "./chain.ts";
import { scopesOf } from "./code.ts";
import { queriesAndKeys } from "./products.ts";
import { type CallSite, passesOf } from "./sites.ts";
import { operationsAt, tracedIn } from "./written.ts";

type Reason = { readonly reason: string };

/** `dense`: the share of the steps, the last ones, in which all keys are met. */
export function sampledEdit(subject: Subject, sites: readonly CallSite[], ratio: number, dense: number): Fix | Reason {
  const code = codeOf(subject.file, subject.text);
  const edits: Edit[] = [];
  const owners = new Set<object>();
  let reason = "attention is not computed in a method of this file";
  let isFused = false;
  for (const { at, calls } of sites) {
    const [first] = calls;
    const own = first?.eager ? writtenEdit(subject, calls, code) : calledEdit(at, code);
    if (!own) continue;
    if ("reason" in own) {
      reason = own.reason;
      continue;
    }
    const last = methodOf(own.owner, "__init__")?.body.at(-1);
    const made = last && behind(last, `self.ssa_ratio = ${ratio}`, code);
    if (!made) continue;
    isFused ||= !first?.eager;
    edits.push(own.edit, ...(own.more ?? []), ...(owners.has(own.owner) ? [] : [made]));
    owners.add(own.owner);
  }
  if (edits.length === 0) return { reason };
  const torch = importTorch(code);
  return {
    title: `Attend to one key in ${ratio} while training`,
    edits: [
      ...edits,
      ...(isFused ? definedOverTorch(code, sampledCode) : torch.edits),
      ...(dense > 0 ? denseTail(subject, code, dense) : []),
    ],
  };
}

interface Own {
  readonly owner: NonNullable<ReturnType<typeof ownerOf>>;
  readonly edit: Edit;
  readonly more?: readonly Edit[];
}

/** A call of the one kernel becomes one of the function that samples first. */
function calledEdit(at: CallSite["at"], code: Code): Own | Reason | undefined {
  const call = code.callAt(at);
  const func = call && functionOf(call, code);
  const owner = func && ownerOf(func, code);
  if (!call || !owner || !/(^|\.)scaled_dot_product_attention$/.test(code.text(call.func))) return undefined;
  const ratio = withKeyword(call, "ratio", "self.ssa_ratio if self.training else 1", code);
  return { owner, edit: replace(call.func, "sampled_attention", code), more: [ratio] };
}

/** Keys and values are sampled before the products that read them. */
function writtenEdit(subject: Subject, calls: readonly AttentionCall[], code: Code): Own | Reason | undefined {
  if (calls.some(({ isMasked }) => isMasked))
    return { reason: "under a mask the scores are fused first: see unfused-attention" };
  const chain = chainOf(subject, calls);
  const [rank] = calls.map(({ eager }) => eager?.scores.shape.length ?? 0);
  const operands = chain && queriesAndKeys(chain.first, rank ?? 4, chain.scope);
  const value = chain?.applied.weights === chain?.last.left ? chain?.last.right : undefined;
  const func = chain && functionOf(chain.first.node, code);
  const owner = func && ownerOf(func, code);
  const key = operands?.key.text ?? "";
  if (!chain || !owner || value?.kind !== "Name" || !/^[A-Za-z_]\w*$/.test(key))
    return { reason: "its keys and values are no plain names in a method" };
  const torch = importTorch(code).name;
  const statement = statementOf(chain.first.node, code);
  const indent = " ".repeat(code.span(statement).column);
  const lines = [
    "if self.training and self.ssa_ratio > 1:  # Stochastically Subsampled self-Attention, arXiv:2306.01705",
    `${indent}    kept = ${torch}.randperm(${key}.size(-2), device=${key}.device)[: ${key}.size(-2) // self.ssa_ratio]`,
    `${indent}    ${key}, ${value.id} = ${key}.index_select(-2, kept), ${value.id}.index_select(-2, kept)`,
  ];
  return { owner, edit: before(statement, lines.join("\n"), code) };
}

function chainOf(subject: Subject, calls: readonly AttentionCall[]): Chain | undefined {
  const firsts = new Set<object>(calls.flatMap(({ eager }) => (eager ? [eager.first] : [])));
  const traces = passesOf(subject).map((trace) => tracedIn(subject.file.path, trace));
  return scopesOf(subject.file, subject.text)
    .flatMap(chainsIn)
    .find((chain) =>
      traces.some((traced) => operationsAt(chain.first.node, chain, traced).some((one) => firsts.has(one))),
    );
}

/** In a loop over a range of steps all layers turn dense for the last of them. */
function denseTail(subject: Subject, code: Code, dense: number): readonly Edit[] {
  const model = modelBinding(subject)?.name;
  for (const { loop } of trainingLoops(code)) {
    const [first] = loop.body;
    if (!model || !first || loop.kind !== "For" || loop.target.kind !== "Name" || loop.iter.kind !== "Call") continue;
    const [count, ...others] = loop.iter.args;
    if (code.text(loop.iter.func) !== "range" || !count || others.length > 0) continue;
    const indent = " ".repeat(code.span(first).column);
    const lines = [
      `if ${loop.target.id} == int(${Number((1 - dense).toFixed(4))} * ${code.text(count)}):  # the last steps are dense`,
      `${indent}    for layer in ${model}.modules():`,
      `${indent}        layer.ssa_ratio = 1`,
    ];
    return [before(first, lines.join("\n"), code)];
  }
  return [];
}

const sampledCode = (torch: string) => `
def sampled_attention(query, key, value, ratio, attn_mask=None, is_causal=False, **more):
    """Attention to a random 1/ratio of the keys, the first one always among them (SSA, arXiv:2306.01705)."""
    if ratio > 1:
        kept = ${torch}.randperm(key.size(-2) - 1, device=key.device)[: key.size(-2) // ratio - 1] + 1
        kept = ${torch}.cat([kept.new_zeros(1), kept])
        key, value = key.index_select(-2, kept), value.index_select(-2, kept)
        if attn_mask is not None and attn_mask.size(-1) > 1:
            attn_mask = attn_mask.index_select(-1, kept)
        if is_causal:
            attn_mask = kept <= ${torch}.arange(query.size(-2), device=query.device)[:, None]
    return ${torch}.nn.functional.scaled_dot_product_attention(
        query, key, value, attn_mask=attn_mask, is_causal=is_causal and ratio == 1, **more
    )
`;
