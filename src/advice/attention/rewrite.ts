/** The edits that put one call of `scaled_dot_product_attention` in the place of a chain, equal in meaning. */
import type { Span } from "../../base/place.ts";
import { known } from "../../base/unknown.ts";
import type { Expression, Module } from "../../syntax/ast.ts";
import { absolute } from "../../syntax/walk.ts";
import { elements } from "../../tensor/tensor.ts";
import type { Chain, Placed } from "./chain.ts";
import { atomText, type Scope, textOf } from "./code.ts";
import { type Operand as EagerOperand, isDense } from "./eager.ts";
import { functionalName } from "./functional.ts";
import { leftOver } from "./leftover.ts";
import { areEquallyLong } from "./lengths.ts";
import { type MaskShape, maskText } from "./masks.ts";
import { movingFault } from "./moved.ts";
import { queriesAndKeys } from "./products.ts";
import { scaleText } from "./scales.ts";
import { operationsAt, type Traced, type Written } from "./written.ts";

export interface Edit {
  readonly span: Span;
  readonly text: string;
}

export interface Rewriting {
  readonly edits: readonly Edit[];
  /** What comes out differently; "" where nothing does. */
  readonly caveat: string;
  readonly isCausal: boolean;
}

/** Longer lines are broken into one argument a line. */
const longestLine = 100;

export function rewritten(
  chain: Chain,
  file: Module,
  traced: Traced,
  found: Written,
): Rewriting | { readonly reason: string } {
  const { scope, steps, first, firstPosition, last, applied, consumed, block } = chain;
  const rank = found.scores.shape.length;
  const atNode = (placed: Placed) => operationsAt(placed.step.node, chain, traced);
  const softmaxes = steps.filter(({ step }) => step.kind === "softmax");
  const softmax = softmaxes[0]?.step;
  const casting = castFault(chain, traced);
  if (casting) return { reason: casting };
  if (softmax?.kind !== "softmax" || softmaxes[0]!.test || (softmax.dim !== -1 && softmax.dim !== rank - 1))
    return { reason: "softmax does not run over the keys" };
  if (!found.hasOneRank) return { reason: "calls differ in how many axes the scores have" };
  if (rank !== 3 && rank !== 4) return { reason: `the scores have ${rank} axes` };
  const operands = queriesAndKeys(first, rank, scope);
  if (!operands) return { reason: "the scores' axes are in another order" };
  if (!first.equation && !last.equation && !found.hasLikeBatches)
    return { reason: "queries, keys and values differ in their leading axes" };

  const scales = steps.filter(({ step }) => step.kind === "scale");
  const masks = steps.filter(({ step }) => step.kind === "keep" || step.kind === "drop" || step.kind === "add");
  if (scales.some(({ test }) => test)) return { reason: "the scores are scaled under a condition" };
  const bias = steps.findIndex(({ step }) => step.kind === "add");
  if (bias >= 0 && scales.some((one) => steps.indexOf(one) < bias))
    return { reason: "a mask is scaled with the scores" };
  let query = operands.query.text;
  const factors: string[] = [];
  let isTensorScale = false;
  for (const scaling of scales.toReversed()) {
    if (scaling.step.kind !== "scale") continue;
    const { op, by, isNumber } = scaling.step;
    const tensors = isNumber ? [] : atNode(scaling)[0]?.inputs;
    if (!tensors) return { reason: "the scale was not seen" };
    const factor = scaleText(op, by, [operands.query, operands.key], scope);
    if (tensors.length > 1 && factor !== "") {
      // A factor that is a tensor goes into the queries, since `scale` takes numbers only.
      if (!tensors.some(({ shape }) => known(elements(shape)) === 1 && shape.length <= 1))
        return { reason: "the scale is a tensor of many values" };
      query = `${wrapped(query)} ${op} ${atomText(by, scope)}`;
      isTensorScale = true;
    } else factors.push(factor);
  }
  // The function's own scale stands for one that is equal to it; beside others it has to be written.
  if (factors.length + Number(isTensorScale) > 1 && factors.includes(""))
    return { reason: "the scores are scaled more than once" };
  const scale =
    factors.length === 0 ? "1.0" : factors.length === 1 ? factors[0]! : factors.map(wrappedFactor).join(" * ");

  const isSingleHead = rank === 3;
  const shapeOf = (placed: Placed): MaskShape | undefined => {
    const [operation] = atNode(placed);
    const [input, left] = operation?.inputs ?? [];
    if (placed.step.node === first.node && input && left)
      return { rank: input.shape.length, hasScoresType: input.dtype === left.dtype };
    const mask = operation?.inputs.find(({ storage }) => storage !== operation.inputs[0]?.storage);
    const scores = operation?.inputs.find((note) => note !== mask && note.shape.length === rank);
    return mask && { rank: mask.shape.length, hasScoresType: scores?.dtype === mask.dtype };
  };
  const mask = maskText(masks, {
    scope,
    query: wrapped(operands.query.text),
    equallyLong: found.isSquare && areEquallyLong(operands.query.node, operands.key.node, scope),
    isSingleHead,
    shapeOf,
  });
  if ("reason" in mask) return mask;

  const dropouts = steps.filter(({ step }) => step.kind === "dropout");
  if (dropouts.length > 1) return { reason: "dropout is done twice" };
  const moved = [
    { node: operands.query.node, position: firstPosition },
    { node: operands.key.node, position: firstPosition },
    ...steps.flatMap(({ step, position, test }) =>
      [...readBy(step), ...(test ? [test] : [])].map((node) => ({ node, position })),
    ),
  ];
  const fault = movingFault(chain, moved);
  if (fault) return { reason: fault };

  const [traceable] = operationsAt(first.node, chain, traced);
  const eager = traceable && traced.eager.get(traceable);
  const lift = (text: string, operand: EagerOperand | undefined) => {
    const dense = operand && !isDense(operand) ? `${wrapped(text)}.contiguous()` : text;
    return isSingleHead ? `${wrapped(dense)}.unsqueeze(1)` : dense;
  };
  const functional = functionalName(file, scope);
  const args = [
    lift(query, eager?.query),
    lift(operands.key.text, eager?.key),
    lift(applied.value.text, eager?.value),
    ...(mask.mask ? [`attn_mask=${mask.mask}`] : []),
    ...(dropouts[0] ? [`dropout_p=${dropoutText(dropouts[0], scope)}`] : []),
    ...(mask.causal ? ["is_causal=True"] : []),
    ...(scale ? [`scale=${scale}`] : []),
  ];
  const masked = mask.causal ? masks.flatMap(({ step }) => readBy(step)) : [];
  const removed = [...consumed, ...leftOver(chain, masked)]
    .toSorted((a, b) => a - b)
    .map((i) => wholeLines(absolute(block[i]!, scope.firstLine), scope.lines));
  if (removed.some((span) => span === undefined)) return { reason: "its statements share lines with others" };
  const span = withoutParentheses(absolute(last.node, scope.firstLine), scope.lines);
  const text = callText(
    `${functional.name}.scaled_dot_product_attention`,
    args,
    `${isSingleHead ? ".squeeze(1)" : ""}${applied.behind}`,
    span,
    scope,
  );
  return {
    edits: [...functional.edits, ...removed.map((one) => ({ span: one!, text: "" })), { span, text }],
    caveat: mask.caveat,
    isCausal: mask.causal,
  };
}

/** Why the types of the products cannot be left to the kernel, which computes the softmax of half precision in float32. */
function castFault(chain: Chain, traced: Traced): string | undefined {
  const { steps, first, last, applied } = chain;
  const softmax = steps.findIndex(({ step }) => step.kind === "softmax");
  const isWidened = steps.some(
    ({ step }, i) => (step.kind === "softmax" && step.isWidened) || (step.kind === "cast" && i > softmax),
  );
  const isNarrowed = steps.some(({ step }, i) => step.kind === "cast" && i < softmax);
  if (!isWidened && !isNarrowed) return undefined;
  if (steps.some(({ step, test }) => step.kind === "cast" && test)) return "a cast stands under a condition";
  const types = [first, last].flatMap(({ node }) =>
    operationsAt(node, chain, traced).flatMap(({ inputs }) => inputs.map(({ dtype }) => dtype)),
  );
  if (new Set(types).size > 1) return "queries and values have different types";
  // Without a cast back, values that were widened as well would meet narrow queries.
  return isNarrowed || isPlainOperand(applied.value.node)
    ? undefined
    : "the values are computed in a type of their own";
}

/** A name or an attribute, which holds no cast. */
function isPlainOperand(node: Expression): boolean {
  return node.kind === "Name" || node.kind === "Attribute";
}

function wrappedFactor(text: string): string {
  return /^[\w.]+$/.test(text) ? text : `(${text})`;
}

function readBy(step: Placed["step"]) {
  switch (step.kind) {
    case "scale":
      return [step.by];
    case "keep":
    case "drop":
      return [step.condition];
    case "add":
      return [step.bias];
    case "dropout":
      return step.reads;
    default:
      return [];
  }
}

function dropoutText({ step, test }: Placed, scope: Scope): string {
  if (step.kind !== "dropout") return "0.0";
  const tests = [...(test ? [textOf(test, scope)] : []), ...(step.test ? [step.test] : [])];
  return tests.length === 0 ? step.probability : `${step.probability} if ${tests.join(" and ")} else 0.0`;
}

/** The text in parentheses, unless it is a name or a group with attributes, calls and subscripts behind it. */
function wrapped(text: string): string {
  let rest = text.trim();
  const group = () => {
    let depth = 0;
    for (const [i, one] of [...rest].entries()) {
      if ("([{".includes(one)) depth++;
      if (")]}".includes(one) && --depth === 0) return rest.slice(i + 1);
    }
    return rest;
  };
  rest = /^[A-Za-z_]\w*/.test(rest) ? rest.replace(/^\w+/, "") : rest.startsWith("(") ? group() : rest;
  for (let before = ""; rest !== before; ) {
    before = rest;
    rest = /^[([]/.test(rest) ? group() : rest.replace(/^\.[A-Za-z_]\w*/, "");
  }
  return rest === "" && text !== "" ? text : `(${text})`;
}

/** The lines of a statement with what ends them; nothing where another statement stands on them. */
function wholeLines({ line, column, endLine, endColumn }: Span, lines: readonly string[]): Span | undefined {
  const isAlone =
    lines[line]!.slice(0, column).trim() === "" && /^\s*(#.*)?\s*$/.test(lines[endLine]!.slice(endColumn));
  return isAlone ? { line, column: 0, endLine: endLine + 1, endColumn: 0 } : undefined;
}

/** The span with the parentheses around it, where they do nothing but group. */
function withoutParentheses(span: Span, lines: readonly string[]): Span {
  const { line, column, endLine, endColumn } = span;
  const [before, after] = [lines[line]!.slice(0, column), lines[endLine]!.slice(endColumn)];
  if (!/(^|[^\w)\]"'])\($/.test(before) || !after.startsWith(")")) return span;
  return { line, column: column - 1, endLine, endColumn: endColumn + 1 };
}

function callText(
  name: string,
  args: readonly string[],
  behind: string,
  { line, column, endLine, endColumn }: Span,
  { lines }: Scope,
): string {
  const short = `${name}(${args.join(", ")})${behind}`;
  const rest = lines[endLine]!.slice(endColumn).replace(/\s*#.*$/, "").length;
  if (!short.includes("\n") && column + short.length + rest <= longestLine) return short;
  const indent = /^\s*/.exec(lines[line]!)![0];
  if (args.length === 3 && !short.includes("\n") && short.length <= longestLine) return short;
  const [plain, named] = [args.slice(0, 3), args.slice(3)];
  const joined = plain.join(", ");
  const operands = indent.length + joined.length + 5 > longestLine ? plain : [joined];
  return [`${name}(`, ...[...operands, ...named].map((text) => `${indent}    ${text},`), `${indent})${behind}`].join(
    "\n",
  );
}
