import { forwardFunctions, moduleClasses } from "../code/modules.ts";
import { around, type CallNode, type Code, codeOf, within } from "../code/tree.ts";
import type { Rule } from "./rule.ts";

/**
 * A layer with parameters, or an `nn.Parameter`, that is made in the forward pass.
 *
 * It has other random values in each pass, the optimizer does not know it, and no checkpoint holds it. Nothing is said of what is
 * made once and kept (`if self.proj is None`), nor of layers without parameters, which cost no more than the call.
 */
const parameterInForward: Rule = {
  id: "parameter-in-forward",
  price: "its sizes must be known in `__init__`; nn.LazyLinear and its like take them from the first input.",

  *read({ file, text }) {
    const code = codeOf(file, text);
    for (const owner of moduleClasses(code))
      for (const func of forwardFunctions(owner))
        for (const node of within(func)) {
          if (node.kind !== "Call" || !isLearned(code.dotted(node.func) ?? "", node) || isOnce(node, code)) continue;
          const name = code.text(node.func);
          yield {
            severity: "warning",
            at: code.place(node),
            what: `\`${name}\` makes new parameters in each forward pass.`,
            why: "They are random each time, no optimizer trains them and no checkpoint holds them. Make them in `__init__`.",
            fixes: [],
          };
        }
  },
};
export default parameterInForward;

const layers =
  /^torch\.nn\.(Parameter|parameter\.Parameter|(Lazy)?Linear|Bilinear|Embedding|EmbeddingBag|(Lazy)?Conv(Transpose)?[123]d|LSTM|GRU|RNN|LSTMCell|GRUCell|RNNCell|MultiheadAttention|Transformer\w*|PReLU)$/;
/** Without arguments of their own they have parameters too. */
const norms = /^torch\.nn\.((Lazy)?BatchNorm[123]d|SyncBatchNorm|GroupNorm|LayerNorm|RMSNorm)$/;

function isLearned(name: string, { keywords }: CallNode): boolean {
  if (layers.test(name)) return true;
  return norms.test(name) && !keywords.some(({ arg }) => arg === "affine" || arg === "elementwise_affine");
}

/** Whether it is made under a test, or for attributes alone, or its gradient is switched off. */
function isOnce(call: CallNode, code: Code): boolean {
  for (const one of around(call, code)) {
    if (one.kind === "FunctionDef" || one.kind === "ClassDef") return false;
    if (one.kind === "If" || one.kind === "IfExp" || one.kind === "Try") return true;
    if (one.kind === "Attribute" || one.kind === "Lambda") return true;
    if (one.kind === "Assign" && one.targets.some((target) => code.text(target).startsWith("self.")))
      return isLazy(code.text(one.targets[0] ?? call), code);
  }
  return false;
}

/** `self.weight = nn.Parameter(…)` gives a parameter that is there already another value: quantizers and loaders do so. */
function isLazy(target: string, code: Code): boolean {
  return (
    code.nodes.filter((node) => node.kind === "Assign" && node.targets.some((one) => code.text(one) === target))
      .length > 1
  );
}
