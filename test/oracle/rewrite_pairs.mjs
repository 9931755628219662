// Writes the pairs of code before and after an exact rewrite, out of the fixture pages, as JSON to standard output: those of
// attention, or with `--others` all the others.
//
//   node test/oracle/rewrite_pairs.mjs [--others] > pairs.json
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

/** Pages whose fixes leave what a model computes as it is. */
export const pages = [
  "rules/unfusedAttention",
  "rules/repeatedKeys",
  "rules/causalMaskBuilt",
  "techniques/flashAttention",
];

/** Pages of the other fixes that keep what is computed: of training scripts, and of models while they are trained. */
export const otherPages = [
  "rules/biasBeforeBatchNorm",
  "rules/evaluationWithGradients",
  "rules/lossKeptWithGraph",
  "rules/needlessRetainGraph",
  "rules/sigmoidBeforeBinaryCrossEntropy",
  "rules/tensorMadeOnHost",
  "techniques/activationCheckpointing",
  "techniques/channelsLast",
];

/** The examples of pages that show a fix: `page: heading`, both texts, how the model is built and what it takes. */
export function pairs(of = pages) {
  return of.flatMap((page) =>
    readFileSync(`test/${page}.md`, "utf8")
      .split(/^## /m)
      .slice(1)
      .filter((part) => part.includes("```after\n") && part.includes("```py\n"))
      .map((part) => {
        const block = (kind) => new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\``, "m").exec(part)?.[1] ?? "";
        const before = block("py");
        const [, model, inputs = ""] = /# assay: (.*\))\(([^()]*)\)\s*$/m.exec(before) ?? [];
        const after = block("after");
        const digest = createHash("sha256").update(before).update("\0").update(after).digest("hex").slice(0, 12);
        return { name: `${page}: ${part.split("\n")[0].trim()}`, digest, before, after, model, inputs };
      }),
  );
}

if (process.argv[1]?.endsWith("rewrite_pairs.mjs"))
  console.log(JSON.stringify(pairs(process.argv[2] === "--others" ? otherPages : pages), null, 1));
