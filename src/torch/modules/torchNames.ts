/** What `torch` holds besides functions of tensors: classes, dtypes, constants, and names that live in Python files. */
import { getAttribute } from "../../python/attributes.ts";
import { raise } from "../../python/errors.ts";
import { find, importModule } from "../../python/imports.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import { native } from "../../python/native.ts";
import { PyModule, type Value } from "../../python/values.ts";
import { type DType, dtypes } from "../../tensor/dtype.ts";
import { Float } from "../../tensor/scalar.ts";
import { legacyClasses } from "../legacy.ts";
import {
  bufferClass,
  deviceClass,
  dtypeClass,
  dtypeObject,
  parameterClass,
  sizeClass,
  tensorClass,
} from "../tensorObject.ts";
import { layoutClass, memoryFormatClass, words } from "../words.ts";
import { pythonNames } from "./pythonNames.ts";

const dtypeAliases: Readonly<Record<string, DType>> = {
  float: "float32",
  double: "float64",
  half: "float16",
  long: "int64",
  int: "int32",
  short: "int16",
  cfloat: "complex64",
  cdouble: "complex128",
};

export function torchNames(py: Interpreter): Record<string, Value> {
  return {
    ...Object.fromEntries(dtypes.map((name) => [name, dtypeObject(name)])),
    ...Object.fromEntries(Object.entries(dtypeAliases).map(([name, dtype]) => [name, dtypeObject(dtype)])),
    ...Object.fromEntries(words),
    legacy_contiguous_format: words.get("contiguous_format") as Value,
    ...Object.fromEntries(legacyClasses),
    Tensor: tensorClass,
    Size: sizeClass,
    dtype: dtypeClass,
    device: deviceClass,
    layout: layoutClass,
    memory_format: memoryFormatClass,
    _Parameter: parameterClass,
    _Buffer: bufferClass,
    pi: new Float(Math.PI),
    e: new Float(Math.E),
    inf: new Float(Number.POSITIVE_INFINITY),
    nan: new Float(Number.NaN),
    newaxis: null,
    __version__: py.environment.versions.torch ?? "2.11.0",
    _unknown: native("_unknown(reason)", (interpreter, reason: string) => interpreter.unknown(reason)),
  };
}

/**
 * The attribute hook of a package: names that Python files of it define, then its submodules, each read when it is first
 * asked for.
 */
export function submodules(module: string): Record<string, Value> {
  const hook = native("__getattr__(name)", (interpreter, name: string) => {
    const found = fromPythonFile(interpreter, name) ?? fromSubmodule(interpreter, `${module}.${name}`);
    if (found !== undefined) return found;
    return raise("AttributeError", `module '${module}' has no attribute '${name}'`);
  });
  return { __getattr__: hook };
}

function fromPythonFile(py: Interpreter, name: string): Value | undefined {
  const file = pythonNames.get(name);
  if (file === undefined) return undefined;
  const module = importModule(py, file);
  return module instanceof PyModule ? getAttribute(py, module, name) : module;
}

function fromSubmodule(py: Interpreter, name: string): Value | undefined {
  const known = py.modules.get(name);
  if (known) return known;
  const parent = py.modules.get("torch");
  if (!find(py, name, parent)) return undefined;
  return importModule(py, name);
}
