/** Our own definitions of model families, as the Python package `assay.architectures`. */
import files from "python:src/configs/architectures";
import { runModule } from "../python/imports.ts";
import type { Interpreter } from "../python/interpreter.ts";
import type { PyModule } from "../python/values.ts";
import type { ClassDef, Module } from "../syntax/ast.ts";

const packageName = "assay.architectures";

/** A family's file: its classes, and which of them read which `model_type`. */
export interface FamilyFile {
  /** `assay.architectures.llama`. */
  readonly module: string;
  readonly classes: ReadonlySet<string>;
  /** Config classes by `model_type`. */
  readonly configs: ReadonlyMap<string, string>;
}

/** A module of the package; undefined for other names. */
export function architectureModule(py: Interpreter, name: string): PyModule | undefined {
  const file = fileOf(name);
  const tree = file === undefined ? undefined : files[file];
  return tree && runModule(py, name, tree, file?.endsWith("__init__.py") ? name : undefined);
}

/** The file that defines a model type: the one of that name, else the first that declares it. */
export function familyOf(modelType: string): FamilyFile | undefined {
  const own = familyFile(`${modelType.replaceAll("-", "_")}.py`);
  if (own?.configs.has(modelType)) return own;
  return familyFiles().find(({ configs }) => configs.has(modelType));
}

/** The file that defines a class such as `LlamaForCausalLM`. */
export function familyWithClass(name: string): FamilyFile | undefined {
  return familyFiles().find(({ classes }) => classes.has(name));
}

/** Every `model_type` that can be answered without a library's source. */
export function modelTypes(): string[] {
  return familyFiles().flatMap(({ configs }) => [...configs.keys()]);
}

function fileOf(name: string): string | undefined {
  if (name !== packageName && !name.startsWith(`${packageName}.`)) return undefined;
  const path = name.slice(packageName.length + 1).replaceAll(".", "/");
  return [`${path}.py`, path ? `${path}/__init__.py` : "__init__.py"].find((file) => file in files);
}

const known = new Map<string, FamilyFile>();

function familyFiles(): FamilyFile[] {
  const own = Object.keys(files).filter((file) => !file.includes("/") && file !== "__init__.py");
  return own.map((file) => familyFile(file) as FamilyFile);
}

function familyFile(file: string): FamilyFile | undefined {
  const before = known.get(file);
  const tree = files[file];
  if (before || !tree) return before;
  const classes = classesOf(tree);
  const configs = classes.flatMap((one) => modelTypeOf(one).map((type): [string, string] => [type, one.name]));
  const family: FamilyFile = {
    module: `${packageName}.${file.slice(0, -3)}`,
    classes: new Set(classes.map(({ name }) => name)),
    configs: new Map(configs),
  };
  known.set(file, family);
  return family;
}

function classesOf({ statements }: Module): ClassDef[] {
  return statements.flatMap(({ node }) => (node.kind === "ClassDef" ? [node] : []));
}

/** What `model_type = "…"` in the class's body says. */
function modelTypeOf({ body }: ClassDef): string[] {
  return body.flatMap((node) => {
    if (node.kind !== "Assign" || node.value.kind !== "Str") return [];
    return node.targets.some((one) => one.kind === "Name" && one.id === "model_type") ? [node.value.value] : [];
  });
}
