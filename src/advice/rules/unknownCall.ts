import type { Module, Statement } from "../../syntax/ast.ts";
import { type SyntaxNode, walk } from "../../syntax/walk.ts";
import type { Rule } from "./rule.ts";

/** A call into a library whose source was not found: figures that count it are not complete, and a stub would mend that. */
const unknownCall: Rule = {
  id: "unknown-call",

  *check({ unknowns, file, stubFolder }) {
    const told = new Set<string>();
    for (const { reason, at } of unknowns) {
      const library = libraryOf(reason);
      if (!library || at?.path !== file.path || told.has(`${library}:${at.line}`)) continue;
      told.add(`${library}:${at.line}`);
      const path = `${stubFolder}/${library.replaceAll(".", "/")}.py`;
      yield {
        severity: "information",
        at,
        what: `What this call costs is not known: ${reason}.`,
        why: "Figures that count it are not complete.",
        price: "",
        fixes: [
          {
            title: `Describe ${library} in a stub`,
            edits: [],
            creates: { path, text: stubText(library, namesFrom(file, library)) },
          },
        ],
      };
    }
  },
};
export default unknownCall;

/** The module that a reason names as missing. */
function libraryOf(reason: string): string | undefined {
  return /^(?:\w+: )?(?:the source of )?([A-Za-z_][\w.]*) (?:is not installed|was not found)/.exec(reason)?.[1];
}

/** Names that the file takes from a module. */
function namesFrom(file: Module, library: string): string[] {
  const names = new Set<string>();
  const look = (node: SyntaxNode) => {
    walk(node, (one) => {
      const statement = one as Statement;
      if (statement.kind === "ImportFrom" && statement.module === library && statement.names !== "*")
        for (const { name } of statement.names) names.add(name);
      return true;
    });
  };
  for (const { node } of file.statements) look(node);
  return [...names];
}

/** A stub that says what is wanted of it: until it is filled in, its calls stay unknown. */
function stubText(library: string, names: readonly string[]): string {
  const functions = (names.length > 0 ? names : ["function"]).map((name) =>
    /^[A-Z]/.test(name)
      ? `class ${name}(nn.Module):\n    def __init__(self, *args, **kwargs):\n        super().__init__()\n        raise NotImplementedError("describe ${name}: the parameters that it makes")\n\n    def forward(self, x):\n        return x\n`
      : `def ${name}(*args, **kwargs):\n    raise NotImplementedError("describe ${name}: return tensors of the shapes that it gives")\n`,
  );
  const head = `"""${library} for Assay: what its functions do to shapes, in PyTorch. Operations used here count as their cost."""\n`;
  return `${head}import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\n${functions.join("\n\n")}`;
}
