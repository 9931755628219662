/** The edit that builds norms whose statistics are frozen in inference, folded into the linear layers behind them. */
import type { Fix } from "../../cost/report.ts";
import { isTensor, type Storage } from "../../tensor/tensor.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import type { Trace } from "../../trace/trace.ts";
import { type Edit, replace, withKeyword } from "../code/edits.ts";
import { constructionOf, flowOf, isView, layersOf } from "../code/flow.ts";
import { type CallNode, codeOf, keyword } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import { type Reason, scaffolded } from "../training/scaffold.ts";
import { importOf } from "../training/script.ts";
import type { Norm } from "./norms.ts";

export function foldingEdit(subject: Subject, norms: readonly Norm[]): Fix | Reason {
  const { figures, pass, file, text } = subject;
  const code = codeOf(file, text);
  const layers = layersOf(figures.tree);
  const holders = holdersOf(layers);
  const folds = new Map<string, Set<string>>();
  const [normCalls, linearCalls] = [new Map<CallNode, BuiltLayer>(), new Set<CallNode>()];
  for (const norm of norms) {
    const layer = layers.find(({ module }) =>
      norm.operations.every((one) => pass.calls[one.module]?.module === module),
    );
    const linears = readersOf(norm, pass, subject).flatMap((storage) => holders.get(storage) ?? []);
    const [built, others] = [layer && constructionOf(layer, code), linears.map((one) => constructionOf(one, code))];
    if (!layer || !built || others.length === 0 || others.includes(undefined))
      return { reason: `${layer?.path ?? "a norm"} or the linear layers behind it are not built in this file` };
    normCalls.set(built, layer);
    for (const one of others) if (one) linearCalls.add(one);
    const own = folds.get(pattern(layer.path)) ?? new Set();
    folds.set(pattern(layer.path), own);
    for (const { path } of linears) own.add(pattern(path));
  }
  const folded = new Set(norms.flatMap(({ weights }) => weights.map(({ storage }) => storage)));
  const shared = layers.find((one) => {
    const call = constructionOf(one, code);
    return call && normCalls.has(call) && one.parameters.some(({ tensor }) => !folded.has(tensor.storage));
  });
  if (shared) return { reason: `${shared.path} is built by the same call and is no norm that folds` };
  const edits: Edit[] = [];
  for (const call of normCalls.keys()) {
    const [width] = call.args;
    if (!width) return { reason: "a norm is built without its width" };
    edits.push(replace(call, `norm_for_fold(${code.text(width)})`, code));
  }
  for (const call of linearCalls) {
    if (code.dotted(call.func) !== "torch.nn.Linear") return { reason: `${code.text(call)} is no torch.nn.Linear` };
    if (call.args[2]) edits.push(replace(call.args[2], "True", code));
    else if (keyword(call, "bias")) edits.push(withKeyword(call, "bias", "True", code));
  }
  return scaffolded(subject, {
    title: `Fold ${norms.length} norms into the linear layers behind them`,
    above: (torch) => foldingCode(torch, folds),
    edits: [...importOf("re", code), ...edits],
  });
}

function holdersOf(layers: readonly BuiltLayer[]): Map<Storage, BuiltLayer[]> {
  const found = new Map<Storage, BuiltLayer[]>();
  for (const layer of layers)
    for (const { name, tensor } of layer.parameters)
      if (name === "weight") found.set(tensor.storage, [...(found.get(tensor.storage) ?? []), layer]);
  return found;
}

/** The matrices that a norm's result is multiplied with. */
function readersOf({ result }: Norm, trace: Trace, { figures }: Subject): Storage[] {
  return flowOf(trace, figures)
    .readers(result.storage)
    .filter((one) => !isView(one))
    .flatMap(({ call }) => call.args.filter(isTensor))
    .flatMap(({ storage, shape }) => (storage.role === "parameter" && shape.length === 2 ? [storage] : []));
}

/** `h.*.ln_1` for `h.0.ln_1`. */
function pattern(path: string): string {
  return path.replace(/(?<=^|\.)\d+(?=\.|$)/g, "*");
}

const foldingCode = (torch: string, folds: ReadonlyMap<string, ReadonlySet<string>>) => `
# Unified normalization (arXiv 2208.01313): False to train, True for inference with the weights that \`folded\` gives.
FOLDED = True
NUMBER = r"(?<![^.])\\d+(?![^.])"
FOLDS = {
${[...folds].map(([norm, linears]) => `    "${norm}": [${[...linears].map((one) => `"${one}"`).join(", ")}],`).join("\n")}
}


class UnifiedNorm(${torch}.nn.Module):
    """Each channel over the root of its mean square, smoothed over batches and frozen in inference."""

    def __init__(self, dim, window=4, eps=1e-5):
        super().__init__()
        self.eps = eps
        self.weight = ${torch}.nn.Parameter(${torch}.ones(dim))
        self.bias = ${torch}.nn.Parameter(${torch}.zeros(dim))
        self.register_buffer("window", ${torch}.ones(window, dim))
        self.register_buffer("moment", ${torch}.ones(dim))

    def forward(self, x):
        moment = self.moment
        if self.training:
            now = x.float().square().mean(tuple(range(x.dim() - 1)))
            self.window.copy_(${torch}.cat([self.window[1:], now.detach()[None]]))
            smooth = self.window.log().mean(0).exp()
            self.moment.lerp_(smooth, 0.1)
            moment = smooth + now - now.detach()
        return x * (self.weight * (moment + self.eps).rsqrt()).to(x.dtype) + self.bias


def norm_for_fold(dim):
    return ${torch}.nn.Identity() if FOLDED else UnifiedNorm(dim)


def folded(state, eps=1e-5):
    """Weights of the folded model from those of the trained one: W·diag(γ/√(σ² + ε)) and b + W·β."""
    state = dict(state)
    for norm in [name[: -len(".moment")] for name in state if name.endswith(".moment")]:
        weight, bias, moment, _ = (state.pop(f"{norm}.{part}") for part in ("weight", "bias", "moment", "window"))
        for layer in FOLDS[re.sub(NUMBER, "*", norm)]:
            for number in re.findall(NUMBER, norm):
                layer = layer.replace("*", number, 1)
            matrix = state[f"{layer}.weight"]
            state[f"{layer}.bias"] = state[f"{layer}.bias"] + matrix @ bias
            state[f"{layer}.weight"] = matrix * (weight * (moment + eps).rsqrt())
    return state
`;
