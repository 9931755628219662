/** The language server: requests in, answers of the surfaces out. What it stands on differs between Node and a browser. */
import { type Connection, DidChangeConfigurationNotification, TextDocuments } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { readSettings } from "../../base/settings.ts";
import type { Environment } from "../../python/interpreter.ts";
import * as wire from "../messages.ts";
import { pathOf, uriOf } from "../paths.ts";
import { languageOf, scriptLanguages } from "../scripts.ts";
import type { Threads } from "./analyses.ts";
import {
  capabilities,
  codeActions,
  completionsAt,
  diagnostics,
  hoverAt,
  inlayHints,
  lensesOf,
  projectDiagnostics,
} from "./answers.ts";
import { configActionsAt } from "./configActions.ts";
import { configCompletionsAt } from "./configCompletions.ts";
import { deviceChoices } from "./devices.ts";
import { kindOf, rootsOf } from "./documents.ts";
import { keyHoverAt } from "./keyHovers.ts";
import { Projects } from "./projects.ts";
import { serveReports } from "./reports.ts";
import { serveTechniques } from "./techniques.ts";
import { type OpenFile, Workspace } from "./workspace.ts";

/** Looks for the libraries that the workspace's code may import. */
export type FindEnvironment = (where: {
  roots: readonly string[];
  libraryPaths: readonly string[];
  interpreter: string | undefined;
}) => { found: boolean; environment: Environment; folders: readonly string[] };

export interface Ground {
  readonly threads: Threads;
  readonly findEnvironment: FindEnvironment;
  /** Reads a file where the client cannot. */
  readonly readText?: (path: string) => string | undefined;
}

/** Serves a connection until it ends. */
export function serve(connection: Connection, ground: Ground): void {
  const documents = new TextDocuments(TextDocument);
  let start: wire.Start = {};
  let librariesFound = false;
  let problems: string[] = [];
  let watched: readonly string[] = [];
  const log = (message: string) => connection.console.error(message);
  const workspace = new Workspace(ground.threads, {
    finished,
    lensesChanged,
    busyChanged: sendStatus,
    missing: fetchFiles,
    log,
  });
  const view = () => workspace.view();
  const projects = new Projects(
    (path) => readText(uriOf(path)),
    (path, found) => {
      void connection.sendDiagnostics({ uri: uriOf(path), diagnostics: projectDiagnostics(found) });
    },
  );
  workspace.projectOf = (path) => projects.of(path);

  connection.onInitialize((params) => {
    start = wire.startSchema.safeParse(params.initializationOptions).data ?? {};
    workspace.change = start.scenario ?? {};
    workspace.roots = rootsOf(params);
    if (start.files) workspace.analyses.setFiles(start.files.map(pathOf));
    return capabilities;
  });
  connection.onInitialized(
    guarded(undefined, async () => {
      await connection.client.register(DidChangeConfigurationNotification.type, { section: "assay" });
      await readProjects(Projects.paths(workspace.roots));
      await readConfiguration();
    }),
  );
  connection.onDidChangeConfiguration(guarded(undefined, readConfiguration));
  connection.onShutdown(() => workspace.end());

  documents.onDidOpen(guarded(undefined, ({ document }) => openDocument(document)));
  documents.onDidChangeContent(
    guarded(undefined, ({ document }) => {
      if (isProject(document.uri)) return readProjects([pathOf(document.uri)]);
      if (workspace.files.get(document.uri)?.open) workspace.edit(document.uri, document.getText());
      else openDocument(document);
    }),
  );
  documents.onDidClose(
    guarded(undefined, async ({ document }) => {
      if (isProject(document.uri)) return readProjects([pathOf(document.uri)]);
      if (scriptLanguages.includes(document.languageId)) workspace.beside(document.uri, undefined);
      workspace.close(document.uri);
      void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
      return watchFiles();
    }),
  );
  connection.onDidChangeWatchedFiles(
    guarded(undefined, async ({ changes }) => {
      const changed = changes.filter(({ uri }) => isProject(uri)).map(({ uri }) => pathOf(uri));
      if (changed.length > 0) await readProjects(changed);
      for (const { uri } of changes.filter(({ uri }) => !isProject(uri))) {
        if (start.files) await fetchFiles([pathOf(uri)]);
        workspace.diskChanged(uri);
        // An open file's text is the editor's, and comes from there.
        const file = workspace.files.get(uri);
        if (file && !file.open) workspace.edit(uri, (await readText(uri)) ?? "");
      }
    }),
  );

  connection.onHover(
    guarded(null, ({ textDocument, position }) => {
      const file = workspace.files.get(textDocument.uri);
      if (file?.kind === "config") return keyHoverAt(workspace, file, position.line, position.character);
      const last = workspace.last(textDocument.uri);
      return last ? hoverAt(last, position.line, position.character, view()) : null;
    }),
  );
  connection.onCodeLens(
    guarded([], ({ textDocument }) => {
      return workspace.settings.codeLens ? lensesOf(workspace, textDocument.uri) : [];
    }),
  );
  connection.languages.inlayHint.on(
    guarded([], ({ textDocument, range }) => {
      const last = workspace.last(textDocument.uri);
      return last && workspace.settings.inlayHints === "on" ? inlayHints(last, range) : [];
    }),
  );
  connection.onCodeAction(
    guarded([], async ({ textDocument, range, context }) => {
      const last = workspace.last(textDocument.uri);
      if (!last) return [];
      const found = codeActions(last, range, context, workspace.settings.rules);
      const isWanted = last.file.kind === "config" && !context.only?.some((kind) => !/^refactor/.test(kind));
      return isWanted ? [...found, ...(await configActionsAt(workspace, last.file, range))] : found;
    }),
  );
  connection.onCompletion(
    guarded([], ({ textDocument, position }) => {
      const document = documents.get(textDocument.uri);
      const file = workspace.files.get(textDocument.uri);
      if (document && file?.kind === "config") return configCompletionsAt(workspace, file, document, position);
      const text = document?.getText();
      return text === undefined ? [] : completionsAt(workspace.last(textDocument.uri)?.report, text, position);
    }),
  );

  serveReports(connection, workspace, readText, guarded);
  serveTechniques(connection, workspace, guarded);
  connection.onNotification(
    wire.messages.scenario,
    guarded(undefined, (params: unknown) => {
      workspace.change = wire.scenarioNoticeSchema.parse(params).change;
      workspace.again();
      sendStatus();
    }),
  );
  connection.onNotification(
    wire.messages.interpreter,
    guarded(undefined, (params: unknown) => {
      start = { ...start, interpreter: wire.interpreterNoticeSchema.parse(params).interpreter };
      findLibraries();
      workspace.again();
    }),
  );
  connection.onNotification(
    wire.messages.watch,
    guarded(undefined, async (params: unknown) => {
      watched = wire.watchNoticeSchema.parse(params).uris;
      await watchFiles();
    }),
  );
  documents.listen(connection);
  connection.listen();

  /** Keeps the watched files analysed, and lets go of those that are neither watched nor open. */
  async function watchFiles(): Promise<void> {
    for (const file of [...workspace.files.values()]) {
      if (!file.open && !watched.includes(file.uri)) workspace.close(file.uri);
    }
    for (const uri of watched.filter((one) => !workspace.files.has(one))) {
      const text = await readText(uri);
      const kind = text === undefined ? undefined : kindOf(uri, languageOf(uri), text);
      if (text !== undefined && kind && !workspace.files.has(uri)) workspace.watch(uri, text, kind);
    }
  }

  function isProject(uri: string): boolean {
    return Projects.paths(workspace.roots).includes(pathOf(uri));
  }

  /** Reads project files anew, an editor's text before the disk's, and everything that follows from them. */
  async function readProjects(paths: readonly string[]): Promise<void> {
    let isOther = false;
    for (const path of paths) {
      const text = documents.get(uriOf(path))?.getText() ?? (await readText(uriOf(path)));
      isOther = (await projects.take(path, text)) || isOther;
    }
    if (!isOther) return;
    workspace.again();
    sendStatus();
    refresh();
  }

  function openDocument(document: TextDocument): void {
    const text = document.getText();
    const kind = kindOf(document.uri, document.languageId, text);
    if (kind) workspace.open(document.uri, text, kind);
    // A script without models may still be what one with models imports.
    else if (scriptLanguages.includes(document.languageId)) workspace.beside(document.uri, text);
  }

  async function readConfiguration(): Promise<void> {
    const read = readSettings(await connection.workspace.getConfiguration("assay"));
    workspace.settings = read.settings;
    problems = read.problems;
    findLibraries();
    workspace.again();
    sendStatus();
    refresh();
  }

  function findLibraries(): void {
    const { libraryPaths } = workspace.settings;
    const { interpreter } = start;
    const { found, environment, folders } = ground.findEnvironment({
      roots: workspace.roots,
      libraryPaths,
      interpreter,
    });
    librariesFound = found;
    workspace.analyses.setEnvironment({ environment, folders });
  }

  function finished(file: OpenFile): void {
    const last = workspace.last(file.uri);
    if (last) projects.analysed(last.report);
    if (last && file.open) {
      void connection.sendDiagnostics({ uri: file.uri, diagnostics: diagnostics(last, workspace.settings.rules) });
    }
    refresh();
    void connection.sendNotification(wire.messages.finished, { uri: file.uri });
  }

  function refresh(): void {
    connection.languages.inlayHint.refresh().catch(log);
    lensesChanged();
  }

  function lensesChanged(): void {
    connection.sendRequest("workspace/codeLens/refresh").catch(log);
  }

  function sendStatus(): void {
    const notice: wire.StatusNotice = {
      scenario: workspace.scenario(),
      librariesFound,
      devices: deviceChoices(projects.of()),
      analysing: workspace.analyses.busy.map(uriOf),
      problems,
    };
    void connection.sendNotification(wire.messages.status, notice);
  }

  async function fetchFiles(paths: readonly string[]): Promise<void> {
    await Promise.all(paths.map(async (path) => workspace.analyses.setFile(path, await askForText(uriOf(path)))));
  }

  async function readText(uri: string): Promise<string | undefined> {
    return ground.readText ? ground.readText(pathOf(uri)) : ((await askForText(uri)) ?? undefined);
  }

  async function askForText(uri: string): Promise<string | null> {
    const answer = await connection.sendRequest<unknown>(wire.messages.readFile, { uri });
    return wire.readFileResultSchema.safeParse(answer).data?.text ?? null;
  }

  /** The one catch of a request: a bug is logged, and the answer is empty. */
  function guarded<Params extends unknown[], Result>(
    empty: Result,
    answer: (...params: Params) => Result | Promise<Result>,
  ): (...params: Params) => Promise<Result> {
    return async (...params) => {
      try {
        return await answer(...params);
      } catch (error) {
        log(error instanceof Error ? (error.stack ?? error.message) : String(error));
        return empty;
      }
    };
  }
}
