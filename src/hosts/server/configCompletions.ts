/** Completion in configs: keys of the family, and values of keys that have a list. */
import { type CompletionItem, CompletionItemKind, type Position, type TextDocuments } from "vscode-languageserver";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { configCompletions } from "../../configs/completion.ts";
import { isModelConfig, readConfig } from "../../configs/read.ts";
import type { OpenFile, Workspace } from "./workspace.ts";

/** What completes a config at a position; nothing in files that do not name a family or a class: those are somebody else's. */
export async function configCompletionsAt(
  workspace: Workspace,
  { path }: OpenFile,
  document: NonNullable<ReturnType<TextDocuments<TextDocument>["get"]>>,
  position: Position,
): Promise<CompletionItem[]> {
  const text = document.getText();
  const { value } = readConfig(text);
  if (!value || !isModelConfig(value)) return [];
  const facts = await workspace.configs.family(path, value);
  if (!facts) return [];
  return configCompletions(text, document.offsetAt(position), facts).map(
    ({ label, kind, insert, from, to, detail, meaning }, index) => ({
      label,
      kind: kind === "key" ? CompletionItemKind.Property : CompletionItemKind.Value,
      detail: detail || "Assay",
      ...(meaning !== "" && { documentation: meaning }),
      // In the family's own order, which puts what belongs together side by side.
      sortText: String(index).padStart(4, "0"),
      filterText: insert.startsWith('"') ? `"${label}"` : label,
      textEdit: { range: { start: document.positionAt(from), end: document.positionAt(to) }, newText: insert },
    }),
  );
}
