/** The edit that picks key sentences before a loop of a cross-encoder (MTM, arXiv:2112.10322). */
import type { Fix } from "../../cost/report.ts";
import { integer } from "../../tensor/size.ts";
import type { Operation } from "../../trace/trace.ts";
import { replace } from "../code/edits.ts";
import { codeOf, functionOf, within } from "../code/tree.ts";
import { loopAround } from "../scripts/training.ts";
import type { Subject } from "../subject.ts";
import type { Site } from "../techniques/technique.ts";
import { type Reason, scaffolded } from "../training/scaffold.ts";

/** `for sentence in sentences:` runs over the best `kept` by their embedded tokens' means. */
export function keySentencesEdit(subject: Subject, { at }: Site, kept: number, passes: number): Fix | Reason {
  if (kept >= passes) return { reason: `the loop runs over ${passes} only` };
  const code = codeOf(subject.file, subject.text);
  const call = code.callAt(at);
  const loop = call && loopAround(call, code);
  const func = call && functionOf(call, code);
  if (loop?.kind !== "For" || !func) return { reason: "the encoder is called in no loop of this file" };
  const { iter } = loop;
  const parameters = new Set(func.args.map(({ name }) => name).filter((name) => name !== "self"));
  if (iter.kind !== "Name" || !parameters.has(iter.id))
    return { reason: "the loop runs over no argument of its function" };
  const query = within(loop).find((node) => node.kind === "Name" && node.id !== iter.id && parameters.has(node.id));
  if (query?.kind !== "Name") return { reason: "no claim beside the sentences is read in the loop" };
  const embedding = subject.inference.events.find(
    (event): event is Operation => event.kind === "operation" && event.name === "aten.embedding",
  );
  const embed = code.callAt(embedding?.at);
  const width = embedding?.outputs[0]?.shape.at(-1);
  if (!embed || !width || functionOf(embed, code) !== func)
    return { reason: "tokens are not embedded in the loop's function, so that nothing compares sentences" };
  const name = code.text(embed.func);
  const picked = `self.key_sentences(${name}(${query.id}).mean(-2), ${name}(${iter.id}).mean(-2))`;
  return scaffolded(subject, {
    title: `Read the ${kept} key sentences`,
    above: selectorCode,
    atEnd: `self.key_sentences = KeySentences(${integer(width)}, kept=${kept})`,
    edits: [replace(iter, `${iter.id}[${picked}]`, code)],
  });
}

const selectorCode = (torch: string) => `
class KeySentences(${torch}.nn.Module):
    """Picks sentences by their distance from a claim and from known patterns of it (MTM, arXiv:2112.10322); to be trained."""

    def __init__(self, width, kept, patterns=20, of_claim=0.6, of_pattern=0.4):
        super().__init__()
        self.register_buffer("patterns", ${torch}.randn(patterns, width))
        self.kept, self.of_claim, self.of_pattern = kept, of_claim, of_pattern

    def forward(self, claim, sentences):
        """[width] and [N, width], which are computed once an article and kept, to the numbers of the best."""
        between = sentences - claim
        distance = between.norm(dim=-1)
        pattern = ${torch}.cdist(between, self.patterns).amin(-1)
        score = -self.of_claim * distance - self.of_pattern * pattern
        return score.topk(min(self.kept, len(score))).indices
`;
