/** Hovers over a config's keys. The worker weighs the model at other values; what it found is kept while the text stays. */
import type { Hover } from "vscode-languageserver";
import type { KeyCost } from "../../configs/keyCosts.ts";
import { keyMeaning } from "../../configs/keyMeanings.ts";
import { isModelConfig, keyAt, readConfig } from "../../configs/read.ts";
import { keyHover } from "../../surfaces/keyHover.ts";
import type { OpenFile, Workspace } from "./workspace.ts";

const kept = new WeakMap<OpenFile, { text: string; costs: Map<string, Promise<KeyCost | undefined>> }>();

/** The hover at a position of a config; nothing for keys of which nothing is said. */
export async function keyHoverAt(
  workspace: Workspace,
  file: OpenFile,
  line: number,
  column: number,
): Promise<Hover | null> {
  const { keys, value } = readConfig(file.text);
  const key = keyAt(keys, line, column);
  if (!key || !isModelConfig(value)) return null;
  const name = key.path.at(-1) as string;
  const model = workspace.configs.of(file.path, file.text)?.totals;
  const [cost, family] = await Promise.all([
    costOf(workspace, file, key.path),
    workspace.configs.family(file.path, value ?? {}),
  ]);
  const usual = key.path.reduce<unknown>(
    (inner, one) => (inner as Record<string, unknown> | undefined)?.[one],
    family?.defaults,
  );
  const markdown = keyHover(
    { key: name, meaning: keyMeaning(name), usual: typeof usual === "object" ? undefined : usual, cost, model },
    workspace.settings.units,
  );
  if (markdown === undefined) return null;
  const words = encodeURIComponent(JSON.stringify([file.uri]));
  const isWhole = key.path.length === 1 && /^(model_type|architectures)$/.test(name);
  const links = isWhole ? `\n\n[Open equivalent PyTorch code](command:assay.openCode?${words})` : "";
  const { keySpan: from, valueSpan: to } = key;
  const range = {
    start: { line: from.line, character: from.column },
    end: { line: to.endLine, character: to.endColumn },
  };
  return { contents: { kind: "markdown", value: markdown + links }, range };
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
