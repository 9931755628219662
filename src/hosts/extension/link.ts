/** The connection to the server: started, restarted, asked. */
import * as vscode from "vscode";
import type { BaseLanguageClient, LanguageClientOptions } from "vscode-languageclient";
import type { ReportView } from "../../surfaces/report.ts";
import {
  explainResultSchema,
  type ModelsResult,
  messages,
  modelsResultSchema,
  readFileRequestSchema,
  reportResultSchema,
  type Start,
} from "../messages.ts";
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
    const answer = await this.ask(messages.models, { uri });
    return modelsResultSchema.safeParse(answer).data ?? { analysed: false, models: [] };
  }

  async report(uri: string, model: string | undefined): Promise<ReportView | undefined> {
    const answer = await this.ask(messages.report, { uri, ...(model !== undefined && { model }) });
    return reportResultSchema.safeParse(answer).data ?? undefined;
  }

  /** The page that explains a finding, as Markdown. */
  async explanation(id: string): Promise<string> {
    return explainResultSchema.safeParse(await this.ask(messages.explain, { id })).data?.markdown ?? "";
  }

  private async ask(message: string, params: object): Promise<unknown> {
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
      documentSelector: [{ language: "python" }, { language: "json" }, { language: "jsonc" }],
      initializationOptions: start,
      synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/{*.py,config.json,assay.json}") },
      markdown: { isTrusted: { enabledCommands: ["assay.openReport", "assay.pinModel"] } },
    };
  }
}

async function workspaceFiles(): Promise<string[]> {
  const files = await vscode.workspace.findFiles("**/*.py", notOurs, mostFiles);
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
