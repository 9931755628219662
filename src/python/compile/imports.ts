import { Unknown } from "../../base/unknown.ts";
import type { Statement } from "../../syntax/ast.ts";
import { findAttribute } from "../attributes.ts";
import { Completion, type Execute, type Frame } from "../code.ts";
import { raise } from "../errors.ts";
import { importModule, submodule } from "../imports.ts";
import { toArray } from "../iteration.ts";
import type { PyModule, Value } from "../values.ts";
import { compileStore } from "./names.ts";
import type { Scope } from "./scope.ts";

export function compileImport(node: Statement & { kind: "Import" }, scope: Scope): Execute {
  const parts = node.names.map(({ name, asname }) => ({
    name,
    asname,
    store: compileStore(asname ?? (name.split(".")[0] as string), scope),
  }));
  return (f) => {
    for (const { name, asname, store } of parts) {
      f.at = node;
      const module = importModule(f.py, name);
      store(
        f,
        asname || module instanceof Unknown
          ? asname
            ? module
            : (f.py.modules.get(name.split(".")[0] as string) ?? module)
          : importModule(f.py, name.split(".")[0] as string),
      );
    }
    return Completion.Next;
  };
}

export function compileImportFrom(node: Statement & { kind: "ImportFrom" }, scope: Scope): Execute {
  const { module: name, level, names } = node;
  if (names === "*") {
    return (f) => {
      f.at = node;
      importStar(f, importModule(f.py, absolute(f, name, level)));
      return Completion.Next;
    };
  }
  const stores = names.map(({ name: item, asname }) => ({ item, store: compileStore(asname ?? item, scope) }));
  return (f) => {
    f.at = node;
    const path = absolute(f, name, level);
    const module = importModule(f.py, path);
    for (const { item, store } of stores) {
      f.at = node;
      store(f, member(f, module, item, path));
    }
    return Completion.Next;
  };
}

function member(f: Frame, module: PyModule | Unknown, name: string, path: string): Value {
  if (module instanceof Unknown) return module;
  const own = findAttribute(f.py, module, name);
  if (own !== undefined) return own;
  const sub = submodule(f.py, module, name);
  if (sub !== undefined) return sub;
  if (module.open) return module.open;
  const why = `cannot import name '${name}' from '${path}'`;
  return f.py.importGuards > 0 ? raise("ImportError", why) : f.py.unknown(why);
}

/** The dotted name that a relative import means. */
function absolute(f: Frame, name: string, level: number): string {
  if (level === 0) return name;
  const own = f.module.name.split(".");
  const isPackage = f.module.path.endsWith("__init__.py");
  const base = own.slice(0, own.length - level + (isPackage ? 1 : 0));
  if (base.length === 0 && own.length < level) return name;
  return [...base, ...(name ? [name] : [])].join(".");
}

function importStar(f: Frame, module: PyModule | Unknown): void {
  const into = f.names ?? f.module.attrs;
  if (module instanceof Unknown) {
    f.module.open ??= module;
    return;
  }
  const listed = module.attrs.get("__all__");
  if (listed !== undefined && !(listed instanceof Unknown)) {
    for (const name of toArray(f.py, listed)) {
      if (typeof name !== "string") continue;
      const own = findAttribute(f.py, module, name);
      const value = own === undefined ? submodule(f.py, module, name) : own;
      if (value !== undefined) into.set(name, value);
    }
  } else for (const [name, value] of module.attrs) if (!name.startsWith("_")) into.set(name, value);
  if (module.open) f.module.open ??= module.open;
}
