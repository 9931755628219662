/** What LoRA and QLoRA share: where they go, what they add, and the code that adds it. */
import { showShare } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import { holdings } from "../../cost/memory/holdings.ts";
import { elements } from "../../tensor/tensor.ts";
import { codeOf } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import type { Found, Knob, Site } from "../techniques/technique.ts";
import { importBitsandbytes } from "../weights/modules.ts";
import { isMostlyFrozen, linearUses, targetPaths } from "./linears.ts";
import { type Reason, scaffolded } from "./scaffold.ts";

export interface LowRankSite extends Site {
  /** Parameters of one rank over all targets, by what they are. */
  readonly paths: Readonly<Record<string, ReadonlySet<string>>>;
}

export const lowRankKnobs = {
  rank: { default: 8, min: 1, max: 1024, what: "columns of the first matrix and rows of the second" },
  targets: {
    default: "all",
    values: ["all", "attention", "mlp"],
    what: "linear layers that get a pair of matrices; the head gets none",
  },
} satisfies Record<string, Knob>;

export function lowRankSites(subject: Subject): Found<LowRankSite> {
  const { step, scenario, figures } = subject;
  if (!step || scenario.phase !== "train")
    return { sites: [], why: "No weights are trained in this phase: adapters are for training." };
  const all = targetPaths(subject, "all");
  if (all.size === 0) return { sites: [], why: "No linear layer but the head is in this model." };
  const uses = linearUses(step, figures.tree).filter(({ path }) => all.has(path));
  const trained = uses.filter(({ parameter }) => parameter.requiresGrad);
  if (isMostlyFrozen(uses)) return { sites: [], why: "The linear layers are frozen already." };
  const weights = new Map(trained.map((use) => [use.path, use.inFeatures * use.outFeatures]));
  const held = [...weights.values()].reduce((sum, one) => sum + one, 0);
  const params = holdings(figures.tree).parameters.reduce(
    (sum, { tensor }) => sum + (known(elements(tensor.shape)) ?? 0),
    0,
  );
  return {
    sites: [
      {
        at: uses[0]?.operation.at,
        what: `${weights.size} linear layers hold ${(held / 1e6).toFixed(1)} million trained parameters${params > 0 ? `, ${showShare(held, params)} of all` : ""}.`,
        paths: { all, attention: targetPaths(subject, "attention"), mlp: targetPaths(subject, "mlp") },
      },
    ],
  };
}

/**
 * Code that freezes the model and puts the pairs beside its linear layers. `stored`: those of these paths, targets among them,
 * are kept in 4 bits.
 */
export function lowRankEdit(subject: Subject, paths: ReadonlySet<string>, rank: number, stored?: ReadonlySet<string>) {
  const uses = linearUses(subject.step ?? subject.inference, subject.figures.tree);
  const last = (path: string) => path.split(".").at(-1) as string;
  const names = [...new Set([...paths].map(last))].sort();
  const others = uses.filter(({ path }) => !paths.has(path) && names.includes(last(path)));
  if (others[0]) return { reason: `${others[0].path} has the name of a target` } satisfies Reason;
  if (uses.some(({ path, operation }) => paths.has(path) && operation.name !== "aten.linear"))
    return { reason: "its products are no nn.Linear: peft's LoraConfig names them by target_modules" } satisfies Reason;
  const quoted = (list: readonly string[]) => `{${list.map((name) => `"${name}"`).join(", ")}}`;
  if (!stored)
    return scaffolded(subject, {
      title: `Freeze the model and add LoRA of rank ${rank}`,
      above: (torch) => `${layerCode(torch)}\n\n${loraCode(torch)}`,
      atEnd: `add_lora(self, ${quoted(names)}, rank=${rank})`,
    });
  const kept = [...new Set([...stored].map(last))].sort();
  if (uses.some(({ path }) => !stored.has(path) && kept.includes(last(path))))
    return { reason: "a layer that stays as it is has the name of one that is stored in 4 bits" } satisfies Reason;
  return scaffolded(subject, {
    title: `Store linear layers in 4 bits and add LoRA of rank ${rank}`,
    above: (torch) => `${layerCode(torch)}\n\n${qloraCode(torch)}`,
    atEnd: `add_qlora(self, ${quoted(kept)}, ${quoted(names)}, rank=${rank})`,
    edits: importBitsandbytes(codeOf(subject.file, subject.text)),
  });
}

const layerCode = (torch: string) =>
  `
class LoRALinear(${torch}.nn.Module):
    """A frozen linear layer with a trained low-rank update beside it (LoRA, arXiv 2106.09685)."""

    def __init__(self, base, rank, scale=2.0):
        super().__init__()
        self.base = base
        self.scale = scale
        self.down = ${torch}.nn.Linear(base.in_features, rank, bias=False)
        self.up = ${torch}.nn.Linear(rank, base.out_features, bias=False)
        ${torch}.nn.init.zeros_(self.up.weight)

    def forward(self, x):
        return self.base(x) + self.up(self.down(x)) * self.scale
`.trim();

const loraCode = (torch: string) => `
def add_lora(model, names, rank):
    """Freezes a model and puts low-rank updates beside its linear layers of these names."""
    model.requires_grad_(False)
    for path, layer in list(model.named_modules()):
        parent, _, name = path.rpartition(".")
        if isinstance(layer, ${torch}.nn.Linear) and name in names:
            setattr(model.get_submodule(parent), name, LoRALinear(layer, rank))
`;

/** bitsandbytes quantizes a weight when it is moved to the device. */
const qloraCode = (torch: string) => `
def add_qlora(model, stored, names, rank):
    """Freezes a model, stores its linear layers in 4 bits and puts low-rank updates beside some (QLoRA, arXiv 2305.14314)."""
    model.requires_grad_(False)
    for path, layer in list(model.named_modules()):
        parent, _, name = path.rpartition(".")
        if isinstance(layer, ${torch}.nn.Linear) and name in stored:
            base = bnb.nn.LinearNF4(layer.in_features, layer.out_features, layer.bias is not None)
            base.weight = bnb.nn.Params4bit(layer.weight.data, requires_grad=False, quant_type="nf4")
            base.bias = layer.bias
            setattr(model.get_submodule(parent), name, LoRALinear(base, rank) if name in names else base)
`;
