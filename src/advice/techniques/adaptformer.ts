import { ops } from "../../ops/catalogue.ts";
import type { Op } from "../../ops/op.ts";
import { Float } from "../../tensor/scalar.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import { passesOf } from "../attention/sites.ts";
import { layersOf } from "../code/flow.ts";
import { adapterEdit } from "../training/adapterEdit.ts";
import { frozen, weightsOf } from "../training/adapters.ts";
import { isMostlyFrozen, type LinearUse, linearUses } from "../training/linears.ts";
import { type MlpUse, mlpUses } from "../training/mlps.ts";
import { type Found, type Site, technique } from "./technique.ts";

interface MlpSite extends Site {
  readonly mlps: readonly MlpUse[];
  /** Undefined where the last product's weight is that of another layer: a tied embedding stays frozen. */
  readonly head: string | undefined;
}

/**
 * A frozen vision transformer with a bottleneck beside each MLP: L·(2·d·m + m + d) parameters and the head are trained.
 *
 * Of the 16·d + h·S numbers that a block keeps for each token about 9·d + 2·m + h·S stay: inputs of norms and activations are
 * needed for the gradient that runs through the frozen weights.
 */
export default technique<MlpSite>({
  id: "adaptformer",
  name: "AdaptFormer",
  kind: "adapters",
  paper: {
    title: "AdaptFormer: Adapting Vision Transformers for Scalable Visual Recognition",
    arxiv: "2205.13535",
    year: 2022,
    where: "section 3.2, tables 1, 2 and 10",
  },
  what: "The weights are frozen, and a trained bottleneck runs beside each MLP.",
  price:
    "The bottleneck stays at inference, as its ReLU cannot be merged; images far from what was pretrained on lose up to 2.5 points; activations stay most of the memory.",
  demands: "fine-tuning",
  exact: false,
  knobs: {
    width: { default: 64, min: 1, max: 4096, what: "features of the bottleneck" },
    norm: { default: false, what: "whether the last norm is trained as well, as in the authors' video code" },
  },

  find({ step, scenario, figures }): Found<MlpSite> {
    if (!step || scenario.phase !== "train")
      return { sites: [], why: "No weights are trained in this phase: adapters are for training." };
    const mlps = mlpUses(step, figures.tree);
    const uses = linearUses(step, figures.tree);
    if (mlps.length === 0)
      return { sites: [], why: "No linear layer, activation and linear layer back stand behind each other." };
    if (isMostlyFrozen(uses)) return { sites: [], why: "Most linear layers are frozen already." };
    const [{ width = 0, hidden = 0, first } = {}] = mlps;
    return {
      sites: [
        {
          at: first?.operation.at,
          what: `${mlps.length} MLPs of ${width} and ${hidden} features are trained whole.`,
          mlps,
          head: headOf(uses.at(-1), figures.tree),
        },
      ],
    };
  },

  change(subject, [site], { width, norm }) {
    const { tree } = subject.figures;
    const mlps = passesOf(subject).flatMap((trace) => mlpUses(trace, tree));
    const firsts = new Map(mlps.map((one) => [one.first.operation.call, one]));
    const lasts = new Map(mlps.map((one) => [one.last.operation.call, one]));
    const lastNorm = norm === true ? normOf(subject.step ?? subject.inference, tree) : undefined;
    const stays = (path: string) =>
      (site?.head !== undefined && path.startsWith(`${site.head}.`)) ||
      (lastNorm !== undefined && path.startsWith(`${lastNorm}.`));
    const weight = weightsOf();
    const features = Number(width);
    return {
      weight: frozen(stays),
      rewrite: (rewriting) => {
        const { step, args, run, now } = rewriting;
        const begun = firsts.get(step.call);
        if (begun) rewriting.hold(begun.residual);
        const mlp = lasts.get(step.call);
        if (!mlp) return undefined;
        const { path } = mlp.last;
        const x = now(mlp.residual);
        const one = (name: string, shape: readonly number[]) => weight(rewriting, `${path}.${name}`, shape, x.dtype);
        const [whole] = run(step.call.op, ...args) as [Tensor];
        const [narrow] = run(op("linear"), x, one("down", [features, mlp.width]), one("down.bias", [features])) as [
          Tensor,
        ];
        const [active] = run(op("relu"), narrow) as [Tensor];
        const [wide] = run(op("linear"), active, one("up", [mlp.width, features]), one("up.bias", [mlp.width])) as [
          Tensor,
        ];
        const [scaled] = run(op("mul"), wide, new Float(0.1)) as [Tensor];
        rewriting.letGo(mlp.residual);
        return run(op("add"), whole, scaled);
      },
      remarks: ["Build the optimizer from the parameters that are trained alone."],
    };
  },

  edit(subject, [site], { width }) {
    return adapterEdit(subject, site?.mlps ?? [], site?.head, Number(width));
  },
});

function op(name: string): Op {
  return ops.get(`aten.${name}`) as Op;
}

function headOf(last: LinearUse | undefined, tree: BuiltLayer): string | undefined {
  const owners = layersOf(tree).filter(({ parameters }) =>
    parameters.some(({ tensor }) => tensor.storage === last?.parameter.storage),
  );
  return owners.length === 1 ? last?.path : undefined;
}

/** The path of the norm that runs last. */
function normOf(trace: Parameters<typeof linearUses>[0], tree: Parameters<typeof linearUses>[1]): string | undefined {
  const layers = new Map<object, string>();
  const visit = (layer: typeof tree) => {
    layers.set(layer.module, layer.path);
    layer.children.forEach(visit);
  };
  visit(tree);
  const last = trace.events.findLast(
    (event) => event.kind === "operation" && event.pass === "forward" && /layer_norm|rms_norm/.test(event.name),
  );
  return last?.kind === "operation" ? layers.get(trace.calls[last.module]?.module as object) : undefined;
}
