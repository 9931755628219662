import { showPlace } from "../../src/base/place.ts";
import { runStatements } from "../../src/python/compile/modules.ts";
import { PyError } from "../../src/python/errors.ts";
import type { Environment, Interpreter, Sources } from "../../src/python/interpreter.ts";
import { startPython } from "../../src/python/start.ts";
import { repr } from "../../src/python/text.ts";
import { PyModule, type Value } from "../../src/python/values.ts";
import type { Expression, Module, Statement } from "../../src/syntax/ast.ts";
import type { Example, Outcome } from "../support/page.ts";
import { parser } from "../syntax/parser.ts";

/** Packages that the pages take as installed. */
const environment: Environment = {
  roots: [""],
  installed: new Set(["numpy", "typing_extensions", "yaml"]),
  versions: { python: "3.12.4", numpy: "2.1.0" },
};

/**
 * Runs an example's main file. Each line's values are what its statement bound or computed, as `repr` shows them; a
 * statement that raises is a finding named after the exception. `start` makes the interpreter, Python alone unless given.
 */
export function interpret(
  example: Pick<Example, "files" | "main">,
  start: (sources: Sources) => Interpreter = (sources) => startPython(sources, environment),
): Outcome {
  const trees = new Map(Object.entries(example.files).map(([file, text]) => [file, parser.parse(file, text)]));
  const sources: Sources = {
    module: (path) => trees.get(path.replace(/^\//, "")),
    folder: (path) => [...trees.keys()].some((file) => file.startsWith(`${path}/`)),
    text: (path) => example.files[path],
    parse: (path, text) => parser.parse(path, text),
  };
  const py = start(sources);
  const tree = trees.get(example.main) as Module;
  const module = new PyModule("__main__", example.main, new Map<string, Value>([["__name__", "__main__"]]));
  py.modules.set("__main__", module);
  const values: Outcome["values"] = new Map();
  const findings: Outcome["findings"] = [];
  for (const { chunk, node } of tree.statements) {
    const line = chunk.firstLine + node.endLine;
    runStatements(py, module, [{ chunk, node: keeping(node) }], (error) => {
      findings.push({ line, severity: "error", rule: error.type.name, message: messageOf(py, error) });
    });
    const shown = resultsOf(node).map((name) => module.attrs.get(name));
    if (shown.some((value) => value !== undefined)) {
      values.set(
        line,
        shown.flatMap((value) => (value === undefined ? [] : [shownAs(py, value)])),
      );
    }
  }
  return { values, findings, snapshots: {} };
}

/** The value's repr; what it raises where it does. */
function shownAs(py: Interpreter, value: Value): string {
  try {
    return repr(py, value);
  } catch (error) {
    if (error instanceof PyError) return `repr raised ${error.text} at ${error.where}`;
    throw error;
  }
}

const result = "__shown";

/** The statement, its value kept where it is an expression. */
function keeping(node: Statement): Statement {
  if (node.kind !== "ExpressionStatement") return node;
  const target = { ...node, kind: "Name", id: result } as unknown as Expression;
  return { ...node, kind: "Assign", targets: [target], value: node.value } as Statement;
}

/** The names whose values a statement shows. */
function resultsOf(node: Statement): string[] {
  if (node.kind === "ExpressionStatement") return [result];
  if (node.kind === "Assign") return node.targets.flatMap(namesIn);
  return node.kind === "AugAssign" || node.kind === "AnnAssign" ? namesIn(node.target) : [];
}

function namesIn(target: Expression): string[] {
  if (target.kind === "Name") return [target.id];
  if (target.kind === "Starred") return namesIn(target.value);
  return target.kind === "Tuple" || target.kind === "List" ? target.elts.flatMap(namesIn) : [];
}

function messageOf(py: Interpreter, error: PyError): string {
  const args = error.exception.payload as readonly Value[] | undefined;
  const first = args?.[0];
  const text = typeof first === "string" ? first : first === undefined ? "" : repr(py, first);
  return `${text} (${showPlace(error.trace[0])})`;
}
