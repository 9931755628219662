/** The commands of the palette, of the status bar, and of links in lenses and hovers. */
import * as vscode from "vscode";
import { type ScenarioChange, scenarioChangeSchema } from "../../base/settings.ts";
import type { ReportView } from "../../surfaces/report.ts";
import { messages, modelArgumentsSchema, type StatusNotice } from "../messages.ts";
import { openSample } from "./applying.ts";
import { setBudget } from "./budget.ts";
import { scenarioOfEngine, writeEngine } from "./engine.ts";
import type { Link } from "./link.ts";
import type { ReportPages } from "./reportPages.ts";
import { pickScenario } from "./scenarioPick.ts";
import type { Watching } from "./watching.ts";

export interface Parts {
  readonly watching: Watching;
  readonly link: Link;
  readonly pages: ReportPages;
  /** Where the extension's own files are. */
  readonly extension: vscode.Uri;
  readonly status: () => StatusNotice | undefined;
  readonly report: () => ReportView | undefined;
}

export function registerCommands(parts: Parts): vscode.Disposable[] {
  const { watching, link, pages, extension, status, report } = parts;
  const on = (name: string, run: (...words: unknown[]) => unknown) =>
    vscode.commands.registerCommand(`assay.${name}`, run);

  /** Weighs for another scenario from now on; nothing given goes back to the settings'. */
  const change = async (part: ScenarioChange | undefined) => {
    await watching.setScenario(part ? { ...watching.scenario, ...part } : {});
    link.tell(messages.scenario, { change: watching.scenario });
  };

  /** The model of a link's words, or the one that is being watched. */
  const modelOf = (words: unknown[]): { uri: string; model: string } | undefined => {
    const [uri, model] = modelArgumentsSchema.safeParse(words).data ?? [watching.subject?.uri, watching.subject?.model];
    const name = model ?? report()?.model;
    return uri !== undefined && name !== undefined ? { uri, model: name } : undefined;
  };

  return [
    on("changeScenario", async (words) => {
      const given = scenarioChangeSchema.safeParse(words);
      if (words !== undefined && given.success) return change(given.data);
      const now = status();
      if (!now) return;
      const picked = await pickScenario(now, report(), watching.pinned !== undefined);
      if (picked === "pick" || picked === "pin" || picked === "unpin") {
        return vscode.commands.executeCommand(`assay.${picked}Model`);
      }
      if (picked) await change(picked === "reset" ? undefined : picked);
    }),
    on("pickModel", async () => {
      const uri = watching.subject?.uri;
      if (uri === undefined) return void vscode.window.showInformationMessage("Assay: open a file that holds a model.");
      const { models } = await link.models(uri);
      const items = models.map(({ name, summary, line }) => ({
        label: name,
        description: `line ${line + 1}`,
        detail: summary,
      }));
      const picked = await vscode.window.showQuickPick(items, {
        title: "Assay: Model",
        placeHolder: "The model to watch",
      });
      if (!picked) return;
      if (watching.pinned) await watching.pin({ uri, model: picked.label });
      else watching.choose(uri, picked.label);
    }),
    on("pinModel", async (...words) => {
      const model = modelOf(words);
      if (model) await watching.pin(model);
      else void vscode.window.showInformationMessage("Assay: there is no model here to pin.");
    }),
    on("unpinModel", () => watching.pin(undefined)),
    on("openReport", async (...words) => {
      const named = modelArgumentsSchema.safeParse(words).data;
      if (named?.[1] !== undefined) {
        if (watching.pinned) await watching.pin({ uri: named[0], model: named[1] });
        else watching.choose(named[0], named[1]);
      }
      await pages.reveal();
    }),
    on("openReportInEditor", () => pages.openInEditor()),
    on("openSample", () => openSample(extension)),
    on("setBudget", () => setBudget(watching.subject?.uri, report())),
    on("writeEngine", (name) => {
      const scenario = status()?.scenario;
      return scenario && writeEngine(scenario, name);
    }),
    on("readEngine", () => {
      const read = scenarioOfEngine();
      return read && change(read);
    }),
    on("restartServer", () => link.restart()),
  ];
}
