/** Models that the project's `assay.json` says how to build and call. */
import { type AskedScenario, decided } from "../base/scenario.ts";
import type { ScenarioChange } from "../base/settings.ts";
import type { Project, ProjectModel } from "../configs/project/project.ts";
import type { Interpreter } from "../python/interpreter.ts";
import type { Module } from "../syntax/ast.ts";
import { type Directive, readDirective } from "./directive.ts";
import type { RunFile } from "./file.ts";
import { type DirectiveProblem, type Recipe, statedRecipe } from "./models.ts";

/**
 * The recipes of a project's entries for one file.
 *
 * An entry's scenario goes before the one asked for, but not before what the person chose just now (`change`).
 */
export function projectRecipes(
  py: Interpreter,
  tree: Module,
  { module }: RunFile,
  project: Project | undefined,
  asked: { readonly scenario: AskedScenario; readonly change?: ScenarioChange | undefined },
): { recipes: Recipe[]; problems: DirectiveProblem[] } {
  const recipes: Recipe[] = [];
  const problems: DirectiveProblem[] = [];
  for (const entry of project?.models ?? []) {
    if (!project || pathOf(project, entry.file) !== tree.path) continue;
    const at = { path: project.path, ...entry.span };
    const directive = directiveOf(entry, (text) => py.sources.parse("project", text));
    if ("problem" in directive) problems.push({ at, problem: directive.problem });
    else if (!module.attrs.has(directive.name))
      problems.push({ at, problem: `${directive.name} is not defined in ${entry.file}` });
    else {
      const scenario = decided({ ...asked.scenario, ...entry.scenario, ...asked.change } as AskedScenario);
      recipes.push({
        ...statedRecipe(py, module, directive, { kind: "project", text: directive.build, at }, scenario),
        name: entry.name,
        scenario,
      });
    }
  }
  return { recipes, problems };
}

/** The path of an entry's file, which is relative to the project's. */
export function pathOf(project: Pick<Project, "path">, file: string): string {
  const parts = project.path.split("/").slice(0, -1);
  for (const part of file.replaceAll("\\", "/").split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

function directiveOf(
  { model, inputs }: ProjectModel,
  parse: (text: string) => Module,
): Directive | { readonly problem: string } {
  const directive = readDirective(model, parse);
  if ("problem" in directive || inputs === undefined) return directive;
  return Array.isArray(inputs)
    ? { ...directive, args: inputs, keywords: [] }
    : { ...directive, args: [], keywords: Object.entries(inputs) };
}
