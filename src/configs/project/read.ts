import { findNodeAtLocation, type Node, type ParseError, parseTree } from "jsonc-parser";
import type { z } from "zod";
import { readAmount } from "../../base/amounts.ts";
import type { Span } from "../../base/place.ts";
import { type RuleSeverity, ruleSeverity } from "../../base/settings.ts";
import { readJson } from "../read.ts";
import { spansOf } from "../spans.ts";
import { type LimitWord, limitSchemas, limitWords } from "./limits.ts";
import {
  budgetSchemas,
  deviceSchemas,
  type GivenDevice,
  type Limit,
  modelSchemas,
  type Prices,
  type Project,
  type ProjectBudget,
  type ProjectModel,
  partialScenarioSchemas,
  priceSchemas,
  projectSchema,
} from "./project.ts";

/** What is wrong with an `assay.json`, in one sentence, and where. */
export interface ProjectProblem {
  readonly span: Span;
  readonly text: string;
  /** An error where a budget cannot be checked; a warning otherwise. */
  readonly severity?: "error" | undefined;
}

export interface ProjectText {
  readonly project: Project;
  readonly problems: readonly ProjectProblem[];
  /** Where the value at a path of keys stands; the beginning of the file where there is none. */
  readonly at: (path: readonly (string | number)[]) => Span;
}

type Schemas = Readonly<Record<string, z.ZodType>>;
type Values = Record<string, unknown>;

/** Reads an `assay.json`, comments allowed. A value that is wrong falls back alone, and is named. */
export function readProject(path: string, text: string): ProjectText {
  const { value = {}, faults } = readJson(text);
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  const span = spansOf(text);
  const nodeAt = (where: readonly (string | number)[]) => tree && findNodeAtLocation(tree, [...where]);
  const spanOf = (node: Node | undefined) => (node ? span(node.offset, node.length) : span(0, 0));
  const problems: ProjectProblem[] = faults.map(({ span: where, text: what }) => ({ span: where, text: what }));
  const isEmpty = tree === undefined;
  if (!isEmpty && tree.type !== "object")
    problems.push({ span: spanOf(tree), text: "This file holds one object: { … }." });

  const wrong = (where: readonly (string | number)[], what: string) =>
    problems.push({ span: spanOf(nodeAt(where)), text: `${shown(where)}: ${what}` });
  const unknownKey = (where: readonly (string | number)[], key: string, known: readonly string[]) => {
    const name = nodeAt([...where, key])?.parent?.children?.[0];
    problems.push({ span: spanOf(name), text: `${shown([...where, key])}: not a key here; known are ${list(known)}.` });
  };

  /** The values of an object that its schemas take. */
  function good(given: unknown, schemas: Schemas, where: readonly (string | number)[]): Values {
    if (given === undefined) return {};
    if (!isObject(given)) {
      wrong(where, "expected an object; it is left out.");
      return {};
    }
    const found: Values = {};
    for (const [key, one] of Object.entries(given)) {
      const schema = schemas[key];
      if (!schema) {
        unknownKey(where, key, Object.keys(schemas));
        continue;
      }
      const result = schema.safeParse(one);
      if (result.success) {
        found[key] = result.data;
        continue;
      }
      const [issue] = result.error.issues;
      const inner = (issue?.path ?? []).filter((step) => typeof step !== "symbol");
      wrong([...where, key, ...inner], `${uncapitalized(issue?.message ?? "not usable")}; ${key} is left out.`);
    }
    return found;
  }

  for (const key of Object.keys(value)) if (!(key in projectSchema.shape)) unknownKey([], key, keys);
  const project: Project = {
    path,
    devices: devices(value["devices"]),
    scenario: good(value["scenario"], partialScenarioSchemas, ["scenario"]),
    models: models(value["models"]),
    budgets: budgets(value["budgets"]),
    prices: good(value["prices"], priceSchemas, ["prices"]) as Prices,
    rules: severities(value["rules"]),
  };
  return {
    project,
    problems: problems.toSorted((a, b) => a.span.line - b.span.line || a.span.column - b.span.column),
    at: (where) => spanOf(nodeAt(where)),
  };

  function devices(given: unknown): Record<string, GivenDevice> {
    if (given !== undefined && !isObject(given)) wrong(["devices"], "expected an object; it is left out.");
    const found: Record<string, GivenDevice> = {};
    for (const [id, one] of Object.entries(isObject(given) ? given : {})) {
      if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))
        wrong(["devices", id], "an id has lower-case words with hyphens between, such as my-card; it is left out.");
      else found[id] = good(one, deviceSchemas, ["devices", id]);
    }
    return found;
  }

  function severities(given: unknown): Record<string, RuleSeverity> {
    if (given !== undefined && !isObject(given)) wrong(["rules"], "expected an object; it is left out.");
    const schemas = Object.fromEntries(Object.keys(isObject(given) ? given : {}).map((id) => [id, ruleSeverity]));
    return isObject(given) ? (good(given, schemas, ["rules"]) as Record<string, RuleSeverity>) : {};
  }

  function models(given: unknown): ProjectModel[] {
    if (given !== undefined && !Array.isArray(given)) wrong(["models"], "expected a list; it is left out.");
    return (Array.isArray(given) ? given : []).flatMap((one: unknown, i) => {
      const where = ["models", i];
      const { scenario, ...plain } = isObject(one) ? one : {};
      const entry = good(isObject(one) ? plain : one, modelSchemas, where);
      const own = good(scenario, partialScenarioSchemas, [...where, "scenario"]);
      for (const key of ["file", "model"])
        if (isObject(one) && one[key] === undefined) wrong(where, `${key} is missing; the entry is left out.`);
      if (typeof entry["file"] !== "string" || typeof entry["model"] !== "string") return [];
      const stated = Object.keys(own).length > 0 ? { scenario: own } : {};
      return [{ ...(entry as unknown as ProjectModel), ...stated, span: spanOf(nodeAt(where)) }];
    });
  }

  /** A budget that cannot be read would be one that nobody keeps: what is wrong with it is an error. */
  function budgets(given: unknown): ProjectBudget[] {
    const before = problems.length;
    if (given !== undefined && !Array.isArray(given)) wrong(["budgets"], "expected a list; it is left out.");
    const found = (Array.isArray(given) ? given : []).flatMap((one: unknown, i): ProjectBudget[] => {
      const where = ["budgets", i];
      const { scenario, limits, ...plain } = isObject(one) ? one : {};
      const entry = good(isObject(one) ? plain : one, budgetSchemas, where);
      const own = good(scenario, partialScenarioSchemas, [...where, "scenario"]);
      for (const key of ["file", "limits"])
        if (isObject(one) && one[key] === undefined) wrong(where, `${key} is missing; the entry is left out.`);
      const inside = [...where, "limits"];
      const all = Object.entries(good(limits, limitSchemas, inside)) as [LimitWord, number | string][];
      if (typeof entry["file"] !== "string" || !isObject(limits)) return [];
      const stated = Object.keys(own).length > 0 ? { scenario: own } : {};
      const limitsRead = all.map(([figure, written]): Limit => {
        const most = readAmount(String(written), limitWords[figure].unit);
        const at = spanOf(nodeAt([...inside, figure]));
        return { figure, most: typeof most === "number" ? most : Number.NaN, written: String(written), span: at };
      });
      return [{ ...(entry as { file: string }), ...stated, limits: limitsRead, span: spanOf(nodeAt(where)) }];
    });
    for (let i = before; i < problems.length; i++)
      problems[i] = { ...(problems[i] as ProjectProblem), severity: "error" };
    return found;
  }
}

/**
 * A project for weighing what files were: its models are built as its older text said, undefined where it has not changed
 * and null where there was none. Scenario and devices stay today's, so that like is weighed with like.
 */
export function projectOfThen(project: Project, text: string | null | undefined): Project {
  if (text === undefined) return project;
  return { ...project, models: text === null ? [] : readProject(project.path, text).project.models };
}

const keys = Object.keys(projectSchema.shape).filter((key) => key !== "$schema");

/** `devices.my-card.memoryBytes`, `models[0].file`. */
function shown(where: readonly (string | number)[]): string {
  return where.reduce<string>(
    (text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`),
    "",
  );
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function uncapitalized(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
