import type { Place } from "../../base/place.ts";
import { showBytes, showShare } from "../../base/units.ts";
import { absolute } from "../../syntax/walk.ts";
import { SymInt, showSize } from "../../tensor/size.ts";
import type { Trace } from "../../trace/trace.ts";
import { withoutWeights } from "../attention/askedFor.ts";
import { written as calledBy } from "../attention/calls.ts";
import { type Chain, chainsIn } from "../attention/chain.ts";
import { scopesOf } from "../attention/code.ts";
import { type Eager, eagerIn } from "../attention/eager.ts";
import { kernelOf } from "../attention/fused.ts";
import { isReadElsewhere } from "../attention/moved.ts";
import { rewritten } from "../attention/rewrite.ts";
import { operationsAt, type Traced, tracedIn, type Written, written, writtenBy } from "../attention/written.ts";
import type { Fault, Rule, Weighed } from "./rule.ts";

/**
 * Attention whose scores are written to memory, although one call of PyTorch's computes the same without them
 * (Dao et al., FlashAttention, arXiv:2205.14135).
 *
 * Nothing is said where the weights are wanted for something else than the values.
 */
const unfusedAttention: Rule = {
  id: "unfused-attention",

  *check({ file, text, trace, figures, device }) {
    if (!/softmax|MultiheadAttention/i.test(text)) return;
    const traced = tracedIn(file.path, trace);
    yield* ofLayers({ file, text, figures }, trace, traced);
    for (const scope of scopesOf(file, text)) {
      for (const chain of chainsIn(scope)) {
        const found = written(chain, traced);
        const [first] = operationsAt(chain.first.node, chain, traced);
        const eager = first && traced.eager.get(first);
        if (!found || !eager || isReadElsewhere(chain)) continue;
        // Without a fused kernel the function writes the scores as well.
        if (kernelOf(calledBy(eager), device?.capability) === "math") continue;
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

/** Calls of `nn.MultiheadAttention` that average weights which nobody reads. */
function* ofLayers(model: Pick<Weighed, "file" | "text" | "figures">, trace: Trace, traced: Traced): Iterable<Fault> {
  const byPlace = new Map<string, Eager[]>();
  for (const eager of eagerIn(trace)) {
    const { at } = eager.first;
    const key = `${at?.path}:${at?.line}:${at?.column}`;
    byPlace.set(key, [...(byPlace.get(key) ?? []), eager]);
  }
  for (const ran of byPlace.values()) {
    const at = ran[0]?.first.at;
    const edit = withoutWeights(at, ran, [trace], model);
    const found = edit && writtenBy(ran, traced);
    if (!at || !edit || !found) continue;
    yield {
      severity: isWorthIt(found) ? "information" : "hint",
      at,
      what: whatText(found),
      why: whyText(found),
      price: "attention weights are no longer at hand; dropout draws other random numbers.",
      fixes: [{ title: "Ask for no weights", edits: [edit] }],
    };
  }
}

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
