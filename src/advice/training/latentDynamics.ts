/** NextLat's head and loss as code: a small MLP behind the hidden states, trained beside the model (arXiv:2511.05963). */

import type { Place } from "../../base/place.ts";
import type { Fix } from "../../cost/report.ts";
import type { Expression, Statement } from "../../syntax/ast.ts";
import { behind, statementOf } from "../code/edits.ts";
import { type CallNode, type Code, functionOf, within } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import { modelClass, type Reason, scaffolded } from "./scaffold.ts";

export interface Latent {
  /** Of the hidden states, and of the MLP's inner layers. */
  readonly width: number;
  readonly inner: number;
  readonly rollout: number;
  /** Whether the predicted states go through the head to a second loss. */
  readonly kl: boolean;
  /** Where the head and the tokens' embedding are called. */
  readonly head: Place | undefined;
  readonly embedding: Place | undefined;
}

type Assign = Extract<Statement, { kind: "Assign" }>;

/** The loss is added right behind the one that the model's forward pass computes. */
export function latentEdit(subject: Subject, latent: Latent): Fix | Reason {
  const found = modelClass(subject);
  if ("reason" in found) return found;
  const { code } = found;
  const head = code.callAt(latent.head);
  const func = head && functionOf(head, code);
  const [hidden] = head?.args ?? [];
  if (!head || !func || hidden?.kind !== "Name")
    return { reason: "the head is not called with a plain name in this file" };
  const embedding = code.callAt(latent.embedding);
  if (!embedding || functionOf(embedding, code) !== func)
    return { reason: "tokens are not embedded where the head is called" };
  const loss = within(func).find((node): node is Assign => node.kind === "Assign" && isLoss(node, code));
  const [target] = loss?.targets ?? [];
  if (!loss || target?.kind !== "Name")
    return { reason: "the next-token loss is not computed where the head is called" };
  const logits = nameOf(head, code);
  if (latent.kl && logits === undefined) return { reason: "the logits have no name for the second loss to read" };
  if (isBoundBetween(hidden.id, head, loss, code))
    return { reason: `${hidden.id} is given another value before the loss` };
  const more = [
    ...(latent.rollout > 1 ? [`rollout=${latent.rollout}`] : []),
    ...(latent.kl ? [`head=${code.text(head.func)}`, `logits=${logits}`] : []),
  ];
  const given = [hidden.id, code.text(embedding), ...more].join(", ");
  const indent = " ".repeat(code.span(loss).column + 4);
  const lines = ["if self.training:", `${indent}${target.id} = ${target.id} + self.latent.loss(${given})`];
  const added = behind(loss, lines.join("\n"), code);
  if (!added) return { reason: "the loss shares its line with other code" };
  return scaffolded(subject, {
    title: `Train a predictor of the next hidden state, ${latent.inner} features wide`,
    above: latentCode,
    atEnd: `self.latent = LatentDynamics(${latent.width}, ${latent.inner})`,
    edits: [added],
  });
}

/** `loss = F.cross_entropy(...)`, also where something is done to the result. */
function isLoss({ value, targets }: Assign, code: Code): boolean {
  if (targets.length !== 1) return false;
  return within(value).some((node) => node.kind === "Call" && isCrossEntropy(node, code));
}

function isCrossEntropy({ func }: CallNode, code: Code): boolean {
  const dotted = code.dotted(func) ?? code.text(func);
  return /(^|\.)cross_entropy$/.test(dotted);
}

/** The name that a call's result is given. */
function nameOf(call: CallNode, code: Code): string | undefined {
  const statement = statementOf(call, code);
  const target = statement.kind === "Assign" && statement.value === call ? statement.targets[0] : undefined;
  return target?.kind === "Name" ? target.id : undefined;
}

/** Whether a statement of the head's block or around the loss binds the name anew before the loss. */
function isBoundBetween(name: string, head: Expression, loss: Assign, code: Code): boolean {
  const [from, to] = [code.span(head).line, code.span(loss).line];
  const func = functionOf(head, code);
  return within(func as Statement).some(
    (node) =>
      node.kind === "Assign" &&
      code.span(node).line > from &&
      code.span(node).line < to &&
      node.targets.some((target) => within(target).some((one) => one.kind === "Name" && one.id === name)),
  );
}

const latentCode = (torch: string) => `
class LatentDynamics(${torch}.nn.Module):
    """Predicts the next hidden state from this one and the next token's embedding (NextLat, arXiv:2511.05963)."""

    def __init__(self, dim, width):
        super().__init__()
        self.norm = ${torch}.nn.LayerNorm(2 * dim)
        self.mlp = ${torch}.nn.Sequential(
            ${torch}.nn.Linear(2 * dim, width, bias=False),
            ${torch}.nn.GELU(),
            ${torch}.nn.Linear(width, width, bias=False),
            ${torch}.nn.GELU(),
            ${torch}.nn.Linear(width, dim, bias=False),
        )

    def loss(self, hidden, embedded, rollout=1, head=None, logits=None):
        """Of states predicted up to \`rollout\` tokens ahead; hidden and embedded are [B, S, dim], logits [B, S, V]."""
        state, total = hidden, 0.0
        for ahead in range(1, rollout + 1):
            state = state[:, :-1]
            state = state + self.mlp(self.norm(${torch}.cat([state, embedded[:, ahead:]], dim=-1)))
            total = total + ${torch}.nn.functional.smooth_l1_loss(state, hidden[:, ahead:].detach())
            if head is not None:
                wanted = logits[:, ahead:].detach().softmax(-1)
                predicted = ${torch}.nn.functional.linear(state, head.weight.detach()).log_softmax(-1)
                total = total - (wanted * predicted).sum(-1).mean()
        return total / rollout
`;
