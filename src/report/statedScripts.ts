/** Models of a script that a comment or `assay.json` says how to build: `// assay: createModel(10)(float32[B, 28, 28, 1])`. */
import type { Place } from "../base/place.ts";
import { type AskedScenario, decided, type Scenario } from "../base/scenario.ts";
import type { Project } from "../configs/project/project.ts";
import { isSilence } from "../evidence/directive.ts";
import { scenarioNames } from "../evidence/names.ts";
import { pathOf } from "../evidence/project.ts";
import type { Expression, Script } from "../syntax/script/ast.ts";
import { scriptDirectives } from "../syntax/script/directives.ts";
import type { DType } from "../tensor/dtype.ts";
import { integer, type Size, showSize } from "../tensor/size.ts";
import type { FoundModel } from "../tfjs/find.ts";
import { call, construct } from "../tfjs/language/calls.ts";
import { evaluate } from "../tfjs/language/evaluate.ts";
import { Accessor, isNullish, JsFunction, JsObject, JsPromise, type Value } from "../tfjs/language/values.ts";
import { guarded, isStop, type Program } from "../tfjs/program.ts";
import { symbolicInputs } from "../tfjs/run.ts";
import { isModel } from "../tfjs/tree.ts";
import { parseTensor } from "../torch/session.ts";
import type { Asked } from "./request.ts";

/** An input as somebody wrote it. */
export interface StatedInput {
  readonly dtype: DType;
  readonly shape: readonly Size[];
}

/** A model with what was said of it. */
export interface StatedModel extends FoundModel {
  readonly evidence: { readonly kind: "comment" | "project"; readonly text: string; readonly at: Place };
  /** Undefined: the model's own inputs, in the scenario's sizes. */
  readonly inputs: readonly StatedInput[] | undefined;
  readonly scenario: Scenario;
  /** The function, class or variable that it comes from, which needs no guess any more. */
  readonly origin: string;
}

interface Said {
  readonly kind: "comment" | "project";
  readonly text: string;
  readonly inputs: readonly string[] | undefined;
  readonly at: Place;
  readonly name: string | undefined;
  readonly scenario: Scenario;
}

/** The models that are said of a file that has run, and what of it cannot be followed. */
export function statedModels(
  program: Program,
  script: Script,
  project: Project | undefined,
  asked: Pick<Asked, "scenario" | "change">,
): { models: StatedModel[]; problems: { readonly at: Place; readonly problem: string }[] } {
  const models: StatedModel[] = [];
  const problems: { at: Place; problem: string }[] = [];
  for (const said of [...commentsOf(script, decided(asked.scenario)), ...entriesOf(project, script.path, asked)]) {
    const found = follow(program, script, said);
    if (typeof found === "string") problems.push({ at: said.at, problem: found });
    else if (!models.some(({ origin }) => origin === found.origin && said.name === undefined)) models.push(found);
  }
  return { models, problems };
}

function commentsOf(script: Script, scenario: Scenario): Said[] {
  return scriptDirectives(script)
    .filter(({ text }) => !isSilence(text))
    .map(({ text, span }) => {
      const at = { path: script.path, ...span };
      return { kind: "comment", text, inputs: undefined, at, name: undefined, scenario };
    });
}

function entriesOf(project: Project | undefined, path: string, asked: Pick<Asked, "scenario" | "change">): Said[] {
  return (project?.models ?? []).flatMap((entry): Said[] => {
    if (!project || pathOf(project, entry.file) !== path) return [];
    const { model, inputs, name, span } = entry;
    const listed = inputs === undefined || Array.isArray(inputs) ? inputs : Object.values(inputs);
    const scenario = decided({ ...asked.scenario, ...entry.scenario, ...asked.change } as AskedScenario);
    return [{ kind: "project", text: model, inputs: listed, at: { path: project.path, ...span }, name, scenario }];
  });
}

/** The model, or why there is none. */
function follow(program: Program, script: Script, said: Said): StatedModel | string {
  const { machine, layers } = program;
  const scope = machine.scopes.get(script.path);
  const parsed = machine.files.parse("assay:/said.js", said.text);
  const [statement] = parsed.body;
  if (statement?.kind !== "Expression" || parsed.problems.length > 0 || !scope)
    return `cannot be read: ${said.text}. Write it as createModel(arguments)(float32[B, 28, 28, 1])`;
  const { value: whole } = statement;
  const runs = whole.kind === "Call" && whole.callee.kind === "Call" && said.inputs === undefined;
  const build = runs ? whole.callee : whole;
  const origin = firstName(build);
  if (origin === undefined) return `expects a function, a class or a variable by name, not ${said.text}`;
  if (!scope.names.has(origin)) return `${origin} is not defined in this file`;
  const textOf = ({ start, end }: Expression) => said.text.slice(start, end);
  const texts = runs ? whole.args.map(textOf) : said.inputs;
  const names = scenarioNames(said.scenario);
  const inputs = texts?.map((text) => parseTensor(text, names));
  const unread = inputs?.findIndex((one) => one === undefined) ?? -1;
  if (unread >= 0) return `${texts?.[unread]} is no input such as float32[B, 28, 28, 1]`;
  const from = machine.remarks.length;
  const before = layers.models.length;
  const made = guarded(program, () => modelOf(program, evaluate(machine, build, scope), before));
  if (isStop(made)) return `${textOf(build)} fails: ${made.reason}`;
  if (!made) return `${textOf(build)} gives no model`;
  const given = inputs?.flatMap((one) => one ?? []);
  const refused = given && mismatch(program, made, given);
  if (refused) return refused;
  return {
    name: said.name ?? origin,
    at: said.at,
    model: made,
    guessed: undefined,
    remarks: machine.remarks.slice(from),
    evidence: { kind: said.kind, text: textOf(build), at: said.at },
    inputs: given,
    scenario: said.scenario,
    origin,
  };
}

/** What an expression gives as a model: itself, what a function without arguments makes, or the one that was made on the way. */
function modelOf(program: Program, value: Value, before: number): JsObject | undefined {
  const { machine, layers } = program;
  const own = value instanceof JsPromise ? value.value : value;
  if (isModel(own)) return own;
  if (own instanceof JsFunction)
    return modelOf(
      program,
      own.isClass ? construct(machine, own, []) : call(machine, own, undefined, []),
      layers.models.length,
    );
  const values = own instanceof JsObject ? [...own.props.values()] : [];
  const held = values.flatMap((one) => (!(one instanceof Accessor) && isModel(one) ? [one] : []));
  return held[0] ?? layers.models.at(before)?.model;
}

/** Why the inputs are not what the model declares. */
function mismatch(program: Program, model: JsObject, given: readonly StatedInput[]): string | undefined {
  const declared = symbolicInputs(program, model);
  if (declared.length === 0) return undefined;
  if (declared.length !== given.length) return `the model takes ${declared.length} inputs, not ${given.length}`;
  for (const [i, { shape }] of declared.entries()) {
    const sizes = given[i]?.shape ?? [];
    const fits =
      sizes.length === shape.length &&
      shape.every((size, axis) => isNullish(size) || typeof size !== "number" || integer(sizes[axis] ?? 0) === size);
    if (!fits) {
      const wanted = shape.map((size, axis) => (typeof size === "number" ? size : axis === 0 ? "B" : "?"));
      return `the model takes [${wanted.join(", ")}], not [${sizes.map(showSize).join(", ")}]`;
    }
  }
  return undefined;
}

function firstName(node: Expression): string | undefined {
  if (node.kind === "Name") return node.name;
  if (node.kind === "Call") return firstName(node.callee);
  return node.kind === "Member" ? firstName(node.object) : undefined;
}
