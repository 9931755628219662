/** What the client asks beside a file's report: advice on a model, several techniques together, the edit of one, how costs grow. */
import type { Connection } from "vscode-languageserver";
import { innerClasses } from "../../surfaces/lens.ts";
import * as wire from "../messages.ts";
import type { ModelJob } from "./advising.ts";
import type { Workspace } from "./workspace.ts";

export type Guarded = <Params extends unknown[], Result>(
  empty: Result,
  answer: (...params: Params) => Result | Promise<Result>,
) => (...params: Params) => Promise<Result>;

/** Which model of which file. */
interface Which {
  readonly uri: string;
  readonly model?: string | undefined;
  readonly line?: number | undefined;
}

/** Answers the requests; null where the file is not analysed yet, holds no model that can be run, or is being edited. */
export function serveTechniques(connection: Connection, workspace: Workspace, guarded: Guarded): void {
  connection.onRequest(
    wire.messages.advice,
    guarded(null, async (params: unknown) => {
      const job = jobOf(workspace, wire.adviceRequestSchema.parse(params));
      return (job && (await workspace.analyses.techniques(job, { kind: "advice" }))) ?? null;
    }),
  );
  connection.onRequest(
    wire.messages.code,
    guarded(null, async (params: unknown): Promise<wire.CodeResult> => {
      const file = workspace.files.get(wire.codeRequestSchema.parse(params).uri);
      return file?.kind === "config" ? ((await workspace.analyses.code(workspace.job(file))) ?? null) : null;
    }),
  );
  connection.onNotification(
    wire.messages.analysis,
    guarded(undefined, (params: unknown) => {
      const { uri, ask } = wire.analysisNoticeSchema.parse(params);
      workspace.ask(uri, ask);
    }),
  );
  connection.onRequest(
    wire.messages.growth,
    guarded(null, async (params: unknown) => {
      const { uri, model } = wire.growthRequestSchema.parse(params);
      const job = jobOf(workspace, { uri, model });
      const report = workspace.last(uri)?.report.models.find(({ name }) => name === model);
      const uses = report?.uses ?? { sequence: true };
      return (job && (await workspace.analyses.techniques(job, { kind: "growth", uses }))) ?? null;
    }),
  );
  connection.onRequest(
    wire.messages.whatIf,
    guarded(null, async (params: unknown) => {
      const { apply, ...which } = wire.whatIfRequestSchema.parse(params);
      const job = jobOf(workspace, which);
      return (job && (await workspace.analyses.techniques(job, { kind: "what-if", apply }))) ?? null;
    }),
  );
  connection.onRequest(
    wire.messages.techniqueFix,
    guarded(null, async (params: unknown) => {
      const { id, knobs, ...which } = wire.techniqueFixRequestSchema.parse(params);
      const job = jobOf(workspace, which);
      const technique = { id, knobs };
      return (job && (await workspace.analyses.techniques(job, { kind: "fix", technique }))) ?? null;
    }),
  );
}

function jobOf(workspace: Workspace, { uri, model, line }: Which): ModelJob | undefined {
  const file = workspace.files.get(uri);
  if (!file) return undefined;
  return { ...workspace.job(file), model: model ?? (line === undefined ? undefined : modelAt(workspace, uri, line)) };
}

/** The model whose class, or a class that it is built of, begins last above a line. */
function modelAt(workspace: Workspace, uri: string, line: number): string | undefined {
  const last = workspace.last(uri);
  const before = last?.shift.back(line) ?? line;
  if (!last) return undefined;
  const models = last.report.models.filter(({ at }) => at.path === last.report.path);
  const begun = [
    ...models.map(({ name, at }) => ({ name, line: at.line })),
    ...innerClasses(last.report).map(({ model, at }) => ({ name: model.name, line: at.line })),
  ].filter((one) => one.line <= before);
  return begun.sort((a, b) => b.line - a.line)[0]?.name;
}
