/** The edit that trains parts of a model by losses of their own, each run and taken back before the next part. */
import type { Fix } from "../../cost/report.ts";
import type { Statement } from "../../syntax/ast.ts";
import { integers } from "../../tensor/size.ts";
import { before, behind, type Edit, replace, statementOf } from "../code/edits.ts";
import { type CallNode, type Code, within } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import type { Block } from "./blocks.ts";
import { blockLoop, type Loop, modelClass, type Reason, scaffolded } from "./scaffold.ts";

/** How a block's input and output lie: rows of features, or images with their channels second or last. */
export type Layout = "rows" | "channels first" | "channels last";

export function layoutOf({ call }: Block): Layout | undefined {
  const sizes = call.inputs[0] && integers(call.inputs[0].shape);
  if (!sizes) return undefined;
  if (sizes.length !== 4) return sizes.length >= 2 ? "rows" : undefined;
  return sizes[2] === sizes[3] ? "channels first" : "channels last";
}

/** Features of a block's first input or output. */
export function featuresOf(shape: Block["call"]["inputs"][number]["shape"], layout: Layout): number {
  const sizes = integers(shape);
  return (layout === "channels first" ? sizes[1] : sizes.at(-1)) ?? 1;
}

/** `parts` are blocks that follow each other; the last has the model's own loss. */
export function localEdit(subject: Subject, parts: readonly (readonly Block[])[], width: number): Fix | Reason {
  const found = modelClass(subject);
  if ("reason" in found) return found;
  const { code, owner } = found;
  const loop = blockLoop(subject, owner);
  const run = loop && blockRun(loop, code);
  const layout = parts[0]?.[0] && layoutOf(parts[0][0]);
  if (!loop || !run || !layout) return { reason: "no one loop of this model's forward runs its blocks one by one" };
  const index = indexOf(loop, code);
  const losses = parts.slice(0, -1).flatMap((part) => {
    const [given, made] = [part[0]?.call.inputs[0], part.at(-1)?.call.outputs[0]];
    const number = Number(part.at(-1)?.path.split(".").at(-1));
    if (!given || !made || Number.isNaN(number)) return [];
    return [`"${number}": LocalLoss(${featuresOf(made.shape, layout)}, ${featuresOf(given.shape, layout)}, ${width})`];
  });
  const indent = " ".repeat(4);
  const line = behind(
    run.statement,
    `if str(${index.name}) in self.local:\n${" ".repeat(code.span(run.statement).column)}${indent}${run.value} = given = self.local[str(${index.name})](${run.value}, given)`,
    code,
  );
  if (losses.length === 0 || !line) return { reason: "its blocks are not numbered, or their call shares its line" };
  return scaffolded(subject, {
    title: `Train ${parts.length} parts by losses of their own`,
    above: (torch) => localCode(torch, layout),
    atEnd: `self.local = ${importedNn(code)}.ModuleDict({${losses.join(", ")}})`,
    edits: [before(loop, `given = ${run.value}.detach()`, code), ...index.edits, line],
  });
}

/** `x = block(x)` in a loop over blocks. */
function blockRun(loop: Loop, code: Code): { statement: Statement; value: string } | undefined {
  const names = within(loop.target).flatMap((one) => (one.kind === "Name" ? [one.id] : []));
  const calls = loop.body
    .flatMap((one) => within(one))
    .filter((one): one is CallNode => one.kind === "Call" && one.func.kind === "Name" && names.includes(one.func.id));
  const [call] = calls;
  const statement = call && statementOf(call, code);
  if (!call || calls.length > 1 || statement?.kind !== "Assign" || statement.value !== call) return undefined;
  const [target] = statement.targets;
  const isSame =
    statement.targets.length === 1 &&
    target?.kind === "Name" &&
    call.args[0]?.kind === "Name" &&
    call.args[0].id === target.id;
  return isSame ? { statement, value: target.id } : undefined;
}

/** The loop's number, counted where it is not yet. */
function indexOf(loop: Loop, code: Code): { name: string; edits: readonly Edit[] } {
  const { iter, target } = loop;
  if (iter.kind === "Call" && iter.func.kind === "Name" && iter.func.id === "enumerate" && target.kind === "Tuple") {
    const [first] = target.elts;
    if (first?.kind === "Name") return { name: first.id, edits: [] };
  }
  return {
    name: "number",
    edits: [
      replace(target, `number, ${code.text(target)}`, code),
      replace(iter, `enumerate(${code.text(iter)})`, code),
    ],
  };
}

/** How the file calls `torch.nn`. */
function importedNn(code: Code): string {
  const bound = code.nodes.find((node) => node.kind === "Name" && code.dotted(node) === "torch.nn");
  return bound?.kind === "Name" ? bound.id : "torch.nn";
}

const localCode = (torch: string, layout: Layout) => `
class LocalLoss(${torch}.nn.Module):
    """A part of the network learns to keep what it was given; no gradient goes further (arXiv 2212.14215)."""

    def __init__(self, made, given, width):
        super().__init__()
${decoders[layout].built.replaceAll("nn.", `${torch}.nn.`)}

    def forward(self, x, given):
        if not (self.training and ${torch}.is_grad_enabled()):
            return x
${decoders[layout].run.replaceAll("nn.", `${torch}.nn.`)}
        loss.backward()
        return x.detach()
`;

const convolutions = `        self.decoder = nn.Sequential(
            nn.Conv2d(made, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, given, 3, padding=1)
        )`;

/** Images are brought to the size of what was given, as InfoPro's decoders do, and decoded by two convolutions. */
const decoders: Readonly<Record<Layout, { readonly built: string; readonly run: string }>> = {
  rows: {
    built: "        self.decoder = nn.Sequential(nn.Linear(made, width), nn.ReLU(), nn.Linear(width, given))",
    run: "        loss = nn.functional.mse_loss(self.decoder(x), given)",
  },
  "channels first": {
    built: convolutions,
    run: `        wide = nn.functional.interpolate(x, given.shape[2:], mode="bilinear")
        loss = nn.functional.mse_loss(self.decoder(wide), given)`,
  },
  "channels last": {
    built: convolutions,
    run: `        wide = nn.functional.interpolate(x.movedim(-1, 1), given.shape[1:3], mode="bilinear")
        loss = nn.functional.mse_loss(self.decoder(wide), given.movedim(-1, 1))`,
  },
};
