/** `yaml`: texts read into dictionaries, lists and scalars. What is written as YAML is not worked out. */
import { Unknown } from "../../base/unknown.ts";
import { callMethod } from "../calls.ts";
import { raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { native } from "../native.ts";
import { textOf } from "../numbers.ts";
import { exceptionTypes, nativeClass, types } from "../types.ts";
import { PyList, type Value } from "../values.ts";
import { functions, nativeModule } from "./nativeModule.ts";
import { readYaml, YamlFault } from "./yamlText.ts";

const exception = exceptionTypes.get("Exception");
const yamlError = nativeClass("YAMLError", "exception", exception, "yaml");
const loaders = Object.fromEntries(
  "Loader SafeLoader FullLoader UnsafeLoader BaseLoader CLoader CSafeLoader Dumper SafeDumper"
    .split(" ")
    .map((name) => [name, nativeClass(name, "object", types.object, "yaml")]),
);

/** The documents of a text or of an open file. */
function documents(py: Interpreter, stream: Value): Value[] | Unknown {
  const given = textOf(stream) === undefined ? callMethod(py, stream, "read") : stream;
  const text = textOf(given);
  if (text === undefined) return given instanceof Unknown ? given : py.unknown("what a YAML text says");
  try {
    return readYaml(py, text);
  } catch (error) {
    if (error instanceof YamlFault) return raise("ValueError", error.message);
    throw error;
  }
}

const one = (py: Interpreter, stream: Value): Value => {
  const all = documents(py, stream);
  return all instanceof Unknown ? all : (all[0] ?? null);
};
const every = (py: Interpreter, stream: Value): Value => {
  const all = documents(py, stream);
  return all instanceof Unknown ? all : new PyList(all);
};

export const yaml = nativeModule("yaml", () => ({
  YAMLError: yamlError,
  ...loaders,
  ...functions(
    ...["load", "safe_load", "full_load", "unsafe_load"].map((name) => native(`${name}(stream, Loader=None)`, one)),
    ...["load_all", "safe_load_all", "full_load_all"].map((name) => native(`${name}(stream, Loader=None)`, every)),
    ...["dump", "safe_dump", "dump_all"].map((name) =>
      native(`${name}(*args, **kwargs)`, (py) => py.unknown("a YAML text"), { lenient: true }),
    ),
    ...["add_constructor", "add_representer", "add_implicit_resolver", "add_multi_constructor"].map((name) =>
      native(`${name}(*args, **kwargs)`, () => null, { lenient: true }),
    ),
  ),
}));
