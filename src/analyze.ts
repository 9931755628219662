/** The whole pipeline: a file's text in, everything that is shown of it out. */
import { type Advice, advise } from "./advice/advise.ts";
import { rulesForCode } from "./advice/rules.ts";
import { savingsOf } from "./advice/savings.ts";
import { silencesOf, unsilenced } from "./advice/silence.ts";
import { silenceProblems } from "./advice/silenceProblems.ts";
import type { Subject } from "./advice/subject.ts";
import { Budget, defaultLimits } from "./base/budget.ts";
import { decided } from "./base/scenario.ts";
import { Unknown } from "./base/unknown.ts";
import { configIn, type NamedConfig, namedConfig } from "./configs/index.ts";
import { library } from "./configs/library.ts";
import type { Limit } from "./configs/project/project.ts";
import type { FileReport, Finding } from "./cost/report.ts";
import { mainRecipes, scriptRecipes } from "./evidence/calls.ts";
import { moduleName, type RunFile, runFile } from "./evidence/file.ts";
import { defaultRecipe, directiveRecipes, type Recipe } from "./evidence/models.ts";
import { type Observed, observe } from "./evidence/observe.ts";
import { projectRecipes } from "./evidence/project.ts";
import { importModule } from "./python/imports.ts";
import type { Interpreter } from "./python/interpreter.ts";
import { isAdapter, weighAdapterFile } from "./report/adapter.ts";
import { withAdvice } from "./report/advice.ts";
import { type BudgetReport, checkedBudgets, type Weigh } from "./report/budgets.ts";
import { weighConfigFile } from "./report/config.ts";
import { weighScriptFile } from "./report/javascript.ts";
import { type WeighedModel, weighRecipe } from "./report/model.ts";
import { problemFinding, remarksOf, syntaxFindings } from "./report/problems.ts";
import type { Asked, Request, Workspace } from "./report/request.ts";
import { scriptOf } from "./report/script.ts";
import { isTopology, weighTopologyFile } from "./report/topology.ts";
import type { Module } from "./syntax/ast.ts";
import { borrowTorch, discard } from "./torch/pool.ts";
import { guarded } from "./torch/session.ts";

/** Analyses one file. Broken code gives what is known of it, and what is wrong. */
export function analyze(asked: Asked, workspace: Workspace): FileReport {
  const { report, models, heard = (findings) => findings } = weighFile(asked, workspace);
  return {
    ...report,
    models: models
      .map((model) => withAdvice(model, asked.advise === true, againIn(asked, workspace, model.report.name)))
      .map((model) => ({ ...model, findings: heard(model.findings) })),
  };
}

/** The models of a file as techniques see them; those that could not be run are left out. */
export function subjectsIn(asked: Asked, workspace: Workspace): Subject[] {
  return weighFile(asked, workspace).models.flatMap(({ report, subject }) =>
    subject ? [{ ...subject, again: againIn(asked, workspace, report.name) }] : [],
  );
}

/** How the models of a file keep the budgets of its project, each weighed for its budget's own scenario. */
export function weighBudgets(asked: Omit<Asked, "scenario">, workspace: Workspace): BudgetReport {
  const weigh: Weigh = (scenario, change, only) => {
    const one: Asked = { ...asked, scenario, change, only };
    return weighFile(one, workspace)
      .models.filter(({ report }) => only === undefined || report.name === only)
      .map(({ report, subject }) => {
        let advice: Advice | undefined;
        const savings = ({ figure }: Limit) => {
          if (!asked.advise || !subject) return [];
          advice ??= advise({ ...subject, again: againIn(one, workspace, report.name) });
          return savingsOf(advice, figure);
        };
        return { report, tree: subject?.figures.tree, savings };
      });
  };
  return checkedBudgets(asked.path, workspace.project, weigh, asked.change);
}

/** The same model interpreted again after a change. */
function againIn(asked: Asked, workspace: Workspace, name: string): NonNullable<Subject["again"]> {
  return ({ text, config, scenario }) => {
    const next: Asked = {
      ...asked,
      only: name,
      text: config ? JSON.stringify(config, null, 2) : (text ?? asked.text),
      scenario: { ...asked.scenario, techniques: undefined, ...scenario },
    };
    const model = weighFile(next, workspace).models.find(({ report }) => report.name === name);
    if (!model?.subject) return new Unknown("the changed model could not be weighed");
    return { ...model.subject, again: againIn(next, workspace, name) };
  };
}

/** The config of a model that a file's code names; without a name, the one beside the file. */
function configAt(named: string | undefined, path: string, { sources, folders }: Workspace): NamedConfig | undefined {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  const text = (file: string) => sources.text(file);
  return named === undefined ? configIn(folder, text) : namedConfig(named, [folder, ...(folders ?? [])], text);
}

interface WeighedFile {
  readonly report: Omit<FileReport, "models">;
  readonly models: readonly WeighedModel[];
  /** The findings that no comment of the file silences. */
  readonly heard?: ((findings: readonly Finding[]) => readonly Finding[]) | undefined;
}

function weighFile(asked: Asked, workspace: Workspace): WeighedFile {
  if (asked.kind === "config") {
    if (isTopology(asked.text)) return weighTopologyFile(asked, workspace);
    return isAdapter(asked.text) ? weighAdapterFile(asked, workspace) : weighConfigFile(asked, workspace);
  }
  if (asked.kind === "javascript") return weighScriptFile(asked, workspace);
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
  const directives = directiveRecipes(py, tree, file, request.scenario, asked.scenario.dtype === "auto");
  const stated = projectRecipes(py, tree, file, workspace.project, asked);
  const unbuilt: string[] = [];
  const models = weighAll(py, tree, file, observed, [directives.recipes, stated.recipes], request, unbuilt);
  if (py.budget.exhausted) discard(workspace.sources, py);
  const silences = silencesOf(tree, request.text);
  const heard = (findings: readonly Finding[]) => unsilenced(findings, request.path, silences);
  const weighed = models.toSorted(
    (a, b) => Number(b.report.name === request.pinned) - Number(a.report.name === request.pinned),
  );
  const report = {
    path: request.path,
    findings: heard(
      rulesForCode({
        file: tree,
        text: request.text,
        models: models.map((one) => one.report),
        scenario: request.scenario,
        configOf: (named) => configAt(named, request.path, workspace),
      }),
    ),
    ...(models.length === 0 && {
      script: scriptOf(tree, request.text, workspace.sources, [root, ...(workspace.folders ?? [])]),
    }),
    rules: workspace.project?.rules,
    problems: [
      ...syntaxFindings(tree),
      ...silenceProblems(tree).map(({ at, problem }) => problemFinding("assay-comment", at, problem)),
      ...directives.problems.map(({ at, problem }) => problemFinding("assay-comment", at, problem)),
      ...stated.problems.map(({ at, problem }) => problemFinding("assay-project", at, `${problem}.`)),
    ],
    remarks: [...remarksOf(py, file), ...unbuilt],
  };
  return { report, models: weighed, heard };
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
): WeighedModel[] {
  const models: WeighedModel[] = [];
  const covered = new Set<string>();
  const add = (recipe: Recipe) => {
    if (request.only !== undefined && (recipe.name ?? recipe.className) !== request.only) return;
    const model = weighRecipe(
      py,
      recipe,
      { ...request, scenario: recipe.scenario ?? request.scenario },
      tree,
      observed,
    );
    models.push(recipe.name === undefined ? model : { ...model, report: { ...model.report, name: recipe.name } });
    covered.add(recipe.className);
    for (const name of model.report.classes) covered.add(name);
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
  return models;
}

export type { Asked, Workspace } from "./report/request.ts";
