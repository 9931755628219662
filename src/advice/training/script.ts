/** Where a training script builds its model and its optimizer. */
import type { Statement } from "../../syntax/ast.ts";
import type { Edit } from "../code/edits.ts";
import { importTorch } from "../code/edits.ts";
import { type CallNode, type Code, codeOf } from "../code/tree.ts";
import type { Subject } from "../subject.ts";

type Assign = Extract<Statement, { kind: "Assign" }>;

/** The last statement that binds a name to this model: `model = GPT(config)`, `model = model.to(device)`. */
export function modelBinding(subject: Subject): { code: Code; name: string; statement: Assign } | undefined {
  const code = codeOf(subject.file, subject.text);
  const { className } = subject.figures.tree;
  let found: { code: Code; name: string; statement: Assign } | undefined;
  for (const node of code.nodes) {
    if (node.kind !== "Assign" || node.value.kind !== "Call" || node.targets.length !== 1) continue;
    const [target] = node.targets;
    if (target?.kind !== "Name") continue;
    if (builds(node.value, className) || (found?.name === target.id && moves(node.value, target.id)))
      found = { code, name: target.id, statement: node };
  }
  return found;
}

/** `GPT(config)`, and `GPT(config).to(device)`. */
function builds(call: CallNode, className: string): boolean {
  const { func } = call;
  if (func.kind === "Name") return func.id === className;
  if (func.kind !== "Attribute") return false;
  if (func.attr === className) return true;
  return func.value.kind === "Call" && builds(func.value, className);
}

function moves({ func }: CallNode, name: string): boolean {
  return (
    func.kind === "Attribute" &&
    func.value.kind === "Name" &&
    func.value.id === name &&
    /^(to|cuda|half|bfloat16)$/.test(func.attr)
  );
}

/** Calls of a class of `torch.optim`: `torch.optim.AdamW(model.parameters())`. */
export function optimizerCalls(code: Code, names: RegExp): CallNode[] {
  return code.calls.filter((call) => {
    const dotted = code.dotted(call.func);
    return (
      dotted !== undefined &&
      /^torch\.optim\.([a-z_]+\.)?\w+$/.test(dotted) &&
      names.test(dotted.split(".").at(-1) as string)
    );
  });
}

/** An import of a module, before the file's first import, where nothing binds it yet. */
export function importOf(module: string, code: Code): readonly Edit[] {
  const isThere = code.nodes.some(
    (node) => node.kind === "Import" && node.names.some(({ name, asname }) => name === module && !asname),
  );
  if (isThere) return [];
  const first = code.nodes.find(
    (node) =>
      code.parent(node) === undefined &&
      (node.kind === "Import" || (node.kind === "ImportFrom" && node.module !== "__future__")),
  );
  const line = first ? code.span(first).line : 0;
  return [{ span: { line, column: 0, endLine: line, endColumn: 0 }, text: `import ${module}\n` }];
}

export { importTorch };
