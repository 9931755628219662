import { ops } from "../../ops/catalogue.ts";
import type { Arg } from "../../ops/op.ts";
import { Float } from "../../tensor/scalar.ts";
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import type { Rewriting } from "../../trace/rerun.ts";
import type { Operation, Trace } from "../../trace/trace.ts";
import type { Subject } from "../subject.ts";
import { weightsOf } from "../training/adapters.ts";
import { latentEdit } from "../training/latentDynamics.ts";
import { latentFlops, latentParameters, multiTokenParameters } from "../training/latents.ts";
import { type LinearUse, linearUses } from "../training/linears.ts";
import { type Found, type Site, technique } from "./technique.ts";

interface HeadSite extends Site {
  readonly width: number;
  readonly vocabulary: number;
}

/**
 * A loss beside next-token cross-entropy: an MLP of three layers predicts the next hidden state from this one and the next
 * token's embedding. 2·d·m + m² + m·d parameters are trained beside the model's; inference stays as it is.
 */
export default technique<HeadSite>({
  id: "nextlat",
  name: "NextLat",
  kind: "training-objective",
  paper: {
    title: "Next-Latent Prediction Transformers Learn Compact World Models",
    arxiv: "2511.05963",
    year: 2025,
    where: "figure 10, table 4",
  },
  what: "A small MLP learns to predict the next hidden state; it is thrown away after training, or drafts tokens.",
  price:
    "It is a cost, not a saving: parameters, their optimizer state, and activations are added to training; next-token perplexity gets slightly worse; what it buys is planning and state tracking.",
  demands: "training",
  exact: false,
  knobs: {
    rollout: { default: 1, min: 1, max: 8, what: "steps ahead that are predicted one from the other" },
    width: { default: 0, min: 0, max: 65536, what: "features of the MLP's inner layers; 0: twice the hidden size" },
    kl: { default: false, what: "whether the predicted states go through the frozen head to a second loss" },
  },

  find({ step, scenario, figures, inputs }): Found<HeadSite> {
    if (!step || scenario.phase !== "train")
      return { sites: [], why: "It is a training loss: nothing is trained in this phase." };
    const isOfTokens = inputs.some(({ dtype, shape }) => dtype === "int64" && shape.length === 2);
    const head = isOfTokens ? headOf(step, figures.tree) : undefined;
    if (!head) return { sites: [], why: "No last linear layer gives each position of a sequence a token." };
    const { inFeatures, outFeatures, operation } = head;
    if (
      step.events.some(
        (one) => one.kind === "operation" && one.name === "aten.smooth_l1_loss" && one.pass !== "backward",
      )
    )
      return { sites: [], why: "A smooth L1 loss stands beside the tokens' already." };
    return {
      sites: [
        {
          at: operation.at,
          what: `Hidden states of ${inFeatures} features go to a vocabulary of ${outFeatures}.`,
          width: inFeatures,
          vocabulary: outFeatures,
        },
      ],
    };
  },

  change(subject, [site], { rollout, width, kl }) {
    if (!site || !subject.step) return {};
    const head = headOf(subject.step, subject.figures.tree);
    const loss = lossOf(subject.step);
    if (!head || !loss) return { remarks: ["The loss was not found, so that its cost cannot be said."] };
    const inner = innerWidth(site, width);
    const hidden = head.operation.call.args[head.input] as Tensor;
    const logits = head.operation.call.out[0] as Tensor;
    const embedding = embeddingOf(subject.step);
    const weight = weightsOf();
    return {
      rewrite: (rewriting) => {
        const { step, args } = rewriting;
        if (step.call === head.operation.call) {
          rewriting.hold(hidden);
          if (kl === true) rewriting.hold(logits);
          return undefined;
        }
        if (step.call !== loss.call) return undefined;
        const run = (name: string, ...given: Arg[]) =>
          rewriting.run(ops.get(`aten.${name}`) ?? missing(name), ...given)[0] as Tensor;
        const all = rewriting.now(hidden);
        const cut = (one: Tensor, from: number, to: number | null) => run("slice", one, 1, from, to, 1);
        const still = (one: Tensor): Tensor => ({ ...one, requiresGrad: false, node: undefined });
        const layer = (name: string, out: number, from: number) => weight(rewriting, name, [out, from], all.dtype);
        const scale = (name: string) => weight(rewriting, name, [2 * site.width], all.dtype);
        const embedded = embedding ? run("embedding", ...embedding.call.args.map(nowIn(rewriting))) : all;
        let total = rewriting.run(step.call.op, ...args)[0] as Tensor;
        let state = all;
        for (let ahead = 1; ahead <= Number(rollout); ahead++) {
          state = cut(state, 0, -1);
          const pair = run("cat", [state, cut(embedded, ahead, null)], -1);
          const norm = run("native_layer_norm", pair, [2 * site.width], scale("norm"), scale("bias"), new Float(1e-5));
          const first = run("gelu", run("linear", norm, layer("first", inner, 2 * site.width), null), "none");
          const second = run("gelu", run("linear", first, layer("second", inner, inner), null), "none");
          state = run("add", state, run("linear", second, layer("last", site.width, inner), null));
          total = run("add", total, run("smooth_l1_loss", state, still(cut(all, ahead, null)), 1, new Float(1)));
          if (kl !== true) continue;
          const wanted = run("softmax", still(cut(rewriting.now(logits), ahead, null)), -1, null);
          const plain = run("linear", state, still(rewriting.now(head.parameter)), null);
          const predicted = run("log_softmax", plain, -1, null);
          rewriting.done(plain);
          const product = run("mul", wanted, predicted);
          const sums = run("sum", product, [-1], false);
          rewriting.done(product, wanted, predicted);
          total = run("sub", total, run("mean", sums));
        }
        rewriting.letGo(hidden);
        if (kl === true) rewriting.letGo(logits);
        return [total];
      },
      shows: [
        { name: "parameters of the MLP", after: latentParameters(site.width, inner) },
        {
          name: "as many multi-token heads would add",
          after: Number(rollout) * multiTokenParameters(site.width),
        },
        {
          name: "FLOPs of a token in training",
          after: `${latentFlops(site, inner, Number(rollout), kl === true).toPrecision(3)} more`,
        },
      ],
      remarks: [
        "It costs more than it saves: take it for what it teaches, or in place of multi-token heads of a whole block each.",
        ...(kl === true ? ["The second loss has logits of its own for each step ahead."] : []),
      ],
    };
  },

  edit(subject, [site], { rollout, width, kl }) {
    const { step, figures } = subject;
    const head = step && headOf(step, figures.tree);
    if (!site || !head) return { reason: "no head was found" };
    return latentEdit(subject, {
      width: site.width,
      inner: innerWidth(site, width),
      rollout: Number(rollout),
      kl: kl === true,
      head: head.operation.at,
      embedding: embeddingOf(step)?.at,
    });
  },
});

function innerWidth({ width }: HeadSite, asked: unknown): number {
  return Number(asked) > 0 ? Number(asked) : 2 * width;
}

function headOf(step: Trace, tree: Subject["figures"]["tree"]): LinearUse | undefined {
  const head = linearUses(step, tree).at(-1);
  const out = head?.operation.outputs[0]?.shape.length ?? 0;
  return head && out >= 2 && head.outFeatures > 2 * head.inFeatures ? head : undefined;
}

/** Where tokens become vectors: the first look-up in a table by numbers of [B, S]. */
function embeddingOf({ events }: Trace): Operation | undefined {
  return events.find(
    (event): event is Operation =>
      event.kind === "operation" && event.name === "aten.embedding" && event.inputs[1]?.shape.length === 2,
  );
}

function nowIn({ now }: Rewriting): (one: Arg) => Arg {
  return (one) => (isTensor(one) ? now(one) : one);
}

/** The last scalar before the backward pass. */
function lossOf({ events }: Trace) {
  const first = events.findIndex((event) => event.kind === "operation" && event.pass === "backward");
  const before = events.slice(0, Math.max(first, 0));
  const found = before.findLast(
    (event) =>
      event.kind === "operation" &&
      event.call.out.some(({ shape, requiresGrad }) => shape.length === 0 && requiresGrad),
  );
  return found?.kind === "operation" ? found : undefined;
}

function missing(name: string): never {
  throw new Error(`no operation is called ${name}`);
}
