/** What files were at the last commit, asked of VS Code's own git extension; nothing where that is not there. */
import * as vscode from "vscode";
import { type BaseNotice, messages } from "../messages.ts";
import type { Link } from "./link.ts";

interface GitExtension {
  /** Switched off, it has no API. */
  readonly enabled: boolean;
  readonly onDidChangeEnablement: vscode.Event<boolean>;
  getAPI(version: 1): Git;
}

/** As much of the git extension's API as is used. */
interface Git {
  readonly repositories: readonly Repository[];
  readonly onDidOpenRepository: vscode.Event<Repository>;
  readonly onDidCloseRepository: vscode.Event<Repository>;
}

interface Repository {
  readonly rootUri: vscode.Uri;
  readonly state: {
    readonly HEAD: { readonly commit?: string } | undefined;
    readonly workingTreeChanges: readonly Change[];
    readonly indexChanges: readonly Change[];
    readonly mergeChanges: readonly Change[];
    readonly untrackedChanges?: readonly Change[];
    readonly onDidChange: vscode.Event<void>;
  };
  show(ref: string, path: string): Promise<string>;
}

interface Change {
  readonly uri: vscode.Uri;
  /** Where a renamed file was. */
  readonly originalUri?: vscode.Uri;
  readonly status?: number;
}

/** The git extension's numbers for files that are not at HEAD: added, untracked, ignored, to be added. */
const fresh: readonly (number | undefined)[] = [1, 7, 8, 9];

/** Milliseconds of quiet before the server is told. */
const debounce = 300;
/** Where more files than this differ, most of them are not what somebody is working on. */
const mostFiles = 300;
/** The texts at HEAD that are kept. */
const mostKept = 1000;

/** Tells the server what changed files were at HEAD: those that git names, and those that are not saved. */
export function followCommit(link: Link): vscode.Disposable {
  const listening: vscode.Disposable[] = [];
  /** Texts by commit and file. */
  const kept = new Map<string, string | null>();
  let git: Git | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = "";
  let asked = 0;

  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void tell(), debounce);
  };
  const tell = async () => {
    const mine = ++asked;
    const notice = git && (await baseOf(git, kept));
    if (!notice || mine !== asked) return;
    const text = JSON.stringify(notice);
    if (text === last) return;
    last = text;
    link.tell(messages.base, notice);
  };
  const watch = (repository: Repository) => {
    listening.push(repository.state.onDidChange(later));
    later();
  };

  link.onClient((client) => {
    client.onDidChangeState(() => {
      // A server that has just started has been told nothing.
      if (client.isRunning()) last = "";
      later();
    });
  });
  const begin = (extension: GitExtension) => {
    git = apiOf(extension);
    git?.repositories.forEach(watch);
    if (git) listening.push(git.onDidOpenRepository(watch), git.onDidCloseRepository(later));
  };
  void gitExtension().then((extension) => {
    if (!extension) return;
    if (extension.enabled) begin(extension);
    listening.push(
      extension.onDidChangeEnablement((enabled) => {
        git = undefined;
        // It says so before it is ready for anybody.
        if (enabled) queueMicrotask(() => begin(extension));
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (isRead(document.uri) && document.isDirty && !last.includes(JSON.stringify(document.uri.toString())))
          later();
      }),
    );
  });
  return {
    dispose: () => {
      clearTimeout(timer);
      for (const one of listening) one.dispose();
    },
  };
}

/** The git extension; undefined where it is missing or another. */
async function gitExtension(): Promise<GitExtension | undefined> {
  try {
    return await vscode.extensions.getExtension<GitExtension>("vscode.git")?.activate();
  } catch {
    return undefined;
  }
}

/** Its API; undefined where it is of another version, or not ready. */
function apiOf(extension: GitExtension): Git | undefined {
  try {
    return extension.getAPI(1);
  } catch {
    return undefined;
  }
}

async function baseOf({ repositories }: Git, kept: Map<string, string | null>): Promise<BaseNotice> {
  const files: BaseNotice["files"] = [];
  const committed = repositories.filter(({ state }) => state.HEAD?.commit !== undefined);
  for (const repository of committed) {
    for (const { uri, originalUri, status } of changesOf(repository, repositories).slice(0, mostFiles)) {
      if (fresh.includes(status)) {
        files.push({ uri: uri.toString(), text: null });
        continue;
      }
      const key = `${repository.state.HEAD?.commit}:${(originalUri ?? uri).toString()}`;
      let text = kept.get(key);
      if (text === undefined) {
        text = await repository.show("HEAD", (originalUri ?? uri).fsPath).catch(() => null);
        kept.set(key, text);
        for (const old of [...kept.keys()].slice(0, -mostKept)) kept.delete(old);
      }
      files.push({ uri: uri.toString(), text });
    }
  }
  files.sort((a, b) => a.uri.localeCompare(b.uri));
  return { ...(committed.length > 0 && { name: "HEAD" }), files };
}

/** The files of a repository that are not what they were, each once; a renamed one with where it was. */
function changesOf(repository: Repository, all: readonly Repository[]): Change[] {
  const { workingTreeChanges, indexChanges, mergeChanges, untrackedChanges = [] } = repository.state;
  const unsaved: Change[] = vscode.workspace.textDocuments
    .filter(({ isDirty, uri }) => isDirty && uri.scheme === "file" && holder(uri, all) === repository)
    .map(({ uri }) => ({ uri }));
  const found = new Map<string, Change>();
  const changes = [...indexChanges, ...workingTreeChanges, ...mergeChanges, ...untrackedChanges, ...unsaved];
  for (const { uri, originalUri, status } of changes) {
    const isRenamed = originalUri !== undefined && originalUri.toString() !== uri.toString();
    if (!isRead(uri) || (found.has(uri.toString()) && !isRenamed)) continue;
    found.set(uri.toString(), isRenamed ? { uri, originalUri } : { uri, status });
    if (isRenamed && !found.has(originalUri.toString())) found.set(originalUri.toString(), { uri: originalUri });
  }
  return [...found.values()];
}

/** The innermost repository that holds a file. */
function holder(uri: vscode.Uri, all: readonly Repository[]): Repository | undefined {
  return all
    .filter(({ rootUri }) => uri.path.startsWith(`${rootUri.path}/`))
    .sort((a, b) => b.rootUri.path.length - a.rootUri.path.length)[0];
}

function isRead({ path, scheme }: vscode.Uri): boolean {
  return scheme === "file" && /(\.(pyi?|[cm]?[jt]sx?)|\/(config|assay)\.json)$/i.test(path);
}
