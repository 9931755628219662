/** Every expression of the table gives what PyTorch gives: shapes, dtypes, strides, aliasing, and the bytes that autograd keeps. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Unknown } from "../../src/base/unknown.ts";
import { PyError } from "../../src/python/errors.ts";
import type { Interpreter, Sources } from "../../src/python/interpreter.ts";
import { str } from "../../src/python/text.ts";
import { PyList, type PyModule, PyTuple, type Value } from "../../src/python/values.ts";
import { loadPythonParser, type PythonParser } from "../../src/syntax/parser.ts";
import { Float } from "../../src/tensor/scalar.ts";
import { isContiguous, showTensor, stridesOf } from "../../src/tensor/tensor.ts";
import { startTorch } from "../../src/torch/install.ts";
import { evaluate, runSetup } from "../../src/torch/session.ts";
import { sizeClass, TensorObject, tracerOf } from "../../src/torch/tensorObject.ts";
import { pythonWasm } from "../support/wasm.ts";

const rows = readFileSync("test/oracle/functions.tsv", "utf8")
  .trimEnd()
  .split("\n")
  .slice(1)
  .map((line) => line.split("\t"));
const setup = rows.filter(([kind]) => kind === "setup").map(([, line = ""]) => line);
const cases = rows.filter(([kind]) => kind !== "setup") as [expression: string, result: string, saved: string][];
const names = setup.flatMap((line) => /^(\w+) = /.exec(line)?.[1] ?? []);

describe("expressions of torch", () => {
  let py: Interpreter;
  before(async () => {
    py = started(await loadPythonParser(pythonWasm()));
  });

  for (let at = 0; at < cases.length; at += 25) {
    const group = cases.slice(at, at + 25);
    it(`from ${group[0]?.[0]} to ${group.at(-1)?.[0]}`, () => {
      const wrong = group.flatMap(([expression, result, saved]) => difference(py, expression, result, saved));
      assert.equal(wrong.join("\n"), "");
    });
  }
});

/** What an expression gives other than the table says; nothing where they agree. */
function difference(py: Interpreter, expression: string, result: string, saved: string): string[] {
  const tracer = tracerOf(py);
  tracer.begin();
  try {
    const module = runSetup(py, "setup.py", [...setup, "import programs"].join("\n"), (error) => {
      throw error;
    });
    tracer.saved.clear();
    const value = evaluate(py, module, "case.py", expression);
    const found = shown(py, module, value);
    if (found !== result) return [`${expression}\n    gives ${found}\n    not   ${result}`];
    const kept = [...tracer.saved].reduce(
      (total, { bytes }) => total + (typeof bytes === "number" && bytes > 8 ? bytes : 0),
      0,
    );
    return saved === "-" || kept === Number(saved) ? [] : [`${expression}\n    keeps ${kept} bytes, not ${saved}`];
  } catch (error) {
    if (error instanceof PyError) return [`${expression}\n    raises ${error.text}`];
    return [
      `${expression}\n    throws ${error instanceof Error ? error.stack?.split("\n").slice(0, 4).join("\n    ") : String(error)}`,
    ];
  }
}

function started(parser: PythonParser): Interpreter {
  const programs = parser.parse("test/oracle/programs.py", readFileSync("test/oracle/functions_programs.py", "utf8"));
  const sources: Sources = {
    module: (path) => (path === "programs.py" ? programs : undefined),
    folder: () => false,
    text: () => undefined,
    parse: (path, text) => parser.parse(path, text),
  };
  return startTorch(sources, { roots: [""], installed: new Set(["torch"]), versions: { torch: "2.11.0" } });
}

/** A value as the table writes it. */
function shown(py: Interpreter, module: PyModule, value: Value): string {
  if (value instanceof Unknown) return `unknown: ${value.reason}`;
  if (value instanceof TensorObject) {
    const { shape, strides, storage } = value.value;
    const layout = isContiguous(shape, strides) ? "" : `/${stridesOf(value.value).join(",")}`;
    const owner = names.find((name) => (module.attrs.get(name) as TensorObject).value.storage === storage);
    const empty = shape.includes(0);
    return `${showTensor(value.value)}${layout}${owner && !empty ? `@${owner}` : ""}${value.value.requiresGrad || storage.writer ? "!" : ""}`;
  }
  if (value instanceof PyTuple && value.cls === sizeClass) return `Size${str(py, new PyList([...value.items]))}`;
  if (value instanceof PyTuple || value instanceof PyList)
    return `(${value.items.map((one) => shown(py, module, one)).join("; ")})`;
  if (value instanceof Float) return pythonGeneral(value.value);
  return str(py, value);
}

/** A float with five digits, as Python's `g` format writes it. */
function pythonGeneral(value: number): string {
  if (value !== 0 && (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-4)) {
    const [digits = "", exponent = ""] = value.toExponential(4).split("e");
    return `${digits.replace(/\.?0+$/, "")}e${exponent.replace(/^([+-])(\d)$/, "$10$2")}`;
  }
  return String(Number(value.toPrecision(5)));
}
