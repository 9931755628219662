/** Gated attention as code (Quantizable Transformers, arXiv:2306.12929): a gate on what each head gives. */
import type { Fix } from "../../cost/report.ts";
import type { Expression, FunctionDef } from "../../syntax/ast.ts";
import { integer } from "../../tensor/size.ts";
import { definedOverTorch } from "../code/definitions.ts";
import { behind, type Edit, importTorch, statementOf } from "../code/edits.ts";
import { methodOf } from "../code/modules.ts";
import { type Code, codeOf, functionOf, ownerOf, placeKey, within } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import type { AttentionCall } from "./calls.ts";
import type { GateKind } from "./gate.ts";
import type { CallSite } from "./sites.ts";

type Reason = { readonly reason: string };

/** Each head's result times a gate that is computed from the layer's input. */
export function gateEdit(subject: Subject, sites: readonly CallSite[], kind: GateKind): Fix | Reason {
  const code = codeOf(subject.file, subject.text);
  const edits: Edit[] = [];
  let reason = "attention's result is not computed in a method of this file";
  for (const { calls } of sites) {
    const [call] = calls;
    const own = call && siteEdits(call, subject, code, kind);
    if (own && "reason" in own) reason = own.reason;
    else if (own) edits.push(...own);
  }
  if (edits.length === 0) return { reason };
  const title = kind === "all-heads" ? "Gate each head's result" : `Gate each head's result by its own ${kind}`;
  return { title, edits: kind === "all-heads" ? edits : [...edits, ...definedOverTorch(code, headGateCode)] };
}

function siteEdits(call: AttentionCall, { inference }: Subject, code: Code, kind: GateKind): readonly Edit[] | Reason {
  const { at, call: traced } = call.operation;
  const node =
    at?.path === code.path
      ? code.nodes.find((one): one is Expression => placeKey(code.span(one)) === placeKey(at) && isResult(one))
      : undefined;
  const func = node && functionOf(node, code);
  const owner = func && ownerOf(func, code);
  const last = owner && methodOf(owner, "__init__")?.body.at(-1);
  const given = func?.args[1]?.name;
  const input = inference.calls[call.operation.module]?.inputs[0];
  if (!node || !last || !given) return { reason: "attention's result is not computed in a method of this file" };
  if (isBoundBefore(given, node, func, code)) return { reason: `${given} is given another value before attention` };
  if (input?.shape.length !== 3) return { reason: "what the layer is given is no [sequences, positions, features]" };
  if (traced.out[0]?.shape.length !== 4)
    return { reason: "attention's result is no [sequences, heads, positions, features]" };
  const width = integer(input.shape[2] ?? 1);
  const heads = call.rows / integer(input.shape[0] ?? 1);
  const torch = importTorch(code);
  const linear = `self.gate = ${torch.name}.nn.Linear(${width}, ${heads})`;
  const own = `self.gate = HeadGate(${heads}, ${width / heads}${kind === "mlp" ? `, hidden=${width / heads / 4}` : ""})`;
  const made = behind(last, kind === "all-heads" ? linear : own, code);
  if (!made) return { reason: "the end of __init__ shares its line with other code" };
  const gate =
    kind === "all-heads"
      ? `${torch.name}.sigmoid(self.gate(${given})).transpose(1, 2).unsqueeze(-1)`
      : `self.gate(${given})`;
  const used = times(node, gate, given, code);
  return used
    ? [...torch.edits, made, used]
    : { reason: "attention's result stands where no gate can be put behind it" };
}

/** Whether a statement over the node's line binds the name anew. */
function isBoundBefore(name: string, node: Expression, func: FunctionDef, code: Code): boolean {
  const { line } = code.span(statementOf(node, code));
  return within(func).some(
    (one) =>
      one.kind === "Assign" &&
      code.span(one).line < line &&
      one.targets.flatMap(within).some((part) => part.kind === "Name" && part.id === name),
  );
}

function isResult({ kind }: { readonly kind: string }): boolean {
  return kind === "Call" || kind === "BinOp";
}

/** The result times its gate: on a line of its own where a name is given the result, else in its place. */
function times(node: Expression, gate: string, given: string, code: Code): Edit | undefined {
  const statement = statementOf(node, code);
  const target = statement.kind === "Assign" && statement.value === node ? statement.targets[0] : undefined;
  if (target?.kind === "Name" && target.id !== given)
    return behind(statement, `${target.id} = ${target.id} * ${gate}`, code);
  const product = `${code.text(node)} * ${gate}`;
  return { span: code.span(node), text: target ? product : `(${product})` };
}

const headGateCode = (torch: string) => `
class HeadGate(${torch}.nn.Module):
    """How much of a head's result is kept, by token: a small network for each head (arXiv:2306.12929)."""

    def __init__(self, heads, width, hidden=0):
        super().__init__()
        widths = [width, hidden, 1] if hidden else [width, 1]
        shapes = [(heads, *pair) for pair in zip(widths, widths[1:])]
        self.weights = ${torch}.nn.ParameterList(${torch}.randn(shape) * shape[1] ** -0.5 for shape in shapes)
        self.biases = ${torch}.nn.ParameterList(${torch}.zeros(shape[0], 1, shape[2]) for shape in shapes)

    def forward(self, x):
        """[B, S, heads * width] to [B, heads, S, 1]."""
        x = x.unflatten(-1, (self.weights[0].size(0), -1)).transpose(1, 2)
        for weight, bias in zip(self.weights[:-1], self.biases):
            x = ${torch}.relu(x @ weight + bias)
        return ${torch}.sigmoid(x @ self.weights[-1] + self.biases[-1])
`;
