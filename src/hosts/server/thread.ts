/** The analysing side: what runs in a worker beside the server's message loop. */
import { analyze, subjectsIn, warmUp, weighBudgets } from "../../analyze.ts";
import type { Limits } from "../../base/budget.ts";
import type { AskedScenario } from "../../base/scenario.ts";
import type { ScenarioChange } from "../../base/settings.ts";
import { Unknown } from "../../base/unknown.ts";
import type { FamilyFacts } from "../../configs/completion.ts";
import { type KeyCost, keyCost, readConfig } from "../../configs/index.ts";
import type { Project } from "../../configs/project/project.ts";
import type { FileReport } from "../../cost/report.ts";
import type { Environment } from "../../python/interpreter.ts";
import { type BudgetNote, budgetNotes } from "../../report/budgets.ts";
import { configTotals } from "../../report/config.ts";
import { type ConfigCode, configCode } from "../../report/configCode.ts";
import { configCost, type LargestBatch, largestBatchOf } from "../../report/configCost.ts";
import { familyFacts } from "../../report/configFamily.ts";
import type { ModelTotals } from "../../report/modelTotals.ts";
import { type Grammars, loadPythonParser } from "../../syntax/parser.ts";
import { usualEnvironment } from "../usualEnvironment.ts";
import { Advising, type ModelJob, type Question, type Told } from "./advising.ts";
import { type Files, ListedFiles, OpenSources } from "./sources.ts";

/** What an analysis is of. */
export interface Job {
  readonly path: string;
  readonly text: string;
  readonly kind: "python" | "config" | "javascript";
  readonly scenario: AskedScenario;
  /** What of the scenario the person chose just now. */
  readonly change?: ScenarioChange | undefined;
  /** What the file's `assay.json` says. */
  readonly project?: Project | undefined;
  readonly pinned?: string | undefined;
}

/** Where imports are looked for. */
export interface ImportPath {
  /** Its roots are folders of installed libraries. */
  readonly environment: Environment;
  /** Folders of the workspace. */
  readonly folders: readonly string[];
}

export type Order =
  | ({ kind: "environment" } & ImportPath)
  /** The workspace's files, where they must be asked for. */
  | { kind: "files"; paths: readonly string[] }
  /** The text of such a file; null for one that cannot be read. */
  | { kind: "file"; path: string; text: string | null }
  /** An editor's text, or that there is none any more. */
  | { kind: "text"; path: string; text: string | undefined }
  /** A file on the disk is not what it was. */
  | { kind: "changed"; path: string }
  | { kind: "analyze"; id: number; job: Job }
  /** A config's totals alone, ahead of its report. */
  | { kind: "totals"; id: number; job: Job }
  /** The largest batch that fits, of a config's model. */
  | { kind: "batch"; id: number; job: Job }
  /** What a config's family says where its file says nothing. */
  | { kind: "family"; id: number; path: string; families: Readonly<Record<string, unknown>> }
  /** A config's model as PyTorch code. */
  | { kind: "code"; id: number; job: Job }
  /** What a key of a config costs. */
  | { kind: "key"; id: number; job: Job; key: readonly string[] }
  /** What techniques would do to a model. */
  | { kind: "techniques"; id: number; job: ModelJob; question: Question }
  /** A file's report as it was while some files, itself among them, read otherwise. */
  | { kind: "base"; id: number; job: Job; texts: readonly (readonly [path: string, text: string | null])[] }
  /** How a file's models keep the project's budgets. */
  | { kind: "budgets"; id: number; job: Job };

/** PyTorch code, or why there is none. */
export type Coded = ConfigCode | { readonly reason: string };

export type Answer =
  | { kind: "report"; id: number; report: FileReport; missing: readonly string[] }
  | { kind: "totals"; id: number; totals: ModelTotals | undefined }
  | { kind: "batch"; id: number; batch: LargestBatch | null }
  | { kind: "family"; id: number; facts: FamilyFacts }
  | { kind: "code"; id: number; code: Coded }
  | { kind: "key"; id: number; cost: KeyCost | undefined }
  | { kind: "techniques"; id: number; told: Told[Question["kind"]] | undefined }
  | { kind: "budgets"; id: number; notes: readonly BudgetNote[] }
  | { kind: "cancelled"; id: number }
  | { kind: "failed"; id: number; message: string };

/** What a worker is started with. */
export interface Setup {
  readonly wasm: Grammars;
  /** How much one analysis may do on this worker's stack. */
  readonly limits?: Limits | undefined;
  /** The highest job that is cancelled, in memory shared with the server; absent where memory cannot be shared. */
  readonly cancelled?: Int32Array | undefined;
}

/** Gives the function that takes orders. Orders that come before the parser is loaded wait for it. */
export function startThread(
  setup: Setup,
  disk: Files | undefined,
  answer: (answer: Answer) => void,
): (order: Order) => void {
  const listed = new ListedFiles();
  const ready = loadPythonParser(setup.wasm).then((parser) => {
    const sources = new OpenSources(parser, disk ?? listed);
    const weigh = (job: ModelJob) => subjectsIn({ ...job, only: job.model }, workspace(sources, job.project));
    return { sources, advising: new Advising(weigh, () => isCancelled(current)) };
  });
  let found: ImportPath = { environment: usualEnvironment, folders: [] };
  /** The work that is being done: what is kept from earlier work is cut short with it. */
  let current = 0;
  const isCancelled = (id: number) => setup.cancelled !== undefined && Atomics.load(setup.cancelled, 0) >= id;

  const workspace = (sources: OpenSources, project?: Project) => ({
    sources,
    ...found,
    project,
    limits: setup.limits,
    cancelled: () => isCancelled(current),
  });

  function run(sources: OpenSources, id: number, job: Job): Answer {
    if (isCancelled(id)) return { kind: "cancelled", id };
    listed.missing.clear();
    const report = analyze(job, workspace(sources, job.project));
    // What was cut short is not an answer, however it looks.
    return isCancelled(id) ? { kind: "cancelled", id } : { kind: "report", id, report, missing: [...listed.missing] };
  }

  function obey({ sources, advising }: Awaited<typeof ready>, order: Order): void {
    if ("id" in order) current = order.id;
    else advising.forget();
    switch (order.kind) {
      case "environment":
        found = order;
        warmUp(workspace(sources));
        return;
      case "files":
        listed.list(order.paths);
        return;
      case "file":
        listed.setText(order.path, order.text);
        sources.forget(order.path);
        return;
      case "text":
        sources.setText(order.path, order.text);
        return;
      case "changed":
        sources.forget(order.path);
        return;
      case "analyze":
        answer(run(sources, order.id, order.job));
        return;
      case "totals":
      case "batch": {
        const { kind, id, job } = order;
        const around = workspace(sources, job.project);
        const { value } = readConfig(job.text);
        const found = value && !isCancelled(id) ? configTotals(value, job, around) : undefined;
        const totals = found instanceof Unknown ? undefined : found;
        const batch = kind === "batch" && value && totals && largestBatchOf(totals, value, job, around);
        if (isCancelled(id)) answer({ kind: "cancelled", id });
        else answer(kind === "totals" ? { kind, id, totals } : { kind, id, batch: batch || null });
        return;
      }
      case "family": {
        const { id, path, families } = order;
        answer({ kind: "family", id, facts: familyFacts(families, path, workspace(sources)) });
        return;
      }
      case "code": {
        const { id, job } = order;
        const code = configCode(readConfig(job.text).value, workspace(sources, job.project));
        answer({ kind: "code", id, code: code instanceof Unknown ? { reason: code.reason } : code });
        return;
      }
      case "key": {
        const { value } = readConfig(order.job.text);
        const cost =
          value &&
          keyCost(value, order.key, (config) => configCost(config, order.job, workspace(sources, order.job.project)));
        answer(isCancelled(order.id) ? { kind: "cancelled", id: order.id } : { kind: "key", id: order.id, cost });
        return;
      }
      case "techniques": {
        const { id, job, question } = order;
        const told = isCancelled(id) ? undefined : advising.answer(job, question);
        answer(isCancelled(id) ? { kind: "cancelled", id } : { kind: "techniques", id, told });
        return;
      }
      case "base":
        answer(sources.during(new Map(order.texts), () => run(sources, order.id, order.job)));
        return;
      case "budgets": {
        const { id, job } = order;
        const { path, text, kind, project } = job;
        const notes = budgetNotes(weighBudgets({ path, text, kind }, workspace(sources, project)));
        answer(isCancelled(id) ? { kind: "cancelled", id } : { kind: "budgets", id, notes });
      }
    }
  }

  return (order) => {
    void ready
      .then((parts) => obey(parts, order))
      .catch((error: unknown) => {
        const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
        answer({ kind: "failed", id: "id" in order ? order.id : 0, message });
      });
  };
}
