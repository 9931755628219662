/** The connection to the server: started, restarted, asked. */
import * as vscode from "vscode";
import type { BaseLanguageClient, LanguageClientOptions } from "vscode-languageclient";
import type { AppliedTechnique } from "../../base/scenario.ts";
import type { Fix } from "../../cost/report.ts";
import type { AdviceChoice, AdviceView, WhatIfView } from "../../surfaces/advice.ts";
import type { GrowthView } from "../../surfaces/pictures/growth.ts";
import type { ReportView } from "../../surfaces/report.ts";
import {
  type AdviceRequest,
  adviceResultSchema,
  type CodeResult,
  codeResultSchema,
  compareResultSchema,
  type ExportFormat,
  explainResultSchema,
  exportResultSchema,
  growthResultSchema,
  type ModelsResult,
  messages,
  modelsResultSchema,
  readFileRequestSchema,
  reportResultSchema,
  type Start,
  techniqueFixResultSchema,
  type WhatIfRequest,
  whatIfResultSchema,
} from "../messages.ts";
import type { Choice, FromPage, ToPage } from "../pageMessages.ts";
import { scriptEndings, scriptLanguages } from "../scripts.ts";
import { interpreterPath } from "./interpreter.ts";
import type { Watching } from "./watching.ts";

export type Connect = (options: LanguageClientOptions) => Promise<BaseLanguageClient>;

/** More files than this in a workspace are not told to a server that cannot look itself. */
const mostFiles = 5000;
const notOurs = "**/{node_modules,.git,__pycache__,.venv,venv}/**";

export class Link {
  private client: BaseLanguageClient | undefined;
  private readonly greeters: ((client: BaseLanguageClient) => void)[] = [];

  constructor(
    private readonly connect: Connect,
    private readonly listFiles: boolean,
    private readonly watching: Watching,
  ) {}

  /** Called with each client that is made, before it starts. */
  onClient(greet: (client: BaseLanguageClient) => void): void {
    this.greeters.push(greet);
  }

  async start(): Promise<void> {
    const client = await this.connect(await this.options());
    for (const greet of this.greeters) greet(client);
    client.onRequest(messages.readFile, async (params: unknown) => ({ text: await textOf(params) }));
    this.client = client;
    await client.start();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
    this.tell(messages.watch, { uris: this.watching.pinned ? [this.watching.pinned.uri] : [] });
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    // A server that hangs must not keep a new one from starting.
    await client?.dispose(2000).catch(() => {});
  }

  /** Sends a notification; nothing where there is no server. */
  tell(message: string, params: object): void {
    if (this.client?.isRunning()) void this.client.sendNotification(message, params);
  }

  async models(uri: string): Promise<ModelsResult> {
    const answer = await this.request(messages.models, { uri });
    return modelsResultSchema.safeParse(answer).data ?? { analysed: false, models: [] };
  }

  async report(uri: string, model: string | undefined): Promise<ReportView | undefined> {
    const answer = await this.request(messages.report, { uri, ...(model !== undefined && { model }) });
    const report = reportResultSchema.safeParse(answer);
    if (!report.success && answer !== undefined) this.log(`A report was refused: ${report.error.message}`);
    return report.data ?? undefined;
  }

  /** A report as text; undefined where there is none. */
  async exported(uri: string, model: string | undefined, format: ExportFormat): Promise<string | undefined> {
    const answer = await this.request(messages.export, { uri, format, ...(model !== undefined && { model }) });
    return exportResultSchema.safeParse(answer).data?.text;
  }

  /** Two models side by side, as Markdown. */
  async comparison(sides: readonly [Which, Which]): Promise<string> {
    return compareResultSchema.safeParse(await this.request(messages.compare, { sides })).data?.markdown ?? "";
  }

  /** A config's model as PyTorch code, or why there is none; undefined while it is being weighed. */
  async code(uri: string): Promise<CodeResult | undefined> {
    return codeResultSchema.safeParse(await this.request(messages.code, { uri })).data ?? undefined;
  }

  /** The page that explains a finding, as Markdown. */
  async explanation(id: string): Promise<string> {
    return explainResultSchema.safeParse(await this.request(messages.explain, { id })).data?.markdown ?? "";
  }

  /** How costs grow with sequence and batch; null where the model cannot be run, or it was given up. */
  async growth(uri: string, model: string): Promise<GrowthView | null> {
    return growthResultSchema.safeParse(await this.request(messages.growth, { uri, model })).data ?? null;
  }

  /** What each technique would do, as the report's page lists them. */
  async advice(uri: string, model: string): Promise<Pick<AdviceMessage, "choices" | "considered">> {
    const told = adviceResultSchema.safeParse(await this.request(messages.advice, { uri, model })).data;
    return told
      ? { choices: told.choices.map(choiceOf), considered: told.considered.map(({ name, why }) => ({ name, why })) }
      : { choices: null, considered: [] };
  }

  /** Several techniques together, before and after. */
  async whatIf(
    uri: string,
    model: string,
    apply: (FromPage & { kind: "whatIf" })["apply"],
  ): Promise<Pick<WhatIfMessage, "rows" | "refused" | "remarks">> {
    const told = whatIfResultSchema.safeParse(await this.request(messages.whatIf, { uri, model, apply })).data;
    const refused = told?.refused.map(({ id, reason }) => ({ id, reason })) ?? [];
    return { rows: told?.rows ?? [], refused, remarks: [...(told?.remarks ?? [])] };
  }

  /** The edit of a technique, or why there is none; undefined while the file is being weighed. */
  async techniqueFix(
    uri: string,
    model: string,
    id: string,
    knobs: AppliedTechnique["knobs"] = {},
  ): Promise<Fix | { reason: string } | undefined> {
    const told = await this.request(messages.techniqueFix, { uri, model, id, knobs });
    return techniqueFixResultSchema.safeParse(told).data ?? undefined;
  }

  /** What each technique would do to a model of a file, in full. */
  async adviceView(which: AdviceRequest): Promise<AdviceView | undefined> {
    return adviceResultSchema.safeParse(await this.request(messages.advice, which)).data ?? undefined;
  }

  /** Several techniques together, in full. */
  async whatIfView(asked: WhatIfRequest): Promise<WhatIfView | undefined> {
    return whatIfResultSchema.safeParse(await this.request(messages.whatIf, asked)).data ?? undefined;
  }

  /** Gives up the analysis of a file, or asks for it again. */
  ask(what: "cancel" | "again", uri: string): void {
    this.tell(messages.analysis, { uri, ask: what });
  }

  /** A line in Assay's output channel. */
  log(text: string): void {
    this.client?.outputChannel.appendLine(text);
  }

  private async request(message: string, params: object): Promise<unknown> {
    if (!this.client?.isRunning()) return undefined;
    return this.client.sendRequest<unknown>(message, params).catch(() => undefined);
  }

  private async options(): Promise<LanguageClientOptions> {
    const interpreter = this.listFiles ? undefined : await interpreterPath();
    const start: Start = {
      scenario: this.watching.scenario,
      ...(interpreter !== undefined && { interpreter }),
      ...(this.listFiles && { files: await workspaceFiles() }),
    };
    return {
      documentSelector: ["python", "json", "jsonc", ...scriptLanguages].map((language) => ({ language })),
      initializationOptions: start,
      synchronize: {
        fileEvents: vscode.workspace.createFileSystemWatcher(
          `**/{*.py,${scriptEndings.map((ending) => `*.${ending}`).join(",")},config.json,assay.json}`,
        ),
      },
      markdown: { isTrusted: { enabledCommands: ["assay.openReport", "assay.pinModel", "assay.openCode"] } },
    };
  }
}

interface Which {
  readonly uri: string;
  readonly model?: string | undefined;
}

type AdviceMessage = ToPage & { readonly kind: "advice" };
type WhatIfMessage = ToPage & { readonly kind: "whatIf" };

function choiceOf({ id, name, what, price, demands, exact, saving, saves, paper, ...one }: AdviceChoice): Choice {
  return {
    id,
    name,
    what,
    price,
    demands,
    exact,
    saving,
    share: saves?.share ?? 0,
    paper: paper && `${paper.title}${paper.year ? `, ${paper.year}` : ""}`,
    sites: one.sites.map((site) => site.what),
    remarks: [...one.remarks],
    edits: one.fix !== undefined,
  };
}

async function workspaceFiles(): Promise<string[]> {
  const files = await vscode.workspace.findFiles(
    `**/*.{py,safetensors.index.json,${scriptEndings.join(",")}}`,
    notOurs,
    mostFiles,
  );
  return files.map(String);
}

async function textOf(params: unknown): Promise<string | null> {
  const request = readFileRequestSchema.safeParse(params);
  if (!request.success) return null;
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.parse(request.data.uri)));
  } catch {
    return null;
  }
}
