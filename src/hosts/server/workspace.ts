/** What the server knows: open files, their last finished reports, the settings, and when to analyse what. */
import type { AskedScenario } from "../../base/scenario.ts";
import { defaultSettings, type ScenarioChange, type Settings } from "../../base/settings.ts";
import type { Project } from "../../configs/project/project.ts";
import type { FileReport } from "../../cost/report.ts";
import { type Shift, shiftBetween } from "../../surfaces/shifting.ts";
import type { View } from "../../surfaces/view.ts";
import { pathOf, shortened, uriOf } from "../paths.ts";
import { Analyses, type Finished, type Threads } from "./analyses.ts";
import { type Base, Behind, type Changes } from "./behind.ts";
import { ConfigTotals } from "./configTotals.ts";
import type { Job } from "./thread.ts";

/** A file that is kept analysed. */
export interface OpenFile {
  readonly uri: string;
  readonly path: string;
  text: string;
  readonly kind: "python" | "config" | "javascript";
  /** Whether an editor shows it; else it is watched only, and its text is the disk's. */
  open: boolean;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** The last report that was finished, and the text it is of. */
  last:
    | {
        /** With what its budgets found. */
        readonly report: FileReport;
        /** As it was finished. */
        readonly own: FileReport;
        readonly text: string;
        readonly shift: Shift;
        readonly shiftedTo: string;
      }
    | undefined;
}

/** What the workspace tells the connection. */
export interface Listener {
  finished(file: OpenFile): void;
  /** Figures of lenses are known that were not. */
  lensesChanged(): void;
  busyChanged(): void;
  /** Files that the analysis needs and that must be fetched. */
  missing(paths: readonly string[]): Promise<void>;
  log(message: string): void;
}

/** Milliseconds without a keystroke before an analysis, and before the other files that may import this one follow. */
const debounce = { own: 150, others: 1000 };

export class Workspace {
  settings: Settings = defaultSettings;
  roots: readonly string[] = [];
  change: ScenarioChange = {};
  /** What the `assay.json` of a file's folder says; without a file, the workspace's first. */
  projectOf: (path?: string) => Project | undefined = () => undefined;
  readonly files = new Map<string, OpenFile>();
  readonly analyses: Analyses;
  readonly behind: Behind;
  readonly configs: ConfigTotals;
  private othersTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    threads: Threads,
    private readonly listener: Listener,
  ) {
    this.analyses = new Analyses(threads, (finished) => this.finished(finished), listener.log);
    this.behind = new Behind(this.analyses, (path) => this.completed(path));
    this.configs = new ConfigTotals(this.analyses, () => listener.lensesChanged());
  }

  /** The scenario of a file, or of any: the settings', what the project says in place of it, what the person changed. */
  scenario(path?: string): AskedScenario {
    return { ...this.settings.scenario, ...this.projectOf(path)?.scenario, ...this.change } as AskedScenario;
  }

  /** How figures are printed. */
  view(): View {
    return {
      units: this.settings.units,
      shorten: (path) => shortened(path, this.roots),
      link: (place) => `${uriOf(place.path)}#L${place.line + 1}`,
    };
  }

  /** An editor shows a file. */
  open(uri: string, text: string, kind: OpenFile["kind"]): void {
    const path = pathOf(uri);
    const file: OpenFile = this.files.get(uri) ?? {
      uri,
      path,
      text,
      kind,
      open: true,
      timer: undefined,
      last: undefined,
    };
    file.open = true;
    file.text = text;
    this.files.set(uri, file);
    this.analyses.setText(path, text);
    this.schedule(file, 0);
  }

  /** Keeps a file analysed that no editor shows. */
  watch(uri: string, text: string, kind: OpenFile["kind"]): void {
    const file: OpenFile = { uri, path: pathOf(uri), text, kind, open: false, timer: undefined, last: undefined };
    this.files.set(uri, file);
    this.schedule(file, 0);
  }

  edit(uri: string, text: string): void {
    const file = this.files.get(uri);
    if (!file || file.text === text) return;
    file.text = text;
    if (file.open) this.analyses.setText(file.path, text);
    this.schedule(file, debounce.own);
    this.scheduleOthers(file);
  }

  close(uri: string): void {
    const file = this.files.get(uri);
    if (!file) return;
    clearTimeout(file.timer);
    this.files.delete(uri);
    this.analyses.setText(file.path, undefined);
    this.analyses.drop(file.path);
    this.behind.drop(file.path);
    this.configs.drop(file.path);
    this.scheduleOthers(file);
  }

  /** Takes an editor's text of a file that is not analysed itself, or lets go of it. */
  beside(uri: string, text: string | undefined): void {
    this.analyses.setText(pathOf(uri), text);
    this.scheduleOthers(undefined);
  }

  /** A file on the disk was written, made or removed. */
  diskChanged(uri: string): void {
    this.analyses.changed(pathOf(uri));
    this.scheduleOthers(this.files.get(uri));
  }

  /** Analyses everything again: the scenario, the settings or the libraries are others. */
  again(): void {
    this.behind.again();
    for (const file of this.files.values()) this.schedule(file, 0);
  }

  /** Compares files with a commit from now on, or with none. */
  compareWith(base: Base | undefined): void {
    this.behind.setBase(base);
    for (const file of this.files.values()) if (file.last) this.behind.compareAgain(this.job(file), file.last.own);
    for (const file of this.files.values()) if (file.last) this.listener.finished(file);
  }

  /** The report of a file that is not kept analysed; nothing where it could not be made. */
  weighed(uri: string, text: string, kind: OpenFile["kind"]): Promise<FileReport | undefined> {
    return this.analyses.base(this.job({ path: pathOf(uri), text, kind }), new Map());
  }

  /** Gives up what is being done for a file, or does it again. */
  ask(uri: string, what: "cancel" | "again"): void {
    const file = this.files.get(uri);
    if (!file) return;
    if (what === "again") return this.schedule(file, 0);
    clearTimeout(file.timer);
    this.analyses.drop(file.path);
    this.listener.busyChanged();
  }

  /** The last finished report of a file, with how its lines have moved since. */
  last(
    uri: string,
  ): { file: OpenFile; report: FileReport; text: string; shift: Shift; changes: Changes | undefined } | undefined {
    const file = this.files.get(uri);
    if (!file?.last) return undefined;
    if (file.last.shiftedTo !== file.text) {
      file.last = { ...file.last, shift: shiftBetween(file.last.text, file.text), shiftedTo: file.text };
    }
    return { file, ...file.last, changes: this.behind.changes(file.path) };
  }

  end(): void {
    for (const file of this.files.values()) clearTimeout(file.timer);
    clearTimeout(this.othersTimer);
    this.analyses.end();
  }

  /** What is asked of the analysis of a file. */
  job({ path, text, kind }: Pick<OpenFile, "path" | "text" | "kind">): Job {
    return { path, text, kind, scenario: this.scenario(path), change: this.change, project: this.projectOf(path) };
  }

  private schedule(file: OpenFile, delay: number): void {
    clearTimeout(file.timer);
    if (file.kind === "config") this.configs.ask(this.job(file));
    file.timer = setTimeout(() => {
      this.analyses.analyze(this.job(file));
      this.listener.busyChanged();
    }, delay);
  }

  /** Files that may import the one that changed. */
  private scheduleOthers(changed: OpenFile | undefined): void {
    clearTimeout(this.othersTimer);
    this.othersTimer = setTimeout(() => {
      for (const file of this.files.values()) if (file !== changed && file.kind !== "config") this.schedule(file, 0);
    }, debounce.others);
  }

  private finished({ job, report, missing }: Finished): void {
    const file = [...this.files.values()].find(({ path }) => path === job.path);
    this.listener.busyChanged();
    if (!file) return;
    if (missing.length > 0) {
      void this.listener.missing(missing).then(() => this.schedule(file, 0));
      return;
    }
    this.behind.follow(job, report);
    if (file.kind === "config") this.configs.follow(job);
    const shift = shiftBetween(job.text, file.text);
    const whole = this.behind.completed(report);
    file.last = { report: whole, own: report, text: job.text, shift, shiftedTo: file.text };
    this.listener.finished(file);
  }

  /** What stands behind a report is another now. */
  private completed(path: string): void {
    const file = [...this.files.values()].find((one) => one.path === path);
    if (!file?.last) return;
    file.last = { ...file.last, report: this.behind.completed(file.last.own) };
    this.listener.finished(file);
  }
}
