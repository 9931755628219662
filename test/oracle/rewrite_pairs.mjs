// Writes the pairs of code before and after an exact rewrite, out of the fixture pages, as JSON to standard output.
//
//   node test/oracle/rewrite_pairs.mjs > pairs.json
import { readFileSync } from "node:fs";

/** Pages whose fixes leave what a model computes as it is. */
export const pages = ["rules/unfusedAttention", "rules/repeatedKeys", "rules/causalMaskBuilt", "techniques/flashAttention"];

/** The examples of these pages that show a fix: `page: heading`, both texts, how the model is built and what it takes. */
export function pairs() {
  return pages.flatMap((page) =>
    readFileSync(`test/${page}.md`, "utf8")
      .split(/^## /m)
      .slice(1)
      .filter((part) => part.includes("```after\n") && part.includes("```py\n"))
      .map((part) => {
        const block = (kind) => new RegExp(`^\`\`\`${kind}\\n([\\s\\S]*?)^\`\`\``, "m").exec(part)?.[1] ?? "";
        const before = block("py");
        const [, model, inputs = ""] = /# assay: (.*\))\(([^()]*)\)\s*$/m.exec(before) ?? [];
        return { name: `${page}: ${part.split("\n")[0].trim()}`, before, after: block("after"), model, inputs };
      }),
  );
}

if (process.argv[1]?.endsWith("rewrite_pairs.mjs")) console.log(JSON.stringify(pairs(), null, 1));
