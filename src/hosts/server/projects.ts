/** The `assay.json` of each folder of the workspace, as it stands now, and what is wrong with it. */
import { ruleProblems } from "../../advice/ids.ts";
import { fileName, type Project } from "../../configs/project/project.ts";
import { type ProjectProblem, type ProjectText, readProject } from "../../configs/project/read.ts";
import { deviceProblems } from "../../cost/deviceList.ts";
import type { FileReport } from "../../cost/report.ts";
import { pathOf as modelPath } from "../../evidence/project.ts";

export class Projects {
  private readonly read = new Map<string, ProjectText>();
  /** Problems that analyses of the files that a project names have found, by project and file. */
  private readonly found = new Map<string, Map<string, readonly ProjectProblem[]>>();

  constructor(
    private readonly readText: (path: string) => Promise<string | undefined>,
    private readonly publish: (path: string, problems: readonly ProjectProblem[]) => void,
  ) {}

  /** The paths at which the projects of some folders are or would be. */
  static paths(roots: readonly string[]): string[] {
    return roots.map((root) => `${root}/${fileName}`);
  }

  /** Takes the text of a project's file, undefined where there is none; says whether anything else follows from it now. */
  async take(path: string, text: string | undefined): Promise<boolean> {
    const before = this.read.get(path);
    if (text === undefined) {
      this.read.delete(path);
      this.found.delete(path);
      if (before) this.publish(path, []);
      return before !== undefined;
    }
    const read = readProject(path, text);
    this.read.set(path, read);
    const isOther = JSON.stringify(before?.project) !== JSON.stringify(read.project);
    if (isOther) this.found.delete(path);
    await this.check(path, read);
    return isOther;
  }

  private async check(path: string, read: ProjectText): Promise<void> {
    const missingOf = (key: "models" | "budgets", severity?: "error") =>
      read.project[key].map(async ({ file }, i): Promise<ProjectProblem[]> => {
        if ((await this.readText(modelPath(read.project, file))) !== undefined) return [];
        return [{ span: read.at([key, i, "file"]), text: `There is no file ${file}.`, severity }];
      });
    const missing = await Promise.all([...missingOf("models"), ...missingOf("budgets", "error")]);
    if (this.read.get(path) !== read) return;
    const byFile = this.found.get(path) ?? new Map<string, readonly ProjectProblem[]>();
    this.found.set(
      path,
      byFile.set("", [...read.problems, ...deviceProblems(read), ...ruleProblems(read), ...missing.flat()]),
    );
    this.tell(path);
  }

  /** The project of a file: of the innermost folder that holds it. Without a file, the first. */
  of(path?: string): Project | undefined {
    if (path === undefined) return this.read.values().next().value?.project;
    const holding = [...this.read.keys()].filter((one) => path.startsWith(one.slice(0, -fileName.length)));
    return this.read.get(holding.sort((a, b) => b.length - a.length)[0] ?? "")?.project;
  }

  /** Takes what an analysis says of the project that names its file. */
  analysed({ path, problems }: FileReport): void {
    for (const [project, byFile] of this.found) {
      const mine = problems
        .filter(({ at }) => at.path === project)
        .map(({ at, what, severity }): ProjectProblem => {
          return { span: at, text: what, severity: severity === "error" ? severity : undefined };
        });
      if (mine.length === 0 && !byFile.has(path)) continue;
      byFile.set(path, mine);
      this.tell(project);
    }
  }

  private tell(path: string): void {
    this.publish(path, [...(this.found.get(path)?.values() ?? [])].flat());
  }
}
