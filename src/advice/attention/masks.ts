/** The masks between two products as one `attn_mask`, or as `is_causal`. */
import type { Expression } from "../../syntax/ast.ts";
import type { Placed } from "./chain.ts";
import { atomText, type Scope, textOf } from "./code.ts";
import type { Fill } from "./steps.ts";
import { isCausalBias, triangleOf } from "./triangles.ts";

export interface MaskText {
  /** "" where there is none. */
  readonly mask: string;
  readonly causal: boolean;
  /** What comes out differently, and where; "" where nothing does. */
  readonly caveat: string;
}

/** Rows without any key come out as before, but their scores get a gradient, which filling them in had cut off. */
const gradientCaveat = "queries whose keys are all masked pass a gradient on to queries and keys";

/** What the operations traced at a step say of its mask: how many axes, and whether it has the scores' type. */
export interface MaskShape {
  readonly rank: number;
  readonly hasScoresType: boolean;
}

export interface MaskQuestion {
  readonly scope: Scope;
  /** As text that can stand before `.dtype`. */
  readonly query: string;
  readonly equallyLong: boolean;
  /** Whether a leading axis of heads is put into queries and keys. */
  readonly isSingleHead: boolean;
  readonly shapeOf: (placed: Placed) => MaskShape | undefined;
}

/** The argument texts for masks given from the last done to the first; or why they cannot be said in one. */
export function maskText(placed: readonly Placed[], question: MaskQuestion): MaskText | { readonly reason: string } {
  const masks = placed.toReversed();
  if (masks.length === 0) return { mask: "", causal: false, caveat: "" };
  if (masks.length === 1 && isCausal(masks[0]!, question)) return { mask: "", causal: true, caveat: "" };
  const added = masks.filter(({ step }) => step.kind === "add");
  if (added.length > 0) return masks.length === 1 ? biasText(masks[0]!, question) : joinedBias(masks, question);
  const fills = masks.map(({ step }) => ("fill" in step ? step.fill : undefined));
  const [fill] = fills;
  if (!fill || fills.some((one) => JSON.stringify(one) !== JSON.stringify(fill)))
    return { reason: "the masks use different values" };
  const keeps: string[] = [];
  for (const one of masks) {
    const keep = keepText(one, question);
    if (keep === undefined) return { reason: "the mask's axes are not known here" };
    keeps.push(keep);
  }
  const tests = masks.filter(({ test }) => test !== undefined);
  if (tests.length > 1) return { reason: "two masks stand under conditions" };
  const always = keeps.filter((_, i) => masks[i]!.test === undefined);
  const lowest = lowestText(fill, question);
  if (lowest === undefined) return { reason: "rows that are masked throughout would come out differently" };
  const whole = (parts: readonly string[]) => filled(joined(parts), fill, lowest, question.query);
  const caveat = fill.kind === "infinite" ? "" : gradientCaveat;
  if (tests.length === 0) return { mask: whole(keeps), causal: false, caveat };
  const without = always.length === 0 ? "None" : whole(always);
  return { mask: conditional(tests[0]!.test!, whole(keeps), without, question.scope), causal: false, caveat };
}

/** Whether a mask is the causal one of equally many queries and keys, whenever it is used. */
function isCausal({ step, test }: Placed, { scope, equallyLong }: MaskQuestion): boolean {
  if (test || !equallyLong) return false;
  if (step.kind === "add") return isCausalBias(step.bias, scope);
  if (step.kind === "keep") return triangleOf(step.condition, scope) === "lower";
  return step.kind === "drop" && triangleOf(step.condition, scope) === "upper";
}

/** A mask that is added to the scores, as it is. */
function biasText(
  placed: Placed,
  { scope, isSingleHead, shapeOf }: MaskQuestion,
): MaskText | { readonly reason: string } {
  const { step, test } = placed;
  if (step.kind !== "add") return { reason: "no bias" };
  const shape = shapeOf(placed);
  if (!shape) return { reason: "what is added to the scores was not seen" };
  if (!shape.hasScoresType) return { reason: "what is added to the scores has another type" };
  const isDeep = isSingleHead && shape.rank > 2;
  const bias = isDeep ? `${atomText(step.bias, scope)}.unsqueeze(1)` : textOf(step.bias, scope);
  return { mask: test ? conditional(test, bias, "None", scope) : bias, causal: false, caveat: "" };
}

/** Several masks of which some are added: all in one sum, with the others filled in. */
function joinedBias(masks: readonly Placed[], question: MaskQuestion): MaskText | { readonly reason: string } {
  if (masks.some(({ test }) => test)) return { reason: "a bias and another mask stand under conditions" };
  const added: string[] = [];
  let filledIn = "";
  let caveat = "";
  for (const one of masks) {
    const { step } = one;
    if (step.kind === "add") {
      const bias = biasText(one, question);
      if ("reason" in bias) return bias;
      added.push(bias.mask);
      continue;
    }
    const keep = keepText(one, question);
    const lowest = "fill" in step ? lowestText(step.fill, question) : undefined;
    if (keep === undefined || lowest === undefined || !("fill" in step))
      return { reason: "the mask's axes are not known here" };
    const drop =
      step.kind === "drop" && keep === negated(step.condition, question.scope)
        ? textOf(step.condition, question.scope)
        : `~${wrapped(keep)}`;
    filledIn += `.masked_fill(${drop}, ${lowest || 'float("-inf")'})`;
    if (step.fill.kind !== "infinite") caveat = gradientCaveat;
  }
  const sum =
    added.length === 1
      ? added[0]!
      : added.map((text) => (/^[\w.]+(\[[^[\]]*\])?$/.test(text) ? text : `(${text})`)).join(" + ");
  const isAtom = /^[\w.]+(\[[^[\]]*\])?$/.test(sum);
  return { mask: filledIn ? `${isAtom ? sum : `(${sum})`}${filledIn}` : sum, causal: false, caveat };
}

/** Where a score is kept; nothing where an axis would have to be put in and it is not known whether. */
function keepText(placed: Placed, { scope, isSingleHead, shapeOf }: MaskQuestion): string | undefined {
  const { step } = placed;
  if (step.kind !== "keep" && step.kind !== "drop") return undefined;
  const text = step.kind === "keep" ? textOf(step.condition, scope) : negated(step.condition, scope);
  if (!isSingleHead) return text;
  const shape = shapeOf(placed);
  if (!shape) return undefined;
  return shape.rank > 2 ? `${wrapped(text)}.unsqueeze(1)` : text;
}

/** The opposite of a condition; of `~m` what is inside, since only flags can be turned so. */
function negated(node: Expression, scope: Scope): string {
  if (node.kind === "UnaryOp" && node.op === "~") return textOf(node.operand, scope);
  if (node.kind === "Compare" && node.ops.length === 1 && (node.ops[0] === "==" || node.ops[0] === "!=")) {
    const op = node.ops[0] === "==" ? "!=" : "==";
    return `${atomText(node.left, scope)} ${op} ${atomText(node.comparators[0]!, scope)}`;
  }
  return `~${atomText(node, scope)}`;
}

function lowestText(fill: Fill, { query, scope }: MaskQuestion): string | undefined {
  if (fill.kind === "infinite") return "";
  if (scope.imports.get("torch") !== "torch") return undefined;
  if (fill.kind === "lowest") return `torch.finfo(${query}.dtype).min`;
  // Far below any score a row that is masked throughout stays even; nearer, the scores themselves would show.
  return fill.value <= -1e9 ? fill.text : undefined;
}

/** Flags for minus infinity; for a finite value the bias that has it, so that rows masked throughout stay as they were. */
function filled(keep: string, fill: Fill, lowest: string, query: string): string {
  return fill.kind === "infinite" ? keep : `torch.where(${keep}, 0.0, ${lowest}).to(${query}.dtype)`;
}

function joined(parts: readonly string[]): string {
  return parts.length === 1 ? parts[0]! : parts.map(wrapped).join(" & ");
}

function wrapped(text: string): string {
  return /^~?[\w.]+(\[[^[\]]*\])?(\.\w+\([^()]*\))*$/.test(text) && !text.startsWith("~") ? text : `(${text})`;
}

function conditional(test: Expression, then: string, otherwise: string, scope: Scope): string {
  if (
    test.kind === "Compare" &&
    test.ops[0] === "is not" &&
    test.comparators[0]!.kind === "Singleton" &&
    test.comparators[0]!.value === null &&
    test.ops.length === 1
  ) {
    return `${otherwise} if ${textOf(test.left, scope)} is None else ${then}`;
  }
  return `${then} if ${textOf(test, scope)} else ${otherwise}`;
}
