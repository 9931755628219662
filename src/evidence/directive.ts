/** `# assay: Model(cfg)(float32[B, 3, 224, 224])`: how to build a model and what to call it with. */
import type { Expression, Keyword, Module } from "../syntax/ast.ts";

export interface Directive {
  /** `GPT(GPTConfig())`: what builds the model. */
  readonly build: string;
  /** The name that the expression begins with: the class, or a function that makes it. */
  readonly name: string;
  /** Inputs of forward, as written: `float32[B, 3, 224, 224]` or a literal. */
  readonly args: readonly string[];
  readonly keywords: readonly (readonly [name: string, text: string])[];
}

/** The directive in a comment's text, or what is wrong with it. `parse` gives the tree of a text. */
export function readDirective(text: string, parse: (text: string) => Module): Directive | { readonly problem: string } {
  const statement = parse(text).statements[0]?.node;
  if (statement?.kind !== "ExpressionStatement")
    return { problem: `cannot be read: ${text}. Write it as Model(arguments)(float32[B, 3, 224, 224])` };
  const { value } = statement;
  if (value.kind === "Name") return { build: `${value.id}()`, name: value.id, args: [], keywords: [] };
  if (value.kind !== "Call")
    return { problem: `expects a call such as Model(arguments)(float32[B, 3, 224, 224]), not ${text}` };
  const source = (node: Expression) => slice(text, node);
  const isRun = value.func.kind === "Call";
  const build = isRun ? value.func : value;
  const name = firstName(build);
  if (!name) return { problem: `expects a class or function by name, not ${source(build)}` };
  if (!isRun) return { build: source(build), name, args: [], keywords: [] };
  return {
    build: source(build),
    name,
    args: value.args.map(source),
    keywords: value.keywords.flatMap(({ arg, value: given }: Keyword) =>
      arg === null ? [] : [[arg, source(given)] as const],
    ),
  };
}

function firstName(node: Expression): string | undefined {
  if (node.kind === "Name") return node.id;
  if (node.kind === "Call") return firstName(node.func);
  return node.kind === "Attribute" ? firstName(node.value) : undefined;
}

/** The text of a node of a one-line source. */
function slice(text: string, { line, column, endLine, endColumn }: Expression): string {
  const lines = text.split("\n");
  if (line === endLine) return (lines[line] ?? "").slice(column, endColumn);
  return [
    (lines[line] ?? "").slice(column),
    ...lines.slice(line + 1, endLine),
    (lines[endLine] ?? "").slice(0, endColumn),
  ].join("\n");
}

/** Whether the text of such a comment silences findings, well written or not, and says nothing of a model. */
export function isSilence(text: string): boolean {
  return /^ignore(-file)?\b(?!\s*[(.=])/.test(text);
}
