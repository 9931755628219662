/** Which model the person looks at: the active file's, or one that is pinned; and what they changed of the scenario. */
import * as vscode from "vscode";
import { type ScenarioChange, scenarioChangeSchema } from "../../base/settings.ts";
import { type Pinned, pinnedSchema } from "../messages.ts";
import { isModelScript, scriptLanguages } from "../scripts.ts";

const keys = { scenario: "assay.scenario", pinned: "assay.pinned" };

export class Watching {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onChange = this.changed.event;
  /** The model chosen in each file that holds several. */
  private readonly chosen = new Map<string, string>();
  private active: string | undefined;

  constructor(private readonly memory: vscode.Memento) {}

  /** The file, and the model where one was named. */
  get subject(): { uri: string; model: string | undefined } | undefined {
    if (this.pinned) return this.pinned;
    return this.active === undefined ? undefined : { uri: this.active, model: this.chosen.get(this.active) };
  }

  get pinned(): Pinned | undefined {
    return pinnedSchema.safeParse(this.memory.get(keys.pinned)).data;
  }

  get scenario(): ScenarioChange {
    return scenarioChangeSchema.safeParse(this.memory.get(keys.scenario)).data ?? {};
  }

  /** Follows the active editor. One that holds no model's file, or none, leaves what is being watched. */
  follow(): void {
    const document = vscode.window.activeTextEditor?.document;
    if (document && isOurs(document)) {
      this.active = document.uri.toString();
      this.changed.fire();
    }
  }

  choose(uri: string, model: string): void {
    this.active = uri;
    this.chosen.set(uri, model);
    this.changed.fire();
  }

  async pin(pinned: Pinned | undefined): Promise<void> {
    await this.memory.update(keys.pinned, pinned);
    this.changed.fire();
  }

  async setScenario(change: ScenarioChange): Promise<void> {
    await this.memory.update(keys.scenario, change);
  }
}

function isOurs(document: vscode.TextDocument): boolean {
  const { languageId, uri } = document;
  if (languageId === "python" || uri.path.endsWith("/config.json")) return true;
  return scriptLanguages.includes(languageId) && isModelScript(languageId, document.getText());
}
