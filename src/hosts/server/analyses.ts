/** The server's side of the analysing worker: one job at a time, the newest for each file, and a fresh worker where one ends. */

import type { FamilyFacts } from "../../configs/completion.ts";
import type { KeyCost } from "../../configs/index.ts";
import type { FileReport } from "../../cost/report.ts";
import type { BudgetNote } from "../../report/budgets.ts";
import type { LargestBatch } from "../../report/configCost.ts";
import type { ModelTotals } from "../../report/modelTotals.ts";
import type { ModelJob, Question, Told } from "./advising.ts";
import { revived } from "./revived.ts";
import type { Answer, Coded, ImportPath, Job, Order } from "./thread.ts";

type Values = Readonly<Record<string, unknown>>;

/** A worker that was started. */
export interface Thread {
  post(order: Order): void;
  end(): void;
}

export interface Threads {
  /** Starts a worker; `ended` is told when it ends by itself. */
  start(answer: (answer: Answer) => void, ended: (why: string) => void): Thread;
  /** Shared memory that says up to which job all are cancelled; absent where a running job can only be ended with its worker. */
  readonly cancelled?: Int32Array | undefined;
}

export interface Finished {
  readonly job: Job;
  readonly report: FileReport;
  /** Files that the analysis would have read and that must be fetched first. */
  readonly missing: readonly string[];
}

/** Work for the thread. Of two with one name the newer one counts. */
interface Task {
  readonly name: string;
  readonly path: string;
  /** It waits for others: nobody is stopped in writing where its answer comes late. */
  readonly patient?: boolean;
  /** The name of another that is worth nothing while this one is asked for. */
  readonly ends?: string;
  /** Nobody waits for it, so that nothing need say that it is being done. */
  readonly quiet?: boolean;
  order(id: number): Order;
  /** Takes the answer; nothing where the work was given up. */
  done(answer: Answer | undefined): void;
}

export class Analyses {
  private thread: Thread | undefined;
  private running: { id: number; task: Task } | undefined;
  private readonly waiting = new Map<string, Task>();
  private lastId = 0;
  /** What a fresh worker must be told. */
  private found: ImportPath | undefined;
  private readonly texts = new Map<string, string>();
  private files: readonly string[] | undefined;
  private readonly fetched = new Map<string, string | null>();

  constructor(
    private readonly threads: Threads,
    private readonly finished: (finished: Finished) => void,
    private readonly log: (message: string) => void,
  ) {}

  /** The files that are being analysed or wait for it. */
  get busy(): string[] {
    const tasks = [...(this.running ? [this.running.task] : []), ...this.waiting.values()];
    return [...new Set(tasks.filter(({ quiet }) => !quiet).map(({ path }) => path))];
  }

  setEnvironment(found: ImportPath): void {
    this.found = found;
    this.thread?.post({ kind: "environment", ...found });
  }

  setFiles(paths: readonly string[]): void {
    this.files = paths;
    this.thread?.post({ kind: "files", paths });
  }

  setFile(path: string, text: string | null): void {
    this.fetched.set(path, text);
    this.thread?.post({ kind: "file", path, text });
  }

  setText(path: string, text: string | undefined): void {
    if (text === undefined) this.texts.delete(path);
    else this.texts.set(path, text);
    this.thread?.post({ kind: "text", path, text });
  }

  changed(path: string): void {
    this.thread?.post({ kind: "changed", path });
  }

  /** Analyses a file as soon as the worker is free; an older analysis of the same file is given up. */
  analyze(job: Job): void {
    this.add({
      name: `report of ${job.path}`,
      path: job.path,
      order: (id) => ({ kind: "analyze", id, job }),
      done: (answer) => {
        if (answer?.kind === "report") this.finished({ job, report: revived(answer.report), missing: answer.missing });
      },
    });
  }

  /** A config's totals, ahead of its report; nothing where it has none or a newer question came. */
  async totals(job: Job): Promise<ModelTotals | undefined> {
    const { path } = job;
    const order = (id: number): Order => ({ kind: "totals", id, job });
    const answer = await this.ask("totals", { name: `totals of ${path}`, path, ends: `report of ${path}`, order });
    return revived(answer?.totals);
  }

  /** The largest batch of a config's model that fits; null where that is not known, nothing where a newer question came. */
  async largestBatch(job: Job): Promise<LargestBatch | null | undefined> {
    const { path } = job;
    const order = (id: number): Order => ({ kind: "batch", id, job });
    const answer = await this.ask("batch", { name: `batch of ${path}`, path, patient: true, quiet: true, order });
    return answer?.batch;
  }

  /** What is known of a config's family; nothing where a newer question came. */
  async family(path: string, families: Values): Promise<FamilyFacts | undefined> {
    const order = (id: number): Order => ({ kind: "family", id, path, families });
    return (await this.ask("family", { name: `family of ${path}`, path, quiet: true, order }))?.facts;
  }

  /** A config's model as PyTorch code, or why there is none; nothing where a newer question came. */
  async code(job: Job): Promise<Coded | undefined> {
    const order = (id: number): Order => ({ kind: "code", id, job });
    return (await this.ask("code", { name: `code of ${job.path}`, path: job.path, quiet: true, order }))?.code;
  }

  /** What a key of a config costs; nothing where it costs nothing or a newer question came. */
  async keyCost(job: Job, key: readonly string[]): Promise<KeyCost | undefined> {
    const order = (id: number): Order => ({ kind: "key", id, job, key });
    return revived((await this.ask("key", { name: `key of ${job.path}`, path: job.path, order }))?.cost);
  }

  /** What techniques would do to a model; nothing where it cannot be run, or a newer question of the kind came. */
  techniques<Kind extends Question["kind"]>(
    job: ModelJob,
    question: Question & { readonly kind: Kind },
  ): Promise<Told[Kind] | undefined> {
    return new Promise((resolve) => {
      this.add({
        name: `${question.kind} of ${job.path}`,
        path: job.path,
        patient: true,
        order: (id) => ({ kind: "techniques", id, job, question }),
        done: (answer) => resolve(answer?.kind === "techniques" ? (answer.told as Told[Kind] | undefined) : undefined),
      });
    });
  }

  /** A file's report as it was while some files read otherwise; nothing where a newer question came. */
  base(job: Job, texts: ReadonlyMap<string, string | null>): Promise<FileReport | undefined> {
    return new Promise((resolve) => {
      this.add({
        name: `base of ${job.path}`,
        path: job.path,
        patient: true,
        quiet: true,
        order: (id) => ({ kind: "base", id, job, texts: [...texts] }),
        done: (answer) =>
          resolve(answer?.kind === "report" && answer.missing.length === 0 ? revived(answer.report) : undefined),
      });
    });
  }

  /** How a file's models keep the project's budgets; nothing where a newer question came. */
  budgets(job: Job): Promise<readonly BudgetNote[] | undefined> {
    return new Promise((resolve) => {
      this.add({
        name: `budgets of ${job.path}`,
        path: job.path,
        patient: true,
        quiet: true,
        order: (id) => ({ kind: "budgets", id, job }),
        done: (answer) => resolve(answer?.kind === "budgets" ? answer.notes : undefined),
      });
    });
  }

  /** The answer of a kind; nothing where the work was given up. */
  private ask<Kind extends Answer["kind"]>(
    kind: Kind,
    task: Omit<Task, "done">,
  ): Promise<(Answer & { kind: Kind }) | undefined> {
    return new Promise((resolve) => {
      const done = (answer: Answer | undefined) =>
        resolve(answer?.kind === kind ? (answer as Answer & { kind: Kind }) : undefined);
      this.add({ ...task, done });
    });
  }

  /** Gives up what is known to be wanted no more. */
  drop(path: string): void {
    for (const [name, task] of this.waiting) {
      if (task.path !== path) continue;
      this.waiting.delete(name);
      task.done(undefined);
    }
    if (this.running?.task.path === path) this.cancel(this.running.id);
  }

  end(): void {
    for (const task of this.waiting.values()) task.done(undefined);
    this.waiting.clear();
    this.thread?.end();
    this.thread = undefined;
    this.stop()?.done(undefined);
  }

  private add(task: Task): void {
    for (const name of [task.name, task.ends]) {
      if (name === undefined) continue;
      this.waiting.get(name)?.done(undefined);
      this.waiting.delete(name);
    }
    this.waiting.set(task.name, task);
    if (this.running && overtakes(task, this.running.task)) this.cancel(this.running.id);
    this.next();
  }

  private cancel(id: number): void {
    const { cancelled } = this.threads;
    if (cancelled) {
      Atomics.store(cancelled, 0, id);
      return;
    }
    this.thread?.end();
    this.thread = undefined;
    this.stop()?.done(undefined);
  }

  /** Nothing is running any more; gives what was. */
  private stop(): Task | undefined {
    const task = this.running?.task;
    this.running = undefined;
    return task;
  }

  private next(): void {
    if (this.running) return;
    const tasks = [...this.waiting.values()];
    const task = tasks.find(({ patient }) => !patient) ?? tasks[0];
    if (!task) return;
    this.waiting.delete(task.name);
    this.running = { id: ++this.lastId, task };
    this.thread ??= this.started();
    this.thread.post(task.order(this.running.id));
  }

  private started(): Thread {
    const thread: Thread = this.threads.start(
      (answer) => this.thread === thread && this.take(answer),
      (why) => this.thread === thread && this.lost(why),
    );
    if (this.found) thread.post({ kind: "environment", ...this.found });
    if (this.files) thread.post({ kind: "files", paths: this.files });
    for (const [path, text] of this.fetched) thread.post({ kind: "file", path, text });
    for (const [path, text] of this.texts) thread.post({ kind: "text", path, text });
    return thread;
  }

  private take(answer: Answer): void {
    if (answer.kind === "failed") this.log(answer.message);
    if (answer.id !== this.running?.id) return;
    this.stop()?.done(answer);
    this.next();
  }

  /** The worker died: what it was doing is not tried again, what waits is. */
  private lost(why: string): void {
    const task = this.stop();
    this.log(`The ${task?.name ?? "analysis"} ended: ${why}`);
    this.thread = undefined;
    task?.done(undefined);
    this.next();
  }
}

/** Whether a task makes another pointless: it asks the same of a newer text, or a text is newer than what is told of. */
function overtakes(task: Task, running: Task): boolean {
  return (
    [task.name, task.ends].includes(running.name) ||
    (running.patient === true && !task.patient && task.path === running.path)
  );
}
