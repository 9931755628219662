/** Attention of libraries that writes its scores out because the code asks for it so, and the argument that asks otherwise. */
import type { Fix } from "../../cost/report.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import { withKeyword } from "../code/edits.ts";
import { codeOf } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import type { EagerSite } from "./sites.ts";

type Edits = Fix["edits"];

/**
 * `need_weights=False` for calls of `nn.MultiheadAttention` whose weights nobody reads, `attn_implementation="sdpa"` for models
 * of transformers that are built with `"eager"`. None where the code asks for neither.
 */
export function askedOtherwise(subject: Subject, sites: readonly EagerSite[]): Edits {
  const code = codeOf(subject.file, subject.text);
  const heads = new Set(layersNamed("MultiheadAttention", subject.figures.tree).map(({ module }) => module));
  const calls = sites.flatMap(({ at, calls: ran }) => {
    const isHeads = ran.every(({ first }) =>
      [subject.pass, subject.inference, subject.step].some(
        (pass) => pass !== undefined && heads.has(pass.calls[first.module]?.module as never),
      ),
    );
    if (!isHeads || at?.path !== code.path) return [];
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
    return call && call.args.length < 5 ? [withKeyword(call, "need_weights", "False", code)] : [];
  });
  const library = sites.some(({ at }) => at?.path !== code.path);
  const named = library
    ? code.calls
        .flatMap((call) => call.keywords)
        .filter(({ arg, value }) => arg === "attn_implementation" && value.kind === "Str" && value.value === "eager")
        .map(({ value }) => ({ span: code.span(value), text: '"sdpa"' }))
    : [];
  return [...calls, ...named];
}

function layersNamed(name: string, layer: BuiltLayer): BuiltLayer[] {
  return [...(layer.className === name ? [layer] : []), ...layer.children.flatMap((child) => layersNamed(name, child))];
}
