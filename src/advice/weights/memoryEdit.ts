/** The edit that builds a block's matrices as tables: its weights do not come from the dense ones. */
import type { Fix } from "../../cost/report.ts";
import type { Expression } from "../../syntax/ast.ts";
import { type Edit, replace } from "../code/edits.ts";
import { constructionOf, layersOf } from "../code/flow.ts";
import { type CallNode, codeOf, keyword } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import { type Reason, scaffolded } from "../training/scaffold.ts";
import type { Part } from "./memoryLayers.ts";
import type { ProductWeight } from "./products.ts";

export function memoryEdit(
  subject: Subject,
  parts: ReadonlyMap<ProductWeight, Part>,
  bits: number,
  extra: number,
): Fix | Reason {
  const code = codeOf(subject.file, subject.text);
  const layers = new Map(layersOf(subject.figures.tree).map((one) => [one.path, one]));
  const wanted = new Map<CallNode, Part>();
  for (const [{ layer }, part] of parts) {
    const built = layers.get(layer);
    const call = built && constructionOf(built, code);
    if (!call || code.dotted(call.func) !== "torch.nn.Linear" || (wanted.get(call) ?? part) !== part)
      return { reason: `${layer} is built by no call of torch.nn.Linear of its own in this file` };
    wanted.set(call, part);
  }
  const others = [...layers.values()].filter((one) => {
    const call = constructionOf(one, code);
    return call && wanted.has(call) && ![...parts.keys()].some(({ layer }) => layer === one.path);
  });
  if (others.length > 0) return { reason: `${others[0]?.path} is built by the same call and is no part of a block` };
  const edits: Edit[] = [];
  for (const [call, part] of wanted) {
    const [given, made] = [argument(call, 0, "in_features"), argument(call, 1, "out_features")];
    if (!given || !made) return { reason: `${code.text(call)} does not name its sizes` };
    const text = (node: Expression) => (/^[\w.]+$/.test(code.text(node)) ? code.text(node) : `(${code.text(node)})`);
    const hidden = (of: Expression) => `${bits + extra} * (${text(of)} // ${bits})`;
    const forms: Readonly<Record<Part, string>> = {
      table: `MemoryLayer(${code.text(given)}, ${code.text(made)}, ${bits})`,
      expanding: `MemoryLayer(${code.text(given)}, ${hidden(given)}, ${bits})`,
      contracting: `MemoryLayer(${hidden(made)}, ${code.text(made)}, ${bits + extra})`,
      "left out": `${code.text(call.func).replace(/Linear$/, "Identity")}()`,
    };
    edits.push(replace(call, forms[part], code));
  }
  return scaffolded(subject, { title: "Build the blocks' matrices as tables", above: memoryCode, edits });
}

function argument(call: CallNode, at: number, name: string): Expression | undefined {
  return call.args[at] ?? keyword(call, name)?.value;
}

/** `embedding_bag` sums the rows without making them. */
const memoryCode = (torch: string) => `
class MemoryLayer(${torch}.nn.Module):
    """Rows of tables, picked by the signs of groups of inputs, summed by how sure these are (MemoryFormer, arXiv 2411.12992)."""

    def __init__(self, inputs, outputs, bits):
        super().__init__()
        count = inputs // bits
        self.bits = bits
        self.tables = ${torch}.nn.Parameter(${torch}.randn(count * 2**bits, outputs) * inputs**-0.5)
        self.register_buffer("powers", 2 ** ${torch}.arange(bits), persistent=False)
        self.register_buffer("starts", 2**bits * ${torch}.arange(count), persistent=False)

    def forward(self, x):
        groups = x.reshape(-1, x.shape[-1] // self.bits, self.bits)
        rows = ((groups > 0) * self.powers).sum(-1) + self.starts
        sure = ${torch}.nn.functional.logsigmoid(2 * groups.abs()).sum(-1).exp()
        out = ${torch}.nn.functional.embedding_bag(rows, self.tables, per_sample_weights=sure, mode="sum")
        return out.view(*x.shape[:-1], -1)
`;
