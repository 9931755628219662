/** Attention of libraries that writes its scores out because the code asks for it so, and the argument that asks otherwise. */
import type { Place } from "../../base/place.ts";
import type { Fix } from "../../cost/report.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import type { Trace } from "../../trace/trace.ts";
import { withKeyword } from "../code/edits.ts";
import { type CallNode, type Code, codeOf, functionOf, within } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import { integerIn } from "./code.ts";
import type { Eager } from "./eager.ts";
import type { EagerSite } from "./sites.ts";

type Edits = Fix["edits"];

/**
 * `need_weights=False` for calls of `nn.MultiheadAttention` whose weights nobody reads, `attn_implementation="sdpa"` for models
 * of transformers that are built with `"eager"`. None where the code asks for neither.
 */
export function askedOtherwise(subject: Subject, sites: readonly EagerSite[]): Edits {
  const code = codeOf(subject.file, subject.text);
  const traces = [subject.pass, subject.inference, ...(subject.step ? [subject.step] : [])];
  const calls = sites.flatMap(({ at, calls: ran }) => withoutWeights(at, ran, traces, subject) ?? []);
  if (!sites.some(({ at }) => at?.path !== code.path)) return calls;
  const named = code.calls
    .flatMap((call) => call.keywords)
    .filter(({ arg, value }) => arg === "attn_implementation" && value.kind === "Str" && value.value === "eager")
    .map(({ value }) => ({ span: code.span(value), text: '"sdpa"' }));
  return [...calls, ...named];
}

/** The edit for one call of `nn.MultiheadAttention`; nothing where it is none, or where a name that is read takes the weights. */
export function withoutWeights(
  at: Place | undefined,
  ran: readonly Eager[],
  traces: readonly Trace[],
  { file, text, figures }: Pick<Subject, "file" | "text" | "figures">,
): Edits[number] | undefined {
  const heads = new Set(layersNamed("MultiheadAttention", figures.tree).map(({ module }) => module));
  const isHeads = ran.every(({ first }) => traces.some(({ calls }) => heads.has(calls[first.module]?.module as never)));
  const code = codeOf(file, text);
  if (!isHeads || at?.path !== code.path) return undefined;
  const call = code.calls.find((one) => {
    const span = code.span(one);
    return (
      span.line === at.line &&
      span.column === at.column &&
      span.endLine === at.endLine &&
      span.endColumn === at.endColumn
    );
  });
  // The fifth of its arguments is `need_weights`.
  if (!call || call.args.length >= 5 || !isFirstOnly(call, code)) return undefined;
  return withKeyword(call, "need_weights", "False", code);
}

/** Whether only the first of a call's results is read: `y, _ = call(…)`, `call(…)[0]`. */
function isFirstOnly(call: CallNode, code: Code): boolean {
  const holder = code.parent(call);
  if (holder?.kind === "Subscript") return holder.value === call && integerIn(holder.slice) === 0;
  if (holder?.kind !== "Assign" || holder.targets.length !== 1) return false;
  const [target] = holder.targets;
  if (target?.kind !== "Tuple" || target.elts.length !== 2) return false;
  const [, weights] = target.elts;
  if (weights?.kind !== "Name") return false;
  const func = functionOf(call, code);
  const named = func ? within(func).filter((node) => node.kind === "Name" && node.id === weights.id) : [];
  return weights.id === "_" || named.length === 1;
}

function layersNamed(name: string, layer: BuiltLayer): BuiltLayer[] {
  return [...(layer.className === name ? [layer] : []), ...layer.children.flatMap((child) => layersNamed(name, child))];
}
