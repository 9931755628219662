/** Where the numbers that a model's figures rest on came from: its constructor's, its config's, and the scenario's. */
import type { Place } from "../base/place.ts";
import { defaultScenario, type Scenario } from "../base/scenario.ts";
import type { Project } from "../configs/project/project.ts";
import type { SizeReport } from "../cost/report.ts";
import type { GivenArgument } from "../evidence/observe.ts";
import { PyInstance } from "../python/values.ts";
import type { Module } from "../syntax/ast.ts";

/** More numbers of the code are not told. */
const most = 12;

/** The integers that a model was built with: written as a default, in a config's class, or given by whoever built it. */
export function codeSizes(
  given: readonly GivenArgument[] | undefined,
  file: Module,
  caller: Place | undefined,
): SizeReport[] {
  const found = (given ?? []).flatMap(({ name, value, defaultAt }): SizeReport[] => {
    if (typeof value === "number") return [{ name, value, at: defaultAt ?? caller, from: "code" }];
    if (!(value instanceof PyInstance)) return [];
    const written = fieldsOf(file, value.cls.name);
    return [...(value.attrs ?? [])].flatMap(([field, one]): SizeReport[] => {
      if (typeof one !== "number" || field.startsWith("_")) return [];
      const own = written.get(field);
      return [{ name: field, value: one, at: own?.value === one ? own.at : caller, from: "code" }];
    });
  });
  return found.slice(0, most);
}

/** The integers that a class of the file gives its fields, and where. */
function fieldsOf({ statements, path }: Module, name: string): ReadonlyMap<string, { value: number; at: Place }> {
  const fields = new Map<string, { value: number; at: Place }>();
  for (const { chunk, node } of statements) {
    if (node.kind !== "ClassDef" || node.name !== name) continue;
    const place = (span: { line: number; column: number; endLine: number; endColumn: number }): Place => ({
      path,
      line: chunk.firstLine + span.line,
      column: span.column,
      endLine: chunk.firstLine + span.endLine,
      endColumn: span.endColumn,
    });
    for (const one of node.body) {
      const target = one.kind === "AnnAssign" ? one.target : one.kind === "Assign" ? one.targets[0] : undefined;
      if ((one.kind === "AnnAssign" || one.kind === "Assign") && target?.kind === "Name" && one.value?.kind === "Int")
        fields.set(target.id, { value: one.value.value, at: place(one) });
      if (one.kind !== "FunctionDef" || one.name !== "__init__") continue;
      for (const argument of one.args)
        if (argument.default?.kind === "Int")
          fields.set(argument.name, { value: argument.default.value, at: place(argument) });
    }
  }
  return fields;
}

/** The scenario's sizes that a model's inputs use, and whether anybody asked for them. */
export function scenarioSizes(
  scenario: Scenario,
  uses: { readonly sequence: boolean; readonly image: boolean },
  project: Project | undefined,
): SizeReport[] {
  const names = ["batch", ...(uses.sequence ? ["sequence"] : []), ...(uses.image ? ["imageSize"] : [])] as const;
  return names.map((name) => {
    const key = name as "batch" | "sequence" | "imageSize";
    const value = scenario[key];
    const from = project?.scenario[key] === value ? "project" : value === defaultScenario[key] ? "assumed" : "scenario";
    return { name: key, value, at: undefined, from };
  });
}
