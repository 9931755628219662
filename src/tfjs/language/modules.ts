/** Imports between files, and of packages that are known. */
import { Unknown } from "../../base/unknown.ts";
import type { Ranged, Script, Statement } from "../../syntax/script/ast.ts";
import { evaluate } from "./evaluate.ts";
import { hoist, step } from "./execute.ts";
import { named } from "./functions.ts";
import { type Machine, placeOf } from "./machine.ts";
import { get } from "./members.ts";
import { Scope, topFrame } from "./scope.ts";
import { JsObject, JsThrow, type Value } from "./values.ts";

/** Runs a file; gives its exports. What fails at the top level is told, and the statements behind it still run. */
export function runScript(machine: Machine, script: Script, failed?: (error: JsThrow) => void): JsObject {
  const exports = machine.object();
  machine.modules.set(script.path, exports);
  const frame = topFrame();
  const scope = new Scope(undefined, script, frame, true);
  const module = machine.object([["exports", exports]]);
  scope.names.set("module", module).set("exports", exports);
  machine.scopes.set(script.path, scope);
  hoist(machine, script.body, scope);
  for (const statement of script.body) {
    const { length } = machine.calls;
    const { depth } = machine.budget;
    machine.calls.push({ script, node: statement });
    try {
      step(machine, statement, scope);
    } catch (error) {
      if (!(error instanceof JsThrow)) throw error;
      failed?.(error);
      machine.remark("failure", error.text);
      forget(statement, error, scope);
    } finally {
      machine.calls.length = length;
      machine.budget.depth = depth;
    }
  }
  const own = module.props.get("exports");
  if (own instanceof JsObject && own !== exports) machine.modules.set(script.path, own);
  return machine.modules.get(script.path) ?? exports;
}

/** Names whose statement failed hold what is not known. */
function forget(statement: Statement, error: JsThrow, scope: Scope): void {
  const declared = statement.kind === "Export" ? statement.declaration : statement;
  if (declared?.kind !== "Variable") return;
  for (const { target } of declared.declarations) {
    if (target.kind === "Name" && !scope.names.has(target.name))
      scope.names.set(target.name, new Unknown(error.text, placeOf(scope.script, declared)));
  }
}

export function importStatement(machine: Machine, node: Statement & { kind: "Import" }, scope: Scope): void {
  const found = importValue(machine, scope.script, node.from, node);
  for (const { imported, local } of node.names) scope.names.set(local, part(machine, found, imported));
}

function part(machine: Machine, found: Value, name: string): Value {
  if (found instanceof Unknown || name === "*") return found;
  if (name === "default" && found instanceof JsObject && !found.has("default")) return found;
  return get(machine, found, name);
}

export function exportStatement(machine: Machine, node: Statement & { kind: "Export" }, scope: Scope): void {
  const exports = machine.modules.get(scope.script.path) ?? machine.object();
  const { declaration, names, from } = node;
  if (from !== undefined) {
    const found = importValue(machine, scope.script, from, node);
    for (const { imported, local } of names) {
      if (imported === "*" && local === "*") {
        if (found instanceof JsObject) for (const [key, value] of found.props) exports.props.set(key, value);
        else if (found instanceof Unknown) exports.otherwise = found;
      } else exports.props.set(local, part(machine, found, imported));
    }
    return;
  }
  for (const { imported, local } of names) exports.props.set(local, scope.holder(imported)?.names.get(imported));
  if (!declaration) return;
  if (node.isDefault && declaration.kind === "Expression") {
    exports.props.set("default", named(evaluate(machine, declaration.value, scope), "default"));
    return;
  }
  step(machine, declaration, scope);
  for (const name of namesOf(declaration)) {
    exports.props.set(node.isDefault ? "default" : name, scope.names.get(name));
  }
}

function namesOf(node: Statement): string[] {
  switch (node.kind) {
    case "FunctionDeclaration":
    case "ClassDeclaration":
      return node.value.name === undefined ? [] : [node.value.name];
    case "Enum":
      return [node.name];
    case "Variable":
      return node.declarations.flatMap(({ target }) => {
        if (target.kind === "Name") return [target.name];
        if (target.kind !== "ObjectPattern") return [];
        return target.members.flatMap(({ value }) => (value.kind === "Name" ? [value.name] : []));
      });
    default:
      return [];
  }
}

/** What `import` or `require` gives for a name. */
export function importValue(machine: Machine, script: Script, from: string, at: Ranged): Value {
  for (const [pattern, make] of machine.packages) if (pattern.test(from)) return make();
  if (!from.startsWith(".") && !from.startsWith("/")) return new Unknown(`${from} is not read`, placeOf(script, at));
  const path = resolved(machine, script.path, from);
  if (path === undefined) return new Unknown(`there is no file ${from}`, placeOf(script, at));
  const known = machine.modules.get(path);
  if (known) return known;
  const text = machine.files.text(path) ?? "";
  if (path.endsWith(".json")) {
    const value = jsonValue(machine, text);
    if (value instanceof JsObject) machine.modules.set(path, value);
    return value;
  }
  return runScript(machine, machine.files.parse(path, text));
}

const endings = ["", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".mts", ".cjs", ".vue", ".svelte", ".json"];

function resolved(machine: Machine, importer: string, from: string): string | undefined {
  const base = joined(importer, from);
  const bases = [base, base.replace(/\.([mc]?)jsx?$/, ".$1ts"), base.replace(/\.jsx?$/, ".tsx")];
  for (const one of new Set(bases)) {
    for (const ending of endings) {
      const path = one + ending;
      if (/\.\w+$/.test(path) && machine.files.text(path) !== undefined) return path;
    }
  }
  return endings
    .slice(1)
    .map((ending) => `${base}/index${ending}`)
    .find((path) => machine.files.text(path) !== undefined);
}

function joined(importer: string, from: string): string {
  if (from.startsWith("/")) return from;
  const parts = importer.split("/").slice(0, -1);
  for (const one of from.split("/")) {
    if (one === "..") parts.pop();
    else if (one !== "." && one !== "") parts.push(one);
  }
  return parts.join("/");
}

/** JSON text as a value of the program; unknown where it is none. */
export function jsonValue(machine: Machine, text: string): Value {
  try {
    return fromJson(machine, JSON.parse(text));
  } catch {
    return machine.unknown("the JSON does not parse");
  }
}

export function fromJson(machine: Machine, value: unknown): Value {
  if (Array.isArray(value)) return machine.array(value.map((one) => fromJson(machine, one)));
  if (typeof value === "object" && value !== null)
    return machine.object(Object.entries(value).map(([key, one]) => [key, fromJson(machine, one)] as const));
  return value as Value;
}
