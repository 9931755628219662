import { showBytes, showCount } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import type { Fix } from "../../cost/report.ts";
import type { FunctionDef, Module, Statement } from "../../syntax/ast.ts";
import { absolute, type SyntaxNode, walk } from "../../syntax/walk.ts";
import type { Storage } from "../../tensor/tensor.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import type { Rule, Weighed } from "./rule.ts";

/**
 * A layer that `__init__` builds and forward never reaches: it takes memory and learns nothing.
 *
 * Nothing is said where the pass is not fully known, or where other code of the file names the layer: it may be reached
 * with other inputs.
 */
const unusedLayer: Rule = {
  id: "unused-layer",

  *check(model) {
    if (!model.complete.flops || !model.complete.savedBytes) return;
    const { calls, events } = model.trace;
    const called = new Set<object>(calls.map(({ module }) => module));
    const read = new Set<Storage>(
      events.flatMap((event) => (event.kind === "operation" ? event.inputs.map(({ storage }) => storage) : [])),
    );
    const told = new Set<string>();
    for (const layer of unreached(model.figures.tree, model, called, read)) {
      const at = model.madeAt(layer.module);
      const figures = model.figures.layers.get(layer.path);
      const name = layer.path.slice(layer.path.lastIndexOf(".") + 1);
      if (at?.path !== model.file.path || !figures || told.has(`${at.line}:${at.column}`)) continue;
      const params = known(figures.params);
      const bytes = known(figures.weightBytes);
      const isNamed = model.text.split("\n")[at.line]?.slice(at.column, at.endColumn) === `self.${name}`;
      const uses = usesOf(name, model.file);
      if (params === undefined || bytes === undefined || !isNamed || uses.some(({ isBuilding }) => !isBuilding))
        continue;
      told.add(`${at.line}:${at.column}`);
      yield {
        severity: "warning",
        at,
        what: `${layer.path} is built but never called.`,
        why: `Its ${showCount(params)} parameters (${showBytes(bytes, "GB")}) are stored, and no output depends on them.`,
        price: "checkpoints that hold it load only with strict=False; layers made after it draw other initial values.",
        fixes: uses.length === 1 ? removal(layer.path, at.line, model) : [],
      };
    }
  },
};
export default unusedLayer;

/** The outermost layers with parameters of which nothing was called and nothing was read. */
function unreached(
  layer: BuiltLayer,
  model: Weighed,
  called: ReadonlySet<object>,
  read: ReadonlySet<Storage>,
): BuiltLayer[] {
  const figures = model.figures.layers.get(layer.path);
  if (!figures || known(figures.params) === 0) return [];
  return isReached(layer, model, called, read)
    ? layer.children.flatMap((child) => unreached(child, model, called, read))
    : [layer];
}

function isReached(
  layer: BuiltLayer,
  model: Weighed,
  called: ReadonlySet<object>,
  read: ReadonlySet<Storage>,
): boolean {
  if (layer.path === "" || called.has(layer.module) || (model.figures.layers.get(layer.path)?.calls.length ?? 0) > 0)
    return true;
  if (layer.parameters.some(({ tensor }) => read.has(tensor.storage))) return true;
  return layer.children.some((child) => isReached(child, model, called, read));
}

/** Where the file names an attribute, apart from methods: whether that only builds the layer. */
function usesOf(name: string, file: Module): { isBuilding: boolean }[] {
  const uses: { isBuilding: boolean }[] = [];
  const look = (node: SyntaxNode, isBuilding: boolean) => {
    walk(node, (one) => {
      if (one.kind === "FunctionDef" && one !== node) {
        look(one, builds(one));
        return false;
      }
      if ((one.kind === "Attribute" && one.attr === name) || (one.kind === "Str" && one.value === name))
        uses.push({ isBuilding });
      return true;
    });
  };
  for (const { node } of file.statements) look(node, node.kind === "FunctionDef" && builds(node));
  return uses;
}

const builds = ({ name }: FunctionDef) => name === "__init__" || /^_*(init|reset)(ialize)?_/.test(name);

/** Taking the statement away, where it stands alone on its lines and is not the only one of its block. */
function removal(path: string, line: number, { file, text }: Weighed): Fix[] {
  const lines = text.split("\n");
  for (const { chunk, node } of file.statements) {
    let found: Statement | undefined;
    walk(node, (one) => {
      for (const block of [
        bodyOf(one),
        "orelse" in one && Array.isArray(one.orelse) ? (one.orelse as Statement[]) : [],
      ]) {
        if (block.length > 1)
          found =
            block.find((statement) => statement.kind === "Assign" && statement.line + chunk.firstLine === line) ??
            found;
      }
    });
    if (!found) continue;
    const span = absolute(found, chunk.firstLine);
    const isAlone =
      lines[span.line]!.slice(0, span.column).trim() === "" &&
      /^\s*(#.*)?$/.test(lines[span.endLine]!.slice(span.endColumn));
    if (isAlone)
      return [
        {
          title: `Remove ${path}`,
          edits: [{ span: { line: span.line, column: 0, endLine: span.endLine + 1, endColumn: 0 }, text: "" }],
        },
      ];
  }
  return [];
}

function bodyOf(node: SyntaxNode): readonly Statement[] {
  return "body" in node && Array.isArray(node.body) ? node.body : [];
}
