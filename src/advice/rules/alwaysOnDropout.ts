import type { SyntaxNode } from "../../syntax/walk.ts";
import { withKeyword } from "../code/edits.ts";
import { forwardFunctions, moduleClasses } from "../code/modules.ts";
import { around, type CallNode, type Code, codeOf, keyword, within } from "../code/tree.ts";
import type { Fault, Rule } from "./rule.ts";

/**
 * Dropout in a forward pass that `model.eval()` does not switch off: `F.dropout(x, p)` without `training`, or an `nn.Dropout`
 * that is made in the forward pass and so is always in training mode.
 *
 * `F.dropout` has `training=True` by default. Evaluation then gives other numbers each time, and worse ones.
 */
const alwaysOnDropout: Rule = {
  id: "always-on-dropout",
  price:
    "evaluation gives other numbers than before: the ones that were meant. Who wants dropout in evaluation writes training=True.",

  *read({ file, text }) {
    const code = codeOf(file, text);
    for (const owner of moduleClasses(code))
      for (const func of forwardFunctions(owner))
        for (const node of within(func))
          if (node.kind === "Call" && !asksForMode(node, code)) yield* faultOf(node, code);
  },
};
export default alwaysOnDropout;

/** Whether it runs only where a test of the mode says so: `if self.training`. */
function asksForMode(call: CallNode, code: Code): boolean {
  for (const one of around(call, code)) {
    if (one.kind === "FunctionDef") return false;
    if (
      (one.kind === "If" || one.kind === "IfExp" || one.kind === "BoolOp") &&
      /train|eval/.test(code.text(testOf(one)))
    )
      return true;
  }
  return false;
}

const testOf = (node: SyntaxNode) => (node.kind === "If" || node.kind === "IfExp" ? node.test : node);

function* faultOf(call: CallNode, code: Code): Generator<Fault> {
  const name = code.dotted(call.func) ?? "";
  if (/^torch\.(nn\.functional\.)?(alpha_|feature_)?dropout[123]?d?$/.test(name)) {
    const isSaid =
      keyword(call, "training") !== undefined || call.args.length > 2 || call.keywords.some(({ arg }) => arg === null);
    if (isSaid || isZero(call) || name === "torch.dropout") return;
    yield {
      severity: "warning",
      at: code.place(call),
      what: "This dropout stays on in evaluation.",
      why: "`F.dropout` has training=True by default, and `model.eval()` does not reach it: each evaluation draws other zeros.",
      fixes: [{ title: "Pass training=self.training", edits: [withKeyword(call, "training", "self.training", code)] }],
    };
  }
  // `nn.Dropout(p)(x)`: a layer that is made here has never heard of `eval()`.
  const made = call.func.kind === "Call" ? call.func : undefined;
  if (made && /^torch\.nn\.\w*Dropout\w*$/.test(code.dotted(made.func) ?? "") && !isZero(made))
    yield {
      severity: "warning",
      at: code.place(call),
      what: "This dropout stays on in evaluation.",
      why: "A layer that is made in the forward pass is in training mode, and `model.eval()` does not reach it. Make it in `__init__`.",
      fixes: [],
    };
}

function isZero({ args, keywords }: CallNode): boolean {
  const p = keywords.find(({ arg }) => arg === "p")?.value ?? args.at(-1);
  return (p?.kind === "Float" || p?.kind === "Int") && p.value === 0;
}
