import type { Place } from "../../base/place.ts";
import { showBytes, showShare } from "../../base/units.ts";
import { absolute } from "../../syntax/walk.ts";
import { SymInt, showSize } from "../../tensor/size.ts";
import { type Chain, chainsIn } from "../attention/chain.ts";
import { scopesOf } from "../attention/code.ts";
import { isReadElsewhere } from "../attention/moved.ts";
import { rewritten } from "../attention/rewrite.ts";
import { tracedIn, type Written, written } from "../attention/written.ts";
import type { Rule } from "./rule.ts";

/**
 * Attention whose scores are written to memory, although one call of PyTorch's computes the same without them
 * (Dao et al., FlashAttention, arXiv:2205.14135).
 *
 * Nothing is said where the weights are wanted for something else than the values.
 */
const unfusedAttention: Rule = {
  id: "unfused-attention",

  *check({ file, text, trace }) {
    if (!text.includes("softmax") && !text.includes("Softmax")) return;
    const traced = tracedIn(file.path, trace);
    for (const scope of scopesOf(file, text)) {
      for (const chain of chainsIn(scope)) {
        const found = written(chain, traced);
        if (!found || isReadElsewhere(chain)) continue;
        const fix = rewritten(chain, file, traced, found);
        yield {
          severity: isWorthIt(found) ? "information" : "hint",
          at: placeOf(chain, file.path),
          what: whatText(found),
          why: `${whyText(found)}${"reason" in fix ? ` Not rewritten for you: ${fix.reason}.` : ""}`,
          price:
            [
              "attention weights are no longer at hand",
              "dropout draws other random numbers",
              ...("caveat" in fix && fix.caveat ? [fix.caveat] : []),
            ].join("; ") + ".",
          fixes: "reason" in fix ? [] : [{ title: "Replace with F.scaled_dot_product_attention", edits: fix.edits }],
        };
      }
    }
  },
};
export default unfusedAttention;

/** A saving above five percent of what it is taken from. */
function isWorthIt({ savedBytes, allSavedBytes, trafficBytes, allTrafficBytes }: Written): boolean {
  return savedBytes >= 0.05 * allSavedBytes && allSavedBytes > 0 ? true : trafficBytes >= 0.05 * allTrafficBytes;
}

function placeOf({ scope, first }: Chain, path: string): Place {
  return { path, ...absolute(first.node, scope.firstLine) };
}

function whatText({ scores, calls, scoreBytes }: Written): string {
  const sizes = scores.shape.map((size) => (size instanceof SymInt ? String(size.hint) : showSize(size)));
  const shown = sizes[0] === "1" && sizes.length > 3 ? sizes.slice(1) : sizes;
  const each = calls === 1 ? "are written to memory" : `are written to memory in each of ${calls} calls`;
  return `The ${shown.join(" × ")} scores, ${showBytes(scoreBytes, "GB")}, ${each}.`;
}

function whyText({ savedBytes, allSavedBytes, trafficBytes, allTrafficBytes }: Written): string {
  const kept =
    savedBytes > 0
      ? `${showBytes(savedBytes, "GB")} of them are kept for backward, ${showShare(savedBytes, allSavedBytes)} of all that is kept; `
      : "";
  return `${kept}${kept ? "m" : "M"}oving them is ${showShare(trafficBytes, allTrafficBytes)} of the forward pass's memory traffic. \`F.scaled_dot_product_attention\` computes the same without them.`;
}
