/** Hovers over a config's keys. The worker weighs the model at other values; what it found is kept while the text stays. */
import type { Hover } from "vscode-languageserver";
import type { KeyCost } from "../../configs/keyCosts.ts";
import { keyAt, readConfig } from "../../configs/read.ts";
import { keyHover } from "../../surfaces/keyHover.ts";
import type { OpenFile, Workspace } from "./workspace.ts";

const kept = new WeakMap<OpenFile, { text: string; costs: Map<string, Promise<KeyCost | undefined>> }>();

/** The hover at a position of a config; nothing for keys that cost nothing. */
export async function keyHoverAt(
  workspace: Workspace,
  file: OpenFile,
  line: number,
  column: number,
): Promise<Hover | null> {
  const key = keyAt(readConfig(file.text).keys, line, column);
  if (!key) return null;
  const cost = await costOf(workspace, file, key.path);
  if (!cost) return null;
  const { keySpan: from, valueSpan: to } = key;
  const range = {
    start: { line: from.line, character: from.column },
    end: { line: to.endLine, character: to.endColumn },
  };
  return { contents: { kind: "markdown", value: keyHover(cost, workspace.settings.units) }, range };
}

function costOf(workspace: Workspace, file: OpenFile, key: readonly string[]): Promise<KeyCost | undefined> {
  const job = workspace.job(file);
  const { text, scenario, project } = job;
  const before = kept.get(file);
  const costs = before?.text === text ? before.costs : new Map<string, Promise<KeyCost | undefined>>();
  kept.set(file, { text, costs });
  const name = JSON.stringify([key, scenario, project?.devices]);
  const asked = costs.get(name) ?? workspace.analyses.keyCost(job, key);
  costs.set(name, asked);
  // What was given up is asked again next time.
  void asked.then((cost) => cost ?? costs.delete(name));
  return asked;
}
