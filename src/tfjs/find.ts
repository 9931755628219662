/** The models of a file: those that its top level makes, and those that its functions and classes make when they are called. */
import type { Place } from "../base/place.ts";
import { Unknown } from "../base/unknown.ts";
import type { Script } from "../syntax/script/ast.ts";
import { call, construct } from "./language/calls.ts";
import { placeOf, type Remark } from "./language/machine.ts";
import { get, keysOf } from "./language/members.ts";
import { runScript } from "./language/modules.ts";
import { JsArray, JsFunction, JsObject, JsPromise, type JsThrow, type Value } from "./language/values.ts";
import { guarded, isStop, type Program } from "./program.ts";
import { isModel } from "./tree.ts";

export interface FoundModel {
  /** The variable that holds it, or the function that makes it. */
  readonly name: string;
  readonly at: Place;
  readonly model: JsObject;
  /** The call that made it with arguments that are not known; undefined: nothing was guessed. */
  readonly guessed: string | undefined;
  /** What was assumed or not understood until it was made. */
  readonly remarks: readonly Remark[];
}

export interface Found {
  readonly models: readonly FoundModel[];
  /** Why the top level did not come to its end. */
  readonly stopped: string | undefined;
  /** Statements of the top level that failed. */
  readonly errors: readonly JsThrow[];
  /** Models that got no layer, and why, a sentence each. */
  readonly unbuilt: readonly string[];
}

/** Code that may make a model. */
const likely = /\b(sequential|layers|model|loadLayersModel)\b|model/i;
const mostCalls = 100;

export function findModels(program: Program, script: Script): Found {
  const { machine, layers } = program;
  const names = new Map<JsObject, { name: string; at: Place; isTop: boolean }>();
  const functions = new Set<JsFunction>();
  const errors: JsThrow[] = [];
  machine.assigned = (scope, name, at, value) => {
    if (scope.script.path !== script.path) return;
    const own = value instanceof JsPromise ? value.value : value;
    if (!isModel(own)) return;
    const isTop = scope.parent === undefined;
    const before = names.get(own);
    if (!before || (isTop && !before.isTop)) names.set(own, { name, at: placeOf(script, at), isTop });
  };
  machine.defined = (func, from) => {
    if (from.path === script.path && !func.isMethod) functions.add(func);
  };
  const run = guarded(program, () => runScript(machine, script, (error) => errors.push(error)));
  const found: FoundModel[] = [];
  const unbuilt: string[] = [];
  let before: readonly Remark[] = [];
  const add = (from: number, first: number | undefined, guessed: string | undefined, fallback: string) => {
    for (const { model, at, calls, remarks: until } of layers.models.slice(from)) {
      const place = at?.path === script.path ? at : calls.find(({ path }) => path === script.path);
      const named = names.get(model);
      if (!place) continue;
      if (isEmpty(model)) {
        const reason = machine.tainted.get(model) ?? machine.remarks.at(-1)?.reason;
        if (reason !== undefined)
          unbuilt.push(`Line ${place.line + 1}: ${named?.name ?? fallback} could not be built: ${reason}`);
        continue;
      }
      const name = (first === undefined ? named?.name : undefined) ?? (fallback || named?.name || "model");
      const remarks = [...before, ...machine.remarks.slice(first ?? 0, until), ...unfinished(program, model, place)];
      found.push({ name, at: named?.at ?? place, model, guessed, remarks });
    }
  };
  add(0, undefined, undefined, "model");
  before = machine.remarks.filter(({ kind }) => kind !== "assumption");
  let calls = 0;
  const look = (func: JsFunction) => {
    if (machine.called.has(func) || machine.budget.exhausted || calls > mostCalls) return;
    const text = func.node ? script.text.slice(func.node.start, func.node.end) : "";
    if (!likely.test(text)) return;
    calls++;
    const from = layers.models.length;
    const first = machine.remarks.length;
    const args = Array.from({ length: func.required ?? 0 }, (_, i) => guess(func, i));
    const shown = `${func.isClass ? "new " : ""}${func.name}(${args.length > 0 ? "…" : ""})`;
    const given = guarded(program, () =>
      func.isClass ? construct(machine, func, args) : call(machine, func, undefined, args),
    );
    if (isStop(given)) for (const { model } of layers.models.slice(from)) machine.tainted.set(model, given.reason);
    if (func.isClass && given instanceof JsObject && layers.models.length === from) callMakers(program, given);
    add(from, first, args.length > 0 ? shown : undefined, func.name);
  };
  // What is called may define more, which are looked at in their turn.
  for (const func of functions) look(func);
  for (const cls of classesOf(program, script)) look(cls);
  return { models: distinct(found), stopped: isStop(run) ? run.reason : undefined, errors, unbuilt };
}

function isEmpty(model: JsObject): boolean {
  const layers = model.props.get("layers");
  return !(layers instanceof JsArray) || layers.items.length === 0;
}

/** What was to be done to a model and was not followed. */
function unfinished({ machine }: Program, model: JsObject, at: Place): Remark[] {
  const reason = machine.tainted.get(model);
  return reason === undefined ? [] : [{ kind: "failure", reason, at, moment: 0 }];
}

function guess(func: JsFunction, index: number): Value {
  return new Unknown(`what ${func.name} is given as its parameter ${index + 1} is not known`);
}

/** Methods whose name says that they make a model. */
function callMakers(program: Program, object: JsObject): void {
  const { machine, layers } = program;
  const from = layers.models.length;
  for (let proto = object.proto; proto; proto = proto.proto) {
    for (const key of keysOf(proto)) {
      const method = proto.props.get(key);
      if (!(method instanceof JsFunction) || !/model|build|create|init|make|network/i.test(key)) continue;
      if (layers.models.length > from) return;
      guarded(program, () =>
        call(
          machine,
          get(machine, object, key),
          object,
          new Array<Value>(method.required ?? 0).fill(machine.unknown("it is not known")),
        ),
      );
    }
  }
}

function classesOf({ machine }: Program, script: Script): JsFunction[] {
  return [...machine.classes].flatMap(([cls, { path }]) => (path === script.path && cls.isClass ? [cls] : []));
}

/** Of models with one name the first keeps it. Those that are a part of another come behind. */
function distinct(found: readonly FoundModel[]): FoundModel[] {
  const taken = new Map<string, number>();
  const inside = new Set(found.flatMap(({ model }) => parts(model)));
  const ordered = [
    ...found.filter(({ model }) => !inside.has(model)),
    ...found.filter(({ model }) => inside.has(model)),
  ];
  return ordered.map((one) => {
    const count = (taken.get(one.name) ?? 0) + 1;
    taken.set(one.name, count);
    return count === 1 ? one : { ...one, name: `${one.name} (${count})` };
  });
}

/** The models among a model's layers, at any depth. */
export function parts(model: JsObject): JsObject[] {
  const layers = model.props.get("layers");
  if (!(layers instanceof JsArray)) return [];
  return layers.items.flatMap((layer) => (isModel(layer) ? [layer, ...parts(layer)] : []));
}
