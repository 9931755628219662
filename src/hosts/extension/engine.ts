/** Commands about training engines: their configuration written from the scenario, and the scenario taken from theirs. */
import * as vscode from "vscode";
import { type AskedScenario, decided } from "../../base/scenario.ts";
import { type ScenarioChange, scenarioChangeSchema } from "../../base/settings.ts";
import { type Engine, readEngine } from "../../configs/engines/engine.ts";
import { engineConfig } from "../../configs/engines/write.ts";

const engines: readonly (vscode.QuickPickItem & { readonly engine: Engine; readonly language: string })[] = [
  { label: "DeepSpeed", description: "ds_config.json", engine: "deepspeed", language: "json" },
  { label: "accelerate", description: "accelerate.yaml: DDP or FSDP", engine: "accelerate", language: "yaml" },
  { label: "torchtitan", description: "torchtitan.toml", engine: "torchtitan", language: "toml" },
];

/** Opens a new document with the scenario as an engine's configuration; `name` is of the engine, asked for where it is not given. */
export async function writeEngine(scenario: AskedScenario, name: unknown): Promise<void> {
  const picked =
    engines.find(({ engine }) => engine === name) ??
    (await vscode.window.showQuickPick(engines, {
      title: "Assay: Write the Engine's Configuration",
      placeHolder: "For which engine",
    }));
  if (!picked) return;
  const { text, left } = engineConfig(picked.engine, decided({ ...scenario, phase: "train" }));
  const document = await vscode.workspace.openTextDocument({ content: text, language: await known(picked.language) });
  await vscode.window.showTextDocument(document);
  if (left.length > 0) void vscode.window.showInformationMessage(`Assay: ${left.join(" ")}`);
}

/** What the engine's configuration in the active editor says of the scenario; says why where there is none. */
export function scenarioOfEngine(): ScenarioChange | undefined {
  const document = vscode.window.activeTextEditor?.document;
  if (!document) return void vscode.window.showInformationMessage("Assay: open an engine's configuration.");
  const reading = readEngine(document.getText(), document.uri.path);
  if ("fault" in reading) return void vscode.window.showInformationMessage(`Assay: ${reading.fault}.`);
  const change = scenarioChangeSchema.safeParse(reading.change);
  if (!change.success) return undefined;
  const { understood, ignored } = reading;
  const rest =
    ignored.length === 0 ? "" : ` Not taken over: ${ignored.map(({ key, says }) => `${key} (${says})`).join(", ")}.`;
  void vscode.window.showInformationMessage(
    `Assay: the scenario is now ${reading.engine}'s, ${understood.length} keys.${rest}`,
  );
  return change.data;
}

/** A language that this editor knows, else plain text. */
async function known(language: string): Promise<string> {
  return (await vscode.languages.getLanguages()).includes(language) ? language : "plaintext";
}
