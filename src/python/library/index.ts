/** The standard library, and the packages that are served natively: by module name. */
import files from "python:src/python/library";
import type { Module } from "../../syntax/ast.ts";
import { abc } from "./abc.ts";
import { assay } from "./assay.ts";
import { ast } from "./ast.ts";
import { builtinsModule } from "./builtinsModule.ts";
import { dataclassFields } from "./dataclassFields.ts";
import { functools } from "./functools.ts";
import { inspect } from "./inspect.ts";
import { fileIo } from "./io.ts";
import { itertools } from "./itertools.ts";
import { json } from "./json.ts";
import { math } from "./math.ts";
import { metadata } from "./metadata.ts";
import type { NativeModule } from "./nativeModule.ts";
import { numpy } from "./numpy/index.ts";
import { openModules } from "./openModules.ts";
import { operator } from "./operator.ts";
import { random } from "./random.ts";
import { re } from "./re.ts";
import { sys } from "./sys.ts";
import { time } from "./time.ts";
import { types } from "./types.ts";
import { yaml } from "./yaml.ts";

const all: readonly NativeModule[] = [
  ...[
    abc,
    assay,
    ast,
    dataclassFields,
    fileIo,
    functools,
    inspect,
    itertools,
    json,
    math,
    metadata,
    operator,
    random,
    re,
    sys,
    time,
    types,
    yaml,
  ],
  builtinsModule,
  ...openModules,
  ...numpy,
];

/** What a native module's names stand for. */
export const nativeModules: ReadonlyMap<string, NativeModule["build"]> = new Map(
  all.map(({ name, build }) => [name, build]),
);

/** The modules written in Python, each parsed when it is first asked for. */
export const pythonModules = {
  get(name: string): Module | undefined {
    const path = name.replaceAll(".", "/");
    return files[`${path}.py`] ?? files[`${path}/__init__.py`];
  },
};

/** Top-level names of packages served here that are no part of Python: they are found only where they are installed. */
export const thirdParty: ReadonlySet<string> = new Set(["numpy", "typing_extensions", "yaml"]);
