/** What may stand between the first product of attention and the second: scale, masks, softmax, dropout, casts. */
import type { Expression } from "../../syntax/ast.ts";
import { argument, attributeValues, called, dottedName, integerIn, type Scope, selfAttribute, textOf } from "./code.ts";

/** How far masked scores are pushed down. */
export type Fill =
  | { readonly kind: "infinite" }
  | { readonly kind: "lowest" }
  | { readonly kind: "finite"; readonly text: string; readonly value: number };

export type Step =
  | { readonly kind: "softmax"; readonly node: Expression; readonly dim: number; readonly isWidened: boolean }
  | {
      readonly kind: "dropout";
      readonly node: Expression;
      readonly probability: string;
      readonly test: string | undefined;
      readonly reads: readonly Expression[];
    }
  | { readonly kind: "cast"; readonly node: Expression }
  /** `isNumber`: the product's own factor, which is never a tensor. */
  | {
      readonly kind: "scale";
      readonly node: Expression;
      readonly op: "*" | "/";
      readonly by: Expression;
      readonly isNumber?: true;
    }
  /** `condition` says where a score is kept, or where it is dropped. */
  | { readonly kind: "keep" | "drop"; readonly node: Expression; readonly condition: Expression; readonly fill: Fill }
  | { readonly kind: "add"; readonly node: Expression; readonly bias: Expression };

/** The readings of an expression as a step done to another expression. */
export function stepsIn(node: Expression, scope: Scope): { step: Step; inner: Expression }[] {
  if (node.kind === "BinOp") return arithmetic(node.op, node.left, node.right, node);
  const layer = layerStep(node, scope);
  if (layer) return [layer];
  const call = called(node, scope);
  const [first, second, third] = call?.args ?? [];
  if (!call || !first) return [];
  switch (call.name.replace(/_$/, "")) {
    case "softmax": {
      const dim = integerIn(argument(call, 1, "dim"));
      return dim === undefined
        ? []
        : [
            {
              step: {
                kind: "softmax",
                node,
                dim,
                isWidened: call.keywords.some(({ arg }) => arg === "dtype") || call.args.length > 2,
              },
              inner: first,
            },
          ];
    }
    case "dropout": {
      const p = argument(call, 1, "p");
      const training = argument(call, 2, "training", "train");
      const test =
        training && !(training.kind === "Singleton" && training.value === true) ? textOf(training, scope) : undefined;
      return [
        {
          step: {
            kind: "dropout",
            node,
            probability: p ? textOf(p, scope) : "0.5",
            test,
            reads: [p, training].filter((one) => one !== undefined),
          },
          inner: first,
        },
      ];
    }
    case "masked_fill": {
      const [condition, value] = [argument(call, 1, "mask"), argument(call, 2, "value")];
      const fill = value && fillOf(value, scope);
      return condition && fill ? [{ step: { kind: "drop", node, condition, fill }, inner: first }] : [];
    }
    case "where": {
      const [kept, dropped] = [fillOf(third, scope), fillOf(second, scope)];
      if (kept && second) return [{ step: { kind: "keep", node, condition: first, fill: kept }, inner: second }];
      return dropped && third ? [{ step: { kind: "drop", node, condition: first, fill: dropped }, inner: third }] : [];
    }
    case "float":
    case "half":
    case "bfloat16":
    case "type_as":
    case "type":
    case "to":
      return [{ step: { kind: "cast", node }, inner: first }];
    case "mul":
    case "multiply":
      return second ? arithmetic("*", first, second, node) : [];
    case "div":
    case "divide":
      return second && call.keywords.length === 0 ? arithmetic("/", first, second, node) : [];
    case "add":
      return second && call.keywords.length === 0 ? arithmetic("+", first, second, node) : [];
    default:
      return [];
  }
}

export function arithmetic(
  op: string,
  left: Expression,
  right: Expression,
  node: Expression,
): { step: Step; inner: Expression }[] {
  if (op === "/") return [{ step: { kind: "scale", node, op, by: right }, inner: left }];
  if (op === "*") {
    return [
      { step: { kind: "scale", node, op, by: right }, inner: left },
      { step: { kind: "scale", node, op, by: left }, inner: right },
    ];
  }
  if (op !== "+") return [];
  return [
    { step: { kind: "add", node, bias: right }, inner: left },
    { step: { kind: "add", node, bias: left }, inner: right },
  ];
}

/** A call of the class's own `nn.Softmax` or `nn.Dropout`, or of one made on the spot. */
function layerStep(node: Expression, scope: Scope): { step: Step; inner: Expression } | undefined {
  if (node.kind !== "Call" || node.args.length !== 1 || node.keywords.length > 0) return undefined;
  const name = selfAttribute(node.func);
  const values = name === undefined ? [node.func] : attributeValues(scope, name).map(({ value }) => value);
  const [made] = values;
  if (values.length !== 1 || made?.kind !== "Call") return undefined;
  const layer = dottedName(made.func, scope.imports);
  const inner = node.args[0]!;
  const call = { name: "", args: made.args, keywords: made.keywords, node: made };
  if (layer === "torch.nn.Softmax") {
    const dim = integerIn(argument(call, 0, "dim"));
    return dim === undefined ? undefined : { step: { kind: "softmax", node, dim, isWidened: false }, inner };
  }
  if (layer !== "torch.nn.Dropout" || name === undefined) return undefined;
  return { step: { kind: "dropout", node, probability: `self.${name}.p`, test: "self.training", reads: [] }, inner };
}

/** A value that leaves nothing of a score behind softmax; nothing for any other. */
export function fillOf(node: Expression | undefined, scope: Scope): Fill | undefined {
  if (!node) return undefined;
  const text = textOf(node, scope).replaceAll(/\s/g, "");
  if (/^-?(float\(["']-?inf(inity)?["']\)|(torch|math|np|numpy)\.inf)$/i.test(text)) {
    return text.startsWith("-") !== /["']-/.test(text) ? { kind: "infinite" } : undefined;
  }
  if (/^torch\.finfo\(.*\)\.min$/.test(text)) return { kind: "lowest" };
  const value = Number(/^float\(["'](.*)["']\)$/.exec(text)?.[1] ?? (/^-[\d.eE+]+$/.test(text) ? text : Number.NaN));
  return value <= -1e4 ? { kind: "finite", text, value } : undefined;
}
