/** Layers of the user's own code built from another class: `nn.Linear` replaced where it is called. */
import type { Fix } from "../../cost/report.ts";
import { replace, withKeyword } from "../code/edits.ts";
import { constructionOf, layersOf } from "../code/flow.ts";
import { type CallNode, type Code, codeOf, keyword } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import type { WeightSite } from "./products.ts";

/** The calls in the file that built layers, each once; those of no other layers. */
export function constructions({ figures, file, text }: Subject, paths: ReadonlySet<string>): readonly CallNode[] {
  const code = codeOf(file, text);
  const [own, others] = [new Set<CallNode>(), new Set<CallNode>()];
  for (const layer of layersOf(figures.tree)) {
    const call = constructionOf(layer, code);
    if (call) (paths.has(layer.path) ? own : others).add(call);
  }
  return [...own].filter((call) => !others.has(call));
}

/** `nn.Linear(...)` as bitsandbytes' class, with its arguments. */
export function swapped(
  subject: Subject,
  sites: readonly WeightSite[],
  name: string,
  keywords: Readonly<Record<string, string>>,
): Fix | { readonly reason: string } {
  const code = codeOf(subject.file, subject.text);
  const paths = new Set(sites.flatMap(({ weights }) => weights.map(({ layer }) => layer)));
  const calls = constructions(subject, paths).filter((call) => code.dotted(call.func) === "torch.nn.Linear");
  if (calls.length === 0)
    return { reason: "its linear layers are not built in this file: bitsandbytes converts them when it is loaded" };
  const edits = calls.flatMap((call) => [
    replace(call.func, `bnb.nn.${name}`, code),
    ...keywordEdits(call, keywords, code),
  ]);
  return { title: `Build these layers as bnb.nn.${name}`, edits: [...importBitsandbytes(code), ...edits] };
}

/** New keywords share one insertion, so that they keep their order. */
function keywordEdits(call: CallNode, keywords: Readonly<Record<string, string>>, code: Code): Fix["edits"] {
  const wanted = Object.entries(keywords).filter(([name]) => !keyword(call, name));
  const [first, ...rest] = wanted;
  if (!first) return [];
  return [withKeyword(call, first[0], [first[1], ...rest.map(([name, value]) => `${name}=${value}`)].join(", "), code)];
}

/** `import bitsandbytes as bnb`, where nothing binds that name yet. */
export function importBitsandbytes(code: Code): Fix["edits"] {
  const imports = code.nodes.filter(
    (node) => (node.kind === "Import" || node.kind === "ImportFrom") && code.parent(node) === undefined,
  );
  if (imports.some((node) => node.kind === "Import" && node.names.some(({ asname }) => asname === "bnb"))) return [];
  const first = imports.find((node) => node.kind !== "ImportFrom" || node.module !== "__future__");
  const line = first ? code.span(first).line : 0;
  return [{ span: { line, column: 0, endLine: line, endColumn: 0 }, text: "import bitsandbytes as bnb\n" }];
}
