/** Rewrites of a config's model that its file can be edited for, offered at the keys that they change. */
import { type CodeAction, CodeActionKind, type Range } from "vscode-languageserver";
import { readConfig } from "../../configs/read.ts";
import type { AdviceChoice } from "../../surfaces/advice.ts";
import type { OpenFile, Workspace } from "./workspace.ts";

/** The techniques whose edit is a key of the config, and the keys at which somebody would look for them. */
const keysOf: Readonly<Record<string, RegExp>> = {
  "grouped-query-attention": /^(num_key_value_heads|num_attention_heads)$/,
  "sliding-window-attention": /^(sliding_window|use_sliding_window|max_position_embeddings)$/,
  "tied-embeddings": /^(tie_word_embeddings|vocab_size)$/,
  "weight-only-int4": /^(quantization_config|dtype|torch_dtype)$/,
  "weight-only-int8": /^(quantization_config|dtype|torch_dtype)$/,
  "llm-int8": /^(quantization_config|dtype|torch_dtype)$/,
  distillation: /^(num_hidden_layers|n_layers?|num_layers)$/,
};

/** The techniques that configs are asked about. */
export const configTechniques: readonly string[] = Object.keys(keysOf);

/** The actions at the keys of a selection; at the family or the class, those of the whole file. */
export async function configActionsAt(
  workspace: Workspace,
  file: OpenFile,
  { start, end }: Range,
): Promise<CodeAction[]> {
  const names = readConfig(file.text)
    .keys.filter(({ path, keySpan }) => path.length === 1 && keySpan.line >= start.line && keySpan.line <= end.line)
    .map(({ path }) => path[0] as string);
  const isWhole = names.some((name) => /^(model_type|architectures)$/.test(name));
  const isMeant = (id: string) => isWhole || names.some((name) => keysOf[id]?.test(name));
  const cache = names.some((name) => /^(num_key_value_heads|use_cache)$/.test(name))
    ? cacheActions(workspace, file)
    : [];
  if (!configTechniques.some(isMeant)) return cache;
  const choices = await workspace.configs.rewrites(workspace.job(file));
  return [...choices.filter(({ id }) => isMeant(id)).flatMap((choice) => actionOf(file, choice)), ...cache];
}

function actionOf({ uri }: OpenFile, { fix, saves, saving, demands }: AdviceChoice): CodeAction[] {
  if (!fix || !saves) return [];
  const edits = fix.edits.map(({ span, text }) => ({
    range: {
      start: { line: span.line, character: span.column },
      end: { line: span.endLine, character: span.endColumn },
    },
    newText: text,
  }));
  const title = `${fix.title}: ${saving.replace(/\.$/, "")} (demands ${demands})`;
  return [{ title, kind: CodeActionKind.RefactorRewrite, edit: { changes: { [uri]: edits } } }];
}

/** What is cached in fewer bits is the scenario's: no key of the file says it. */
function cacheActions(workspace: Workspace, file: OpenFile): CodeAction[] {
  const totals = workspace.configs.of(file.path, file.text)?.totals;
  if (!totals || totals.memory.kvBytesPerToken === undefined || totals.scenario.kvDtype) return [];
  return [
    {
      title: "Weigh with keys and values cached in fp8 (demands calibration)",
      kind: CodeActionKind.RefactorRewrite,
      command: { title: "Change Scenario", command: "assay.changeScenario", arguments: [{ kvDtype: "fp8" }] },
    },
  ];
}
