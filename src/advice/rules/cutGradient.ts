import { showCount } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import type { Fix } from "../../cost/report.ts";
import type { Statement } from "../../syntax/ast.ts";
import { isTensor, type Storage, type Tensor } from "../../tensor/tensor.ts";
import type { Operation } from "../../trace/trace.ts";
import { type Flow, flowOf, isView } from "../code/flow.ts";
import { type Code, codeOf, isIn, textIn } from "../code/tree.ts";
import { cutsIn } from "../scripts/cut.ts";
import { trainingLoops } from "../scripts/training.ts";
import type { Rule, Weighed } from "./rule.ts";

type With = Extract<Statement, { kind: "With" }>;

/**
 * Trained layers whose output goes nowhere but into a block under `torch.no_grad()`: a prefix before a frozen language model.
 *
 * The frozen weights need no gradient, but the gradient has to pass through the frozen layers to what comes before them.
 * `requires_grad_(False)` on the weights leaves that way open; `no_grad` closes it, and the trained layers learn nothing
 * (Wang et al., User-Aware Prefix-Tuning, arXiv:2312.04793, keep the language model frozen in this way).
 */
const cutGradient: Rule = {
  id: "cut-gradient",
  price:
    "activations inside the frozen layers are kept for backward again, less what their weights' gradients would need.",

  *check(model) {
    const code = codeOf(model.file, model.text);
    if (!/no_grad|inference_mode/.test(model.text)) return;
    const flow = flowOf(model.trace, model.figures);
    for (const node of code.nodes) {
      if (node.kind !== "With" || !node.items.some(({ value }) => /(no_grad|inference_mode)\(/.test(code.text(value))))
        continue;
      const lost = lostIn(node, code, flow, model);
      if (!lost) continue;
      const layer = flow.layer(lost.maker);
      const count = layer && known(model.figures.layers.get(layer.path)?.params ?? 0);
      yield {
        severity: "error",
        at: code.place(node.items[0]?.value ?? node),
        what: `No gradient comes back through this block to ${layer?.path ? `${layer.path}, whose output` : "what"} goes into it${layer?.path ? "" : " and is trained"}.`,
        why: `${count ? `Its ${showCount(count)} parameters are` : "It is"} trained by nothing: \`no_grad\` ends the way back. Freezing the weights of what is called here (\`requires_grad_(False)\`) keeps it open.`,
        fixes: unwrapped(node, code),
      };
    }
  },

  *read({ file, text }) {
    const code = codeOf(file, text);
    for (const training of trainingLoops(code))
      for (const { block, trained, frozen } of cutsIn(training, code))
        yield {
          severity: "error",
          at: code.place(block.items[0]?.value ?? block),
          what: `No gradient comes back through this block to \`${trained}\`, whose output goes into it.`,
          why: `The optimizer is given its parameters, and \`no_grad\` ends the way back to them. Freezing the weights of \`${frozen}\` (\`requires_grad_(False)\`) keeps it open.`,
          fixes: unwrapped(block, code),
        };
  },
};
export default cutGradient;

/** What is trained, computed before the block, and read in the block alone; with the operation that made it. */
function lostIn(block: With, code: Code, flow: Flow, { trace }: Weighed): { maker: Operation } | undefined {
  const { line, endLine } = code.span(block);
  const isInside = ({ at }: Operation) => at?.path === code.path && at.line >= line && at.line <= endLine;
  const inside = flow.operations.filter(isInside);
  if (!inside.some(({ macs }) => (known(macs) ?? 0) > 0)) return undefined;
  const returned = new Set<Storage>(trace.calls[1]?.outputs.map(({ storage }) => storage) ?? []);
  const makers = new Map<Storage, Operation>();
  for (const operation of flow.operations)
    if (!isView(operation)) for (const storage of operation.made) makers.set(storage, operation);
  const leadsNowhere = (storage: Storage) =>
    !returned.has(storage) &&
    flow
      .readers(storage)
      .every((reader) => isView(reader) || !reader.call.out.some(({ requiresGrad }) => requiresGrad));
  for (const { call } of inside) {
    for (const arg of call.args.flat() as unknown[]) {
      if (!isTensor(arg) || !isComputed(arg)) continue;
      const maker = makers.get(arg.storage);
      if (maker && !isInside(maker) && leadsNowhere(arg.storage) && isUsed(inside, flow, returned, isInside))
        return { maker };
    }
  }
  return undefined;
}

/** An activation that a gradient would lead on from. */
const isComputed = ({ requiresGrad, node }: Tensor) => requiresGrad && node !== undefined;

/** Whether anything made in the block is read behind it, or returned. */
function isUsed(
  inside: readonly Operation[],
  flow: Flow,
  returned: ReadonlySet<Storage>,
  isInside: (one: Operation) => boolean,
): boolean {
  return inside.some(({ outputs }) =>
    outputs.some(({ storage }) => returned.has(storage) || flow.readers(storage).some((reader) => !isInside(reader))),
  );
}

/** The block's statements without it, where it does nothing else. */
function unwrapped(block: With, code: Code): Fix[] {
  const { line, column, endLine } = code.span(block);
  const [first] = block.body;
  if (!first || block.items.length !== 1 || (code.lines[line] ?? "").slice(0, column).trim() !== "") return [];
  const start = code.span(first);
  const indent = (code.lines[start.line] ?? "").slice(0, start.column);
  const outer = (code.lines[line] ?? "").slice(0, column);
  if (indent.trim() !== "" || !indent.startsWith(outer) || start.line <= line) return [];
  const texts = code.nodes.some(
    (node) => node.kind === "Str" && isIn(node, block, code) && code.span(node).line !== code.span(node).endLine,
  );
  if (texts) return [];
  const body = textIn(code.lines, {
    line: start.line,
    column: 0,
    endLine,
    endColumn: (code.lines[endLine] ?? "").length,
  });
  const moved = body
    .split("\n")
    .map((one) => (one.startsWith(indent) ? outer + one.slice(indent.length) : one))
    .join("\n");
  const span = { line, column: 0, endLine, endColumn: (code.lines[endLine] ?? "").length };
  return [{ title: "Take the block's statements out of it", edits: [{ span, text: moved }] }];
}
