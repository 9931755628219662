/** Finding and running modules. */
import { Unknown } from "../base/unknown.ts";
import type { Module } from "../syntax/ast.ts";
import { runStatements } from "./compile/modules.ts";
import { PyError, raise } from "./errors.ts";
import type { Interpreter } from "./interpreter.ts";
import { nativeModules, pythonModules, thirdParty } from "./library/index.ts";
import { PyList, PyModule, type Value } from "./values.ts";

/**
 * The module of a dotted name, its parents imported first. Unknown where it is installed but its source is not at hand, or
 * where it is missing and nobody is prepared for that; raises ModuleNotFoundError inside `try … except ImportError`.
 */
export function importModule(py: Interpreter, name: string): PyModule | Unknown {
  let parent: PyModule | Unknown | undefined;
  const parts = name.split(".");
  for (let i = 1; i <= parts.length; i++) {
    const path = parts.slice(0, i).join(".");
    const module = load(py, path, parent);
    if (module instanceof PyModule && parent instanceof PyModule && !parent.attrs.has(parts[i - 1] as string))
      parent.attrs.set(parts[i - 1] as string, module);
    if (module instanceof Unknown) return module;
    parent = module;
  }
  return parent as PyModule;
}

/** A module inside a package, as `from package import name` finds it; undefined where there is none. */
export function submodule(py: Interpreter, parent: PyModule, name: string): PyModule | undefined {
  const path = `${parent.name}.${name}`;
  if (!py.modules.has(path) && !find(py, path, parent)) return undefined;
  const module = importModule(py, path);
  return module instanceof PyModule ? module : undefined;
}

type Found = () => PyModule;

function load(py: Interpreter, name: string, parent: PyModule | Unknown | undefined): PyModule | Unknown {
  const known = py.modules.get(name);
  if (known) return known;
  const found = find(py, name, parent);
  if (found) {
    const module = found();
    // A module may replace itself in sys.modules, as transformers' lazy ones do.
    return py.modules.get(name) ?? module;
  }
  const [top = name] = name.split(".");
  const { installed } = py.environment;
  if (parent instanceof PyModule) {
    const own = parent.attrs.get(name.slice(name.lastIndexOf(".") + 1));
    if (own instanceof PyModule) return own;
    if (parent.open || parent.path === "") return parent.open ?? missing(py, name);
    return missing(py, name);
  }
  return installed.has(top) ? py.unknown(`the source of ${top} was not found`) : missing(py, name);
}

function missing(py: Interpreter, name: string): Unknown {
  if (py.importGuards > 0) raise("ModuleNotFoundError", `No module named '${name}'`);
  return py.unknown(`${name} is not installed`);
}

/** Where a module comes from: a library of ours, the standard library, or a file on the import path. */
export function find(py: Interpreter, name: string, parent: PyModule | Unknown | undefined): Found | undefined {
  const stub = findStub(py, name);
  if (stub) return stub;
  const library = py.hooks.library(py, name);
  if (library) return () => library;
  const [top = name] = name.split(".");
  if (!thirdParty.has(top) || py.environment.installed.has(top)) {
    const native = nativeModules.get(name);
    if (native) return () => nativeModule(py, name, native(py));
    const tree = pythonModules.get(name);
    if (tree) return () => runModule(py, name, tree);
  }
  return findSource(py, name, folders(py, name, parent)) ?? stubFolder(py, name);
}

/** The user's own stub of a module. */
function findStub(py: Interpreter, name: string): Found | undefined {
  for (const folder of py.environment.stubs ?? []) {
    const base = `${folder}/${name.replaceAll(".", "/")}`;
    for (const path of [`${base}/__init__.py`, `${base}.py`]) {
      const tree = py.sources.module(path);
      if (tree) return () => runModule(py, name, tree, path.endsWith("/__init__.py") ? base : undefined);
    }
  }
  return undefined;
}

/** A package of which only modules inside it have stubs. */
function stubFolder(py: Interpreter, name: string): Found | undefined {
  const folder = py.environment.stubs
    ?.map((one) => `${one}/${name.replaceAll(".", "/")}`)
    .find((one) => py.sources.folder(one));
  return folder === undefined ? undefined : () => namespacePackage(py, name, folder);
}

/** A module's own file in one of the folders given, whatever stands in for it elsewhere. */
export function findSource(py: Interpreter, name: string, among: readonly string[]): Found | undefined {
  for (const folder of among) {
    const base = `${folder}${folder ? "/" : ""}${name.slice(name.lastIndexOf(".") + 1)}`;
    for (const path of [`${base}/__init__.py`, `${base}.py`]) {
      const tree = py.sources.module(path);
      if (tree) return () => runModule(py, name, tree, path.endsWith("/__init__.py") ? base : undefined);
    }
    // A folder without __init__.py is a package too.
    if (py.sources.folder(base)) return () => namespacePackage(py, name, base);
  }
  return undefined;
}

/** The module that a stub stands for, run from its own file beside the stub; undefined where there is none. */
export function originalModule(py: Interpreter, name: string): PyModule | undefined {
  const known = (py.extensions.get("originals") as Map<string, PyModule> | undefined) ?? new Map<string, PyModule>();
  py.extensions.set("originals", known);
  const before = known.get(name);
  if (before) return before;
  const stub = py.modules.get(name);
  const found = findSource(py, name, folders(py, name, py.modules.get(name.split(".").slice(0, -1).join("."))));
  if (!found) return undefined;
  try {
    const module = found();
    known.set(name, module);
    return module;
  } finally {
    if (stub) py.modules.set(name, stub);
  }
}

function folders(py: Interpreter, name: string, parent: PyModule | Unknown | undefined): readonly string[] {
  if (!name.includes(".")) return py.environment.roots;
  const path = parent instanceof PyModule ? parent.attrs.get("__path__") : undefined;
  return path instanceof PyList ? path.items.filter((item) => typeof item === "string") : [];
}

/** A package without a file of its own. */
export function namespacePackage(py: Interpreter, name: string, folder: string): PyModule {
  const module = new PyModule(
    name,
    "",
    new Map<string, Value>([
      ["__name__", name],
      ["__path__", new PyList([folder])],
      ["__package__", name],
    ]),
  );
  py.modules.set(name, module);
  return module;
}

/** A module whose names are natives. */
export function nativeModule(py: Interpreter, name: string, names: Readonly<Record<string, Value>>): PyModule {
  const module = new PyModule(
    name,
    "",
    new Map<string, Value>([["__name__", name], ["__package__", name], ["__doc__", null], ...Object.entries(names)]),
  );
  py.modules.set(name, module);
  return module;
}

/** Runs a file as a module. `folder` is set for a package's `__init__.py`. */
export function runModule(py: Interpreter, name: string, tree: Module, folder?: string): PyModule {
  const module = new PyModule(
    name,
    tree.path,
    new Map<string, Value>([
      ["__name__", name],
      ["__file__", tree.path],
      ["__package__", folder ? name : name.split(".").slice(0, -1).join(".")],
      ["__doc__", null],
      ["__spec__", null],
    ]),
  );
  if (folder) module.attrs.set("__path__", new PyList([folder]));
  py.modules.set(name, module);
  const guards = py.importGuards;
  try {
    runStatements(py, module, tree.statements);
  } catch (error) {
    if (error instanceof PyError) py.modules.delete(name);
    throw error;
  } finally {
    py.importGuards = guards;
  }
  return module;
}
