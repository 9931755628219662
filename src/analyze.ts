/** The whole pipeline: a file's text in, everything that is shown of it out. */
import { Budget, defaultLimits } from "./base/budget.ts";
import { decided } from "./base/scenario.ts";
import { library } from "./configs/library.ts";
import type { FileReport, ModelReport } from "./cost/report.ts";
import { mainRecipes, scriptRecipes } from "./evidence/calls.ts";
import { moduleName, type RunFile, runFile } from "./evidence/file.ts";
import { defaultRecipe, directiveRecipes, type Recipe } from "./evidence/models.ts";
import { type Observed, observe } from "./evidence/observe.ts";
import { projectRecipes } from "./evidence/project.ts";
import { importModule } from "./python/imports.ts";
import type { Interpreter } from "./python/interpreter.ts";
import { configReport } from "./report/config.ts";
import { weighRecipe } from "./report/model.ts";
import { problemFinding, remarksOf, syntaxFindings } from "./report/problems.ts";
import type { Asked, Request, Workspace } from "./report/request.ts";
import type { Module } from "./syntax/ast.ts";
import { borrowTorch, discard } from "./torch/pool.ts";
import { guarded } from "./torch/session.ts";

/** Analyses one file. Broken code gives what is known of it, and what is wrong. */
export function analyze(asked: Asked, workspace: Workspace): FileReport {
  if (asked.kind === "config") return configReport(asked, workspace);
  const request: Request = { ...asked, scenario: decided(asked.scenario), project: workspace.project };
  const tree = workspace.sources.parse(request.path, request.text);
  const { name, root } = moduleName(request.path, (path) => workspace.sources.text(path) !== undefined);
  const py = borrowTorch(
    workspace.sources,
    workspace.environment,
    [root, ...(workspace.folders ?? [])],
    new Budget(workspace.limits ?? defaultLimits, workspace.cancelled),
    library,
  );
  const observed = observe(py, request.path);
  const file = runFile(py, tree, name);
  const directives = directiveRecipes(py, tree, file, request.scenario);
  const stated = projectRecipes(py, tree, file, workspace.project, asked);
  const unbuilt: string[] = [];
  const models = weighAll(py, tree, file, observed, [directives.recipes, stated.recipes], request, unbuilt);
  if (py.budget.exhausted) discard(workspace.sources, py);
  return {
    path: request.path,
    models: models.sort((a, b) => Number(b.name === request.pinned) - Number(a.name === request.pinned)),
    problems: [
      ...syntaxFindings(tree),
      ...directives.problems.map(({ at, problem }) => problemFinding("assay-comment", at, problem)),
      ...stated.problems.map(({ at, problem }) => problemFinding("assay-project", at, `${problem}.`)),
    ],
    remarks: [...remarksOf(py, file), ...unbuilt],
  };
}

/** Imports PyTorch ahead of the first analysis, so that this one need not wait for it. */
export function warmUp({ sources, environment, folders, limits }: Workspace): void {
  const py = borrowTorch(sources, environment, folders ?? [], new Budget(limits ?? defaultLimits), library);
  guarded(py, () => importModule(py, "torch.nn"));
}

/** Models with evidence first; then, from the last class up, those that no other model holds. `unbuilt` takes why a class has no report. */
function weighAll(
  py: Interpreter,
  tree: Module,
  file: RunFile,
  observed: Observed,
  stated: readonly (readonly Recipe[])[],
  request: Request,
  unbuilt: string[],
): ModelReport[] {
  const reports: ModelReport[] = [];
  const covered = new Set<string>();
  const add = (recipe: Recipe) => {
    if (request.only !== undefined && (recipe.name ?? recipe.className) !== request.only) return;
    const report = weighRecipe(
      py,
      recipe,
      { ...request, scenario: recipe.scenario ?? request.scenario },
      tree,
      observed,
    );
    reports.push(recipe.name === undefined ? report : { ...report, name: recipe.name });
    covered.add(recipe.className);
    for (const name of report.classes) covered.add(name);
  };
  // Of one strength several may be of the same class.
  for (const recipes of stated)
    for (const recipe of recipes.filter(({ className }) => !covered.has(className))) add(recipe);
  for (const find of [mainRecipes, scriptRecipes]) {
    if (file.classes.every((cls) => covered.has(cls.name))) break;
    for (const recipe of find(py, tree, file, request.scenario)) if (!covered.has(recipe.className)) add(recipe);
  }
  for (const cls of [...file.classes].reverse()) {
    if (covered.has(cls.name) && cls.name !== request.pinned) continue;
    const recipe = defaultRecipe(py, cls, file, request.scenario);
    if (recipe && "build" in recipe) add(recipe);
    else if (recipe) unbuilt.push(`Line ${recipe.at.line + 1}: ${recipe.reason}.`);
  }
  return reports;
}

export type { Asked, Workspace } from "./report/request.ts";
