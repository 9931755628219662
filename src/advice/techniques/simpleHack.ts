import { sizesOf } from "../../cost/memory/holdings.ts";
import { attentionCalls } from "../attention/calls.ts";
import { defined } from "../code/definitions.ts";
import { replace } from "../code/edits.ts";
import { type CallNode, type Code, codeOf, keyword, method } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import { type Found, type Site, technique } from "./technique.ts";

interface LengthSite extends Site {
  /** The tokenizer's call that cuts texts, where the file holds it. */
  readonly call: CallNode | undefined;
}

/**
 * A shorter budget of tokens for classifying long texts, stopwords taken out before: the model is interpreted again at it.
 *
 * FLOPs of an encoder are 2·P·S + 4·L·d·S², activations L·(16·S·d + h·S²): BERT-base at 512, 256 and 128 tokens takes 96.6,
 * 45.9 and 22.35 GFLOPs.
 */
export default technique<LengthSite>({
  id: "simple-hack",
  name: "Simple Hack",
  kind: "input",
  paper: {
    title:
      "Simple Hack for Transformers against Heavy Long-Text Classification on a Time- and Memory-Limited GPU Service",
    arxiv: "2403.12563",
    year: 2024,
    where: "abstract; costs from first principles",
  },
  what: "Stopwords are removed before tokenizing, and texts are cut at 256 or 128 tokens in place of 512.",
  price:
    "For labels of whole texts only: not for spans, answers or generation, nor where negations are among the stopwords. Fine-tuned anew, and the same cleaning runs at inference. No accuracy is promised.",
  demands: "fine-tuning",
  exact: false,
  knobs: { length: { default: 256, what: "tokens that a text is cut at", values: [128, 256] } },

  find(subject): Found<LengthSite> {
    const { pass, scenario, file, text } = subject;
    const encoders = attentionCalls(pass).filter(
      ({ queries, keys, isCausal }) => queries === keys && queries > 1 && !isCausal,
    );
    const positions = Math.max(0, ...encoders.map(({ queries }) => queries));
    if (positions === 0 || positions !== scenario.sequence) return { sites: [] };
    const code = codeOf(file, text);
    const call = tokenizing(code);
    if (!call && !classifies(subject)) return { sites: [] };
    if (positions <= 256)
      return { sites: [], why: `Texts are ${positions} tokens long here: cutting them at 256 saves nothing.` };
    return {
      sites: [
        {
          at: call && code.place(call),
          call,
          what: `Each text is ${positions} tokens long.`,
        },
      ],
    };
  },

  change({ scenario }, _, knobs) {
    const length = Number(knobs["length"]);
    return {
      scenario: { sequence: Math.min(length, scenario.sequence) },
      shows: [{ name: "tokens of a text", before: scenario.sequence, after: length }],
      remarks: ["With padding to the longest of a batch in place of max_length each batch costs its own length."],
    };
  },

  edit({ file, text }, sites, knobs) {
    const code = codeOf(file, text);
    const edits = sites.flatMap(({ call }) => {
      const given = call && keyword(call, "max_length");
      const [texts] = call?.args ?? [];
      if (!given || !texts) return [];
      const padding = keyword(call, "padding");
      const isPadded = padding?.value.kind === "Str" && padding.value.value === "max_length";
      return [
        replace(given.value, String(knobs["length"]), code),
        replace(texts, `without_stopwords(${code.text(texts)})`, code),
        ...(isPadded ? [replace(padding.value, '"longest"', code)] : []),
      ];
    });
    if (edits.length === 0) return { reason: "no tokenizer in this file cuts texts at a max_length" };
    return {
      title: `Cut cleaned texts at ${knobs["length"]} tokens`,
      edits: [...edits, ...defined(code, cleaningCode)],
    };
  },
});

/** `tokenizer(..., truncation=True, max_length=512)`. */
function tokenizing(code: Code): CallNode | undefined {
  return code.calls.find((call) => {
    const [cut, most] = [keyword(call, "truncation"), keyword(call, "max_length")];
    const isCut = cut !== undefined && !(cut.value.kind === "Singleton" && cut.value.value === false);
    return isCut && most?.value.kind === "Int" && most.value.value > 128 && method(call) !== "generate";
  });
}

/** Whether the result is one row of scores a text. */
function classifies({ pass, scenario }: Subject): boolean {
  const root = pass.calls.find(({ parent, id }) => id > 0 && parent === 0);
  const last = root?.outputs[0] && sizesOf(root.outputs[0]);
  return last?.length === 2 && last[0] === scenario.batch;
}

const cleaningCode = `
# Those of the texts' language; no negations where these decide the label.
STOPWORDS = frozenset("a an and are as at be by for from has in is it its of on or that the this to was were with".split())


def without_stopwords(text):
    """A text, or each of several, less words that say little: its first tokens carry more (arXiv:2403.12563)."""
    if not isinstance(text, str):
        return [without_stopwords(one) for one in text]
    return " ".join(word for word in text.split() if word.lower() not in STOPWORDS)
`;
