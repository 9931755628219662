/** The edit that lets a decoder read in segments and keep summaries of those that are over (Memo, arXiv:2510.19732). */
import type { Fix } from "../../cost/report.ts";
import type { Expression, FunctionDef } from "../../syntax/ast.ts";
import { integer } from "../../tensor/size.ts";
import type { Operation } from "../../trace/trace.ts";
import { attentionCalls } from "../attention/calls.ts";
import { ownCoreEdit } from "../attention/ownCore.ts";
import { placed } from "../attention/sites.ts";
import { type Edit, importTorch, replace } from "../code/edits.ts";
import { type Code, codeOf, functionOf, within } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import { linearUses } from "../training/linears.ts";
import { type Reason, scaffolded } from "../training/scaffold.ts";

/** The model's own forward pass becomes what is run on a segment, or on summaries. */
export function memoEdit(subject: Subject, segment: number, summary: number): Fix | Reason {
  const code = codeOf(subject.file, subject.text);
  const embedding = subject.inference.events.find(
    (event): event is Operation => event.kind === "operation" && event.name === "aten.embedding",
  );
  const embed = code.callAt(embedding?.at);
  const func = embed && functionOf(embed, code);
  const [ids] = embed?.args ?? [];
  const width = embedding?.outputs[0]?.shape.at(-1);
  if (!embed || !func || !width || ids?.kind !== "Name" || func.name !== "forward" || func.args[1]?.name !== ids.id)
    return { reason: "tokens are not embedded in a forward method of this file under its first argument's name" };
  const head = code.callAt(linearUses(subject.inference, subject.figures.tree).at(-1)?.operation.at);
  const [states] = head?.args ?? [];
  const keys = returnedKeys(func);
  if (!states || functionOf(states, code) !== func || !keys?.includes("past_key_values"))
    return { reason: "forward does not return its head's result and past_key_values in one dict" };
  const core = ownCoreEdit(
    subject,
    placed(attentionCalls(subject.inference), () => ""),
    {
      title: "",
      name: "attend_behind",
      source: behindCode,
    },
  );
  if ("reason" in core) return core;
  const { name } = importTorch(code);
  const driver = driverEdit(func, ids.id, keys, name, code);
  if (!driver) return { reason: "the method's head is not written on lines of its own" };
  return scaffolded(subject, {
    title: `Keep ${summary} summary tokens for each ${segment} that were read`,
    above: (torch) => memoCode(torch, segment, summary),
    atEnd: `self.memo = Memo(${integer(width)})`,
    edits: [
      ...core.edits,
      ...driver,
      replace(embed, `${ids.id} if ${ids.id}.is_floating_point() else ${code.text(embed)}`, code),
      replace(states, `self.memo.keep(${code.text(states)})`, code),
    ],
  });
}

/** The keys of the one dict that a function returns. */
function returnedKeys(func: FunctionDef): readonly string[] | undefined {
  const returned = within(func).flatMap((node) => (node.kind === "Return" && node.value ? [node.value] : []));
  const [only] = returned;
  if (returned.length !== 1 || only?.kind !== "Dict") return undefined;
  const keys = only.keys.map((key: Expression | null) => (key?.kind === "Str" ? key.value : undefined));
  return keys.every((key) => key !== undefined) ? keys : undefined;
}

/** `forward` that drives, over the author's method, which is called `segment` from now on. */
function driverEdit(
  func: FunctionDef,
  ids: string,
  keys: readonly string[],
  torch: string,
  code: Code,
): readonly Edit[] | undefined {
  const { line, column } = code.span(func);
  const text = code.lines[line] ?? "";
  const at = text.indexOf("forward", column);
  if (!/^\s*def $/.test(text.slice(0, at)) || func.decorators.length > 0) return undefined;
  const indent = " ".repeat(column);
  const parts = keys.map((key) =>
    key === "past_key_values"
      ? `"past_key_values": cache`
      : `"${key}": ${torch}.cat([out["${key}"] for out in outs], dim=1)`,
  );
  const lines = [
    text.trim(),
    `    """Reads in segments, and keeps summaries of those that are over."""`,
    `    cache, outs = past_key_values, []`,
    `    for part in self.memo.parts(${ids}, is_first=cache is None):`,
    `        outs.append(self.segment(part, past_key_values=cache))`,
    `        cache = self.memo.closed(self.segment, outs[-1]["past_key_values"], part.size(1))`,
    `    return {${parts.join(", ")}}`,
  ];
  return [
    { span: { line, column: at, endLine: line, endColumn: at + "forward".length }, text: "segment" },
    {
      span: { line, column: 0, endLine: line, endColumn: 0 },
      text: `${lines.map((one) => `${indent}${one}`).join("\n")}\n\n`,
    },
  ];
}

const memoCode = (torch: string, segment: number, summary: number) => `
class Memo(${torch}.nn.Module):
    """Learned tokens that sum a segment up, after which its keys and values are dropped (arXiv:2510.19732); to be trained."""

    def __init__(self, width, segment=${segment}, summary=${summary}):
        super().__init__()
        self.tokens = ${torch}.nn.Embedding(summary, width)
        self.size, self.read, self.kept, self.states = segment, 0, 0, None

    def parts(self, ids, is_first):
        """The tokens [B, S] up to the end of the open segment, and further segments."""
        if is_first:
            self.read = self.kept = 0
        rest = self.size - self.read
        return [ids[:, :rest], *(ids[:, rest:].split(self.size, dim=1) if ids.size(1) > rest else ())]

    def keep(self, states):
        self.states = states
        return states

    def closed(self, run, cache, count):
        """The cache behind \`count\` more tokens: a full segment is summed up, and its summary read in again."""
        self.read += count
        if self.read < self.size:
            return cache
        run(self.tokens.weight.expand(cache[0][0].size(0), -1, -1), past_key_values=cache)
        earlier = [(key[:, :, : self.kept], value[:, :, : self.kept]) for key, value in cache]
        self.read, self.kept = 0, self.kept + self.tokens.num_embeddings
        return run(self.states, past_key_values=earlier)["past_key_values"]
`;

const behindCode = (torch: string) => `
def attend_behind(query, key, value, is_causal=False, **more):
    """Causal attention, also where queries stand behind what was cached."""
    count, past = query.size(-2), key.size(-2) - query.size(-2)
    if count > 1 and past > 0:
        is_causal, seen = False, ${torch}.ones(count, key.size(-2), dtype=${torch}.bool, device=query.device)
        more["attn_mask"] = seen.tril(past)
    return ${torch}.nn.functional.scaled_dot_product_attention(query, key, value, is_causal=is_causal, **more)
`;
