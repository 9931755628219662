import type { Expression } from "../../syntax/ast.ts";
import type { SyntaxNode } from "../../syntax/walk.ts";
import { withKeyword } from "../code/edits.ts";
import { forwardFunctions, moduleClasses } from "../code/modules.ts";
import { type CallNode, type Code, codeOf, keyword, method, receiver, within } from "../code/tree.ts";
import { isOccasional, trainingLoops } from "../scripts/training.ts";
import type { Rule } from "./rule.ts";

/**
 * A tensor that is made in the host's memory and then copied: `torch.zeros(n).to(device)` in a forward pass or a training loop.
 *
 * The copy is from memory that is not pinned, so that Python waits for it. `torch.zeros(n, device=device)` fills it where it is
 * needed. Random tensors draw other numbers there.
 */
const tensorMadeOnHost: Rule = {
  id: "tensor-made-on-host",

  *read({ file, text }) {
    const code = codeOf(file, text);
    const loops = trainingLoops(code).map(({ loop }) => loop);
    const forwards = moduleClasses(code).flatMap(forwardFunctions);
    const places: SyntaxNode[] = [...loops, ...forwards];
    const seen = new Set<SyntaxNode>();
    for (const place of places) {
      for (const node of within(place)) {
        if (node.kind !== "Call" || seen.has(node)) continue;
        seen.add(node);
        const found = copied(node, code);
        if (!found || loops.some((loop) => loop === place && isOccasional(node, loop, code))) continue;
        const { made, device, isRandom } = found;
        const call = code.text(made.func);
        yield {
          severity: "hint",
          at: code.place(node),
          what: `\`${call}\` fills its tensor on the host, which is then copied.`,
          why: "Python waits for the copy each time. Given the device, it is filled where it is needed.",
          price: isRandom ? "the device draws other random numbers than the host." : "none: the values are the same.",
          fixes: [
            {
              title: `Make it with device=${device}`,
              edits: moved(node, made, device, code),
              ...(isRandom ? {} : { exact: true as const }),
            },
          ],
        };
      }
    }
  },
};
export default tensorMadeOnHost;

const makers = /^torch\.(zeros|ones|full|arange|linspace|eye|empty|rand|randn|randint|randperm)$/;

/** `maker(…).to(device)` and `maker(…).cuda()`, where the maker is told of no device. */
function copied(call: CallNode, code: Code): { made: CallNode; device: string; isRandom: boolean } | undefined {
  const made = receiver(call);
  if (made?.kind !== "Call" || keyword(made, "device") || made.keywords.some(({ arg }) => arg === null))
    return undefined;
  const [, maker] = makers.exec(code.dotted(made.func) ?? "") ?? [];
  if (!maker || call.keywords.length > 0) return undefined;
  const device = deviceOf(call, code);
  return device === undefined ? undefined : { made, device, isRandom: maker.startsWith("rand") };
}

function deviceOf(call: CallNode, code: Code): string | undefined {
  const name = method(call);
  if (name === "cuda" && call.args.length === 0) return '"cuda"';
  const [first] = call.args;
  if (name !== "to" || !first || call.args.length !== 1) return undefined;
  return isDevice(first) ? code.text(first) : undefined;
}

/** Whether an expression is a device by how it is written: `x.device`, `self.device`, `device`, `"cuda:0"`. */
function isDevice(node: Expression): boolean {
  if (node.kind === "Str") return /^(cuda|mps|xpu)/.test(node.value);
  if (node.kind === "Attribute") return /device$/.test(node.attr);
  return node.kind === "Name" && /^(device|dev|DEVICE)$/.test(node.id);
}

function moved(call: CallNode, made: CallNode, device: string, code: Code) {
  const whole = code.span(call);
  const inner = code.span(made);
  const behind = { line: inner.endLine, column: inner.endColumn, endLine: whole.endLine, endColumn: whole.endColumn };
  return [withKeyword(made, "device", device, code), { span: behind, text: "" }];
}
