/** What the client's documents and folders are to the server. */
import type { InitializeParams } from "vscode-languageserver";
import { pathOf } from "../paths.ts";
import { isModelScript } from "../scripts.ts";
import type { OpenFile } from "./workspace.ts";

/** What a document is to us: Python, a script with models, a model's configuration, or nothing, as is any file's older state. */
export function kindOf(uri: string, language: string, text: string): OpenFile["kind"] | undefined {
  if (/^(git|git-original|vscode-scm|vscode-local-history|output):/.test(uri)) return undefined;
  if (language === "python") return "python";
  if (isModelScript(language, text)) return "javascript";
  if (language !== "json" && language !== "jsonc") return undefined;
  const named = /\/config\.json$/.test(uri);
  return named || /"(model_type|architectures|modelTopology|model_config|peft_type)"\s*:/.test(text)
    ? "config"
    : undefined;
}

/** The paths of the workspace's folders. */
export function rootsOf({ workspaceFolders, rootUri }: InitializeParams): string[] {
  const uris = workspaceFolders?.map(({ uri }) => uri) ?? (rootUri ? [rootUri] : []);
  return uris.map((uri) => pathOf(uri).replace(/\/$/, ""));
}
