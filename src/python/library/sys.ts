import { textFile } from "../builtins/files.ts";
import { float } from "../builtins/plain.ts";
import { exception, PyError } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { define, native } from "../native.ts";
import { nativeClass, types } from "../types.ts";
import { PyDict, PyInstance, PyList, PyModule, PyTuple, type Value } from "../values.ts";
import { functions, nativeModule, otherNames } from "./nativeModule.ts";

const versionClass = nativeClass("version_info", "tuple", types.tuple, "sys");
define(versionClass, {
  "__getattr__(self, name)": (_py, self: PyTuple, name) =>
    self.items[["major", "minor", "micro", "releaselevel", "serial"].indexOf(String(name))] ?? null,
});

export const sys = nativeModule("sys", (py) => {
  const version = (py.environment.versions.python ?? "3.12").split(".").map(Number);
  const [major = 3, minor = 12, micro = 0] = version;
  return {
    version_info: new PyTuple([major, minor, micro, "final", 0], versionClass),
    hexversion: (major << 24) | (minor << 16) | (micro << 8) | 0xf0,
    version: `${major}.${minor}.${micro}`,
    implementation: holding("implementation", { name: "cpython", cache_tag: `cpython-${major}${minor}` }),
    flags: holding("flags", { optimize: 0, interactive: 0, debug: 0 }),
    float_info: holding("float_info", {
      max: float(Number.MAX_VALUE),
      min: float(2.2250738585072014e-308),
      epsilon: float(Number.EPSILON),
    }),
    platform: "linux",
    byteorder: "little",
    executable: "python",
    prefix: "",
    base_prefix: "",
    maxsize: 9223372036854775807n,
    maxunicode: 0x10ffff,
    argv: new PyList([""]),
    path: new PyList([...py.environment.roots]),
    meta_path: new PyList(),
    warnoptions: new PyList(),
    builtin_module_names: new PyTuple([]),
    stdlib_module_names: new PyTuple([]),
    modules: moduleTable(py),
    stdout: textFile(""),
    stderr: textFile(""),
    stdin: py.unknown("what a user types"),
    ...functions(
      native("exit(status=None)", (_py, status: Value) => {
        throw new PyError(status === null ? exception("SystemExit") : exception("SystemExit", status));
      }),
      native("getrecursionlimit()", () => 1000),
      native("setrecursionlimit(limit)", () => null),
      native("getsizeof(object, default=0)", (at) => at.unknown("the size of an object in the interpreter's memory"), {
        lenient: true,
      }),
      native("getrefcount(object)", (at) => at.unknown("how many references an object has"), { lenient: true }),
      native("intern(string)", (_py, text) => text),
      native("exc_info()", (at) => handled(at)),
      native("getdefaultencoding()", () => "utf-8"),
      native("getfilesystemencoding()", () => "utf-8"),
      native("gettrace()", () => null),
      native("settrace(function)", () => null),
      native("_getframe(depth=0)", (at) => at.unknown("the frame of a call")),
      otherNames("sys"),
    ),
  };
});

function holding(name: string, values: Readonly<Record<string, Value>>): PyInstance {
  return new PyInstance(nativeClass(name, "object", types.object, "sys"), new Map(Object.entries(values)));
}

/** `sys.modules`: the interpreter's own table, so that a module may replace itself there. */
function moduleTable(py: Interpreter): PyDict {
  return new PyDict(new ModuleEntries(py.modules));
}

class ModuleEntries extends Map<unknown, readonly [Value, Value]> {
  constructor(private readonly modules: Map<string, PyModule>) {
    super();
  }

  override get size(): number {
    return this.modules?.size ?? 0;
  }

  override get(key: unknown): readonly [Value, Value] | undefined {
    const module = this.modules.get(key as string);
    return module && [key as string, module];
  }

  override has(key: unknown): boolean {
    return this.modules.has(key as string);
  }

  override set(key: unknown, [, value]: readonly [Value, Value]): this {
    // A class put in a module's place answers for it; only modules themselves can be kept in the table.
    if (value instanceof PyModule) this.modules.set(key as string, value);
    return this;
  }

  override delete(key: unknown): boolean {
    return this.modules.delete(key as string);
  }

  override keys(): MapIterator<unknown> {
    return this.modules.keys();
  }

  override *values(): MapIterator<readonly [Value, Value]> {
    for (const [name, module] of this.modules) yield [name, module];
  }

  override *entries(): MapIterator<[unknown, readonly [Value, Value]]> {
    for (const [name, module] of this.modules) yield [name, [name, module]];
  }

  override [Symbol.iterator](): MapIterator<[unknown, readonly [Value, Value]]> {
    return this.entries();
  }
}

function handled(py: Interpreter): PyTuple {
  for (let frame = py.frame; frame; frame = frame.back) {
    const error = frame.handling?.exception;
    if (error instanceof PyInstance) return new PyTuple([error.cls, error, null]);
  }
  return new PyTuple([null, null, null]);
}
