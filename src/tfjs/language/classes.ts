/** Classes of the program. */
import { Unknown } from "../../base/unknown.ts";
import type { ClassMember, ClassNode, Expression, FunctionNode } from "../../syntax/script/ast.ts";
import { blank, call, construct } from "./calls.ts";
import { evaluate } from "./evaluate.ts";
import { functionValue, invoke, named, required } from "./functions.ts";
import { isLibrary, type Machine, placeOf } from "./machine.ts";
import { keyOf } from "./members.ts";
import { Scope } from "./scope.ts";
import { Accessor, JsFunction, JsObject, type Value } from "./values.ts";

export function classValue(machine: Machine, node: ClassNode, outer: Scope): Value {
  const scope = outer.inner();
  const parent = node.heritage && evaluate(machine, node.heritage, scope);
  const isDerived = node.heritage !== undefined;
  const prototype = new JsObject(prototypeOf(machine, parent, isDerived));
  const written = node.members.find(
    ({ kind, isStatic, key }) => kind === "method" && !isStatic && key === "constructor",
  );
  const body = written?.value?.kind === "Function" ? written.value : undefined;
  const cls: JsFunction = new JsFunction(
    node.name ?? "",
    () => machine.fail(`Class constructor ${cls.name} cannot be invoked without 'new'`, "TypeError"),
    parent instanceof JsFunction ? parent : machine.prototypes.function,
  );
  cls.isClass = true;
  cls.node = node;
  cls.required = body ? required(body.params) : parent instanceof JsFunction ? parent.required : 0;
  prototype.props.set("constructor", cls);
  cls.props.set("prototype", prototype);
  if (node.name !== undefined) scope.names.set(node.name, cls);
  if (!isLibrary(scope.script)) machine.classes.set(cls, placeOf(scope.script, node.nameAt));
  const fields = fieldsOf(machine, node, scope, prototype, cls);
  machine.fieldsOf.set(cls, fields);
  cls.construct = (args, newTarget) => {
    if (!isDerived) {
      const self = blank(machine, newTarget);
      fields(self);
      if (!body) return self;
      const { value } = invoke(machine, body, scope, cls, { home: prototype }, self, args, newTarget);
      return value instanceof JsObject ? value : self;
    }
    if (!body) {
      const self =
        parent instanceof JsFunction
          ? construct(machine, parent, args, newTarget)
          : unknownChild(machine, newTarget, parent);
      fields(self);
      return self;
    }
    const role = { home: prototype, derived: true };
    const begun = parent instanceof JsFunction ? undefined : unknownChild(machine, newTarget, parent);
    const { value, self } = invoke(machine, body, scope, cls, role, begun, args, newTarget);
    return value instanceof JsObject ? value : self;
  };
  for (const member of node.members) addMember(machine, member, scope, member.isStatic ? cls : prototype, cls);
  return cls;
}

function prototypeOf(machine: Machine, parent: Value, isDerived: boolean): JsObject | null {
  const found = parent instanceof JsFunction ? parent.find("prototype") : undefined;
  if (found instanceof JsObject) return found;
  const own = new JsObject(machine.prototypes.object);
  if (isDerived) own.otherwise = parent instanceof Unknown ? parent : machine.unknown("the parent class is not known");
  return own;
}

/** An object of a class whose parent is not known. */
function unknownChild(machine: Machine, newTarget: JsFunction, parent: Value): JsObject {
  const self = blank(machine, newTarget);
  self.otherwise = parent instanceof Unknown ? parent : machine.unknown("the parent class is not known");
  return self;
}

/** Gives a new object the fields that the class declares. */
function fieldsOf(
  machine: Machine,
  node: ClassNode,
  scope: Scope,
  home: JsObject,
  func: JsFunction,
): (self: Value) => void {
  const members = node.members.filter(({ kind, isStatic }) => kind === "field" && !isStatic);
  return (self) => {
    if (!(self instanceof JsObject)) return;
    for (const { key, value } of members) {
      const frame = { self, waiting: false, home, func, newTarget: undefined, yielded: undefined };
      const inner = new Scope(scope, scope.script, frame, true);
      const name = nameOf(machine, key, inner);
      // A field that is only declared says its type: what the constructor of a parent put there stays.
      if (value === undefined && name !== undefined && self.props.has(name)) continue;
      if (name !== undefined) self.props.set(name, value && named(evaluate(machine, value, inner), name));
    }
  };
}

function addMember(
  machine: Machine,
  { kind, isStatic, key, value }: ClassMember,
  scope: Scope,
  home: JsObject,
  func: JsFunction,
): void {
  if (kind === "field" && !isStatic) return;
  const name = nameOf(machine, key, scope);
  if (name === undefined || (kind === "method" && !isStatic && name === "constructor")) return;
  if (kind === "field" || kind === "block") {
    const frame = { self: func, waiting: false, home, func, newTarget: undefined, yielded: undefined };
    const inner = new Scope(scope, scope.script, frame, true);
    if (kind === "field") home.props.set(name, value && named(evaluate(machine, value, inner), name));
    else if (value?.kind === "Function") call(machine, functionValue(machine, value, inner, { home }), func, []);
    return;
  }
  if (value?.kind !== "Function") return;
  const method = functionValue(machine, { ...(value as FunctionNode), name: undefined }, scope, { home });
  method.name = name;
  if (kind === "method") {
    home.props.set(name, method);
    return;
  }
  const before = home.props.get(name);
  const [getter, setter] = before instanceof Accessor ? [before.get, before.set] : [undefined, undefined];
  home.props.set(name, kind === "get" ? new Accessor(method, setter) : new Accessor(getter, method));
}

function nameOf(machine: Machine, key: string | Expression, scope: Scope): string | undefined {
  if (typeof key === "string") return key;
  const name = keyOf(evaluate(machine, key, scope));
  return name instanceof Unknown ? undefined : name;
}
