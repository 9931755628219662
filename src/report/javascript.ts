/** A JavaScript or TypeScript file weighed: every TensorFlow.js model that it makes. */
import { scriptRulesFor, scriptRulesForCode, scriptSilences } from "../advice/scriptRules.ts";
import { unsilenced } from "../advice/silence.ts";
import { defaultLimits } from "../base/budget.ts";
import { decided } from "../base/scenario.ts";
import type { FileReport, Finding } from "../cost/report.ts";
import type { Ranged, Script } from "../syntax/script/ast.ts";
import { findModels } from "../tfjs/find.ts";
import { placeOf } from "../tfjs/language/machine.ts";
import type { JsThrow } from "../tfjs/language/values.ts";
import { guarded, isStop, openProgram, type Program } from "../tfjs/program.ts";
import { weighFound } from "./javascriptModel.ts";
import type { WeighedModel } from "./model.ts";
import { weighPipeline } from "./pipelines.ts";
import { problemFinding } from "./problems.ts";
import type { Asked, Request, Workspace } from "./request.ts";
import { statedModels } from "./statedScripts.ts";

/** Files that make more than this are no models' sources. */
const mostModels = 40;

/** The report of a file. Half-typed text gives what can be read of it. */
export function weighScriptFile(
  asked: Asked,
  workspace: Workspace,
): { report: Omit<FileReport, "models">; models: readonly WeighedModel[] } {
  const request: Request = { ...asked, scenario: decided(asked.scenario), project: workspace.project };
  const opened = openScript(request.path, request.text, workspace);
  if (!opened)
    return { report: { path: request.path, problems: [], remarks: ["Scripts are not read here."] }, models: [] };
  const { program, script } = opened;
  const found = findModels(program, script);
  const stated = statedModels(program, script, workspace.project, asked);
  const said = new Set(stated.models.map(({ origin }) => origin));
  const models = [...stated.models, ...found.models.filter(({ name }) => !said.has(name))]
    .filter(({ name }) => request.only === undefined || name === request.only)
    .slice(0, mostModels)
    .flatMap((one) => {
      // Each model may cost as much as the file itself.
      program.machine.budget.steps = 0;
      const weighed = guarded(program, () => weighFound(program, one, request));
      return isStop(weighed) ? [] : [weighed];
    });
  const pipelines = program.pipelines.map((use) => weighPipeline(use, asked, workspace));
  const loaded = pipelines.flatMap(({ use, report }) =>
    report && use.at.path === request.path ? [{ report, subject: undefined, use }] : [],
  );
  const weighed = [...models.map((model) => ({ ...model, use: undefined })), ...loaded].toSorted(
    (a, b) => Number(b.report.name === request.pinned) - Number(a.report.name === request.pinned),
  );
  const remarks = [
    ...(found.stopped === undefined ? [] : [`The file was not read to its end: ${found.stopped}.`]),
    ...found.unbuilt.map((text) => `${text.replace(/\.$/, "")}.`),
    ...pipelines
      .filter(({ report }) => report === undefined)
      .map(({ use }) => `No config of ${use.id} is in the workspace: its size is not known.`),
    ...(program.machine.budget.exhausted ? ["The file does more than an analysis may: figures stop there."] : []),
  ];
  const at = (range: Ranged) => placeOf(script, range);
  const silences = scriptSilences(script);
  const heard = (findings: readonly Finding[]) => unsilenced(findings, request.path, silences);
  const problems = [
    ...script.problems.map((problem) => syntaxFinding(script, problem)),
    ...found.errors.flatMap((error) => errorFindings(program, error)),
    ...stated.problems.map(({ at, problem }) =>
      problemFinding(at.path === script.path ? "assay-comment" : "assay-project", at, `${problem}.`),
    ),
  ];
  return {
    report: {
      path: request.path,
      problems,
      remarks,
      findings: heard(scriptRulesForCode(script, at)),
      rules: request.project?.rules,
    },
    models: weighed.map(({ report, subject, use }) => ({
      report: { ...report, findings: heard([...report.findings, ...scriptRulesFor(script, report, at, use)]) },
      subject,
    })),
  };
}

/** A program of one file, ready to run; undefined where the host parses no scripts. */
export function openScript(
  path: string,
  text: string,
  { sources, limits, cancelled }: Pick<Workspace, "sources" | "limits" | "cancelled">,
): { program: Program; script: Script } | undefined {
  const script = sources.script?.(path, text);
  if (!script) return undefined;
  const files = {
    text: (file: string) => sources.text(file),
    parse: (file: string, source: string) => sources.script?.(file, source) ?? script,
  };
  return { program: openProgram(files, limits ?? defaultLimits, cancelled), script };
}

function syntaxFinding(script: Script, problem: Script["problems"][number]): Finding {
  return {
    ...problemFinding("syntax", placeOf(script, problem), `This part does not parse: ${problem.message}.`),
    why: "What it does is not known; the rest of the file is answered without it.",
  };
}

/** A layer or operation that refused what it was given, and so ended a statement of the file. */
function errorFindings({ machine }: Program, { text }: JsThrow): Finding[] {
  const refused = machine.refusals.findLast(({ message }) => message === text);
  if (!refused?.at) return [];
  return [
    {
      rule: "shape-mismatch",
      severity: "error",
      at: refused.at,
      what: `${refused.message.replace(/\.$/, "")}.`,
      why: "The model cannot be built past this point; figures stop here.",
      price: "",
      fixes: [],
    },
  ];
}
