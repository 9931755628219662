/** The code that puts a bottleneck beside each MLP of a block and freezes the rest. */
import type { Fix } from "../../cost/report.ts";
import type { ClassDef } from "../../syntax/ast.ts";
import { behind, type Edit } from "../code/edits.ts";
import { forwardFunctions, methodOf } from "../code/modules.ts";
import { type CallNode, type Code, receiver, within } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import { layerAt } from "./blocks.ts";
import type { MlpUse } from "./mlps.ts";
import { modelClass, type Reason, scaffolded } from "./scaffold.ts";

export function adapterEdit(
  subject: Subject,
  mlps: readonly MlpUse[],
  head: string | undefined,
  width: number,
): Fix | Reason {
  const found = modelClass(subject);
  if ("reason" in found) return found;
  const { code } = found;
  const [first] = mlps;
  if (!first) return { reason: "no MLP was found" };
  const path = first.last.path.split(".").slice(0, -1).join(".");
  const name = path.split(".").at(-1) as string;
  const block = layerAt(path.split(".").slice(0, -1).join("."), subject.figures.tree);
  const owner = code.nodes.find((node): node is ClassDef => node.kind === "ClassDef" && node.name === block?.className);
  const init = owner && methodOf(owner, "__init__");
  if (!block || !owner || !init) return { reason: "the class of the blocks is not defined in this file" };
  const made = init.body.find(
    (one) =>
      one.kind === "Assign" &&
      one.targets.some(
        (target) => target.kind === "Attribute" && target.attr === name && code.text(target.value) === "self",
      ),
  );
  const call = forwardFunctions(owner)
    .flatMap((func) => within(func))
    .find((node): node is CallNode => node.kind === "Call" && code.text(node.func) === `self.${name}`);
  const [given] = call?.args ?? [];
  if (!made || !call || !given) return { reason: `self.${name} is made or called in no way that is known` };
  const line = behind(made, `self.adapter = Adapter(${first.width}, ${width})`, code);
  if (!line) return { reason: `self.${name}'s statement shares its line with another` };
  const beside = `${code.text(call)} + self.adapter(${residualText(given, block.className, code)})`;
  const isInSum = ["BinOp", "Assign", "Return", "AugAssign"].includes(code.parent(call)?.kind ?? "");
  return scaffolded(subject, {
    title: `Freeze the model and put adapters of ${width} features beside its MLPs`,
    above: adapterCode,
    atEnd: `train_adapters(self, ${head === undefined ? "set()" : `{"${head}"}`})`,
    edits: [line, { span: code.span(call), text: isInSum ? beside : `(${beside})` } satisfies Edit],
  });
}

/** What a norm is given, where the MLP's argument is a norm's result. */
function residualText(given: CallNode["args"][number], _owner: string, code: Code): string {
  const [inner] = given.kind === "Call" ? given.args : [];
  const isNorm =
    given.kind === "Call" && given.args.length === 1 && receiver(given) && /norm|ln/i.test(code.text(given.func));
  return code.text(isNorm && inner ? inner : given);
}

const adapterCode = (torch: string) => `
class Adapter(${torch}.nn.Module):
    """A bottleneck beside an MLP; it begins with no effect (AdaptFormer, arXiv 2205.13535)."""

    def __init__(self, dim, width, scale=0.1):
        super().__init__()
        self.down = ${torch}.nn.Linear(dim, width)
        self.up = ${torch}.nn.Linear(width, dim)
        self.scale = scale
        ${torch}.nn.init.zeros_(self.up.weight)
        ${torch}.nn.init.zeros_(self.up.bias)

    def forward(self, x):
        return self.up(${torch}.relu(self.down(x))) * self.scale


def train_adapters(model, heads):
    """Freezes all but the adapters and these modules."""
    for name, parameter in model.named_parameters():
        owner = name.rpartition(".")[0]
        parameter.requires_grad_(owner in heads or ".adapter." in name)
`;
