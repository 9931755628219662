import { integer } from "../../tensor/size.ts";
import { askedOtherwise } from "../attention/askedFor.ts";
import { attentionCalls, inOtherForm, written } from "../attention/calls.ts";
import { type Eager, eagerIn } from "../attention/eager.ts";
import { edited } from "../attention/edited.ts";
import { fusedAttention, kernelOf } from "../attention/fused.ts";
import { type EagerSite, eagerSites, passesOf } from "../attention/sites.ts";
import type { Subject } from "../subject.ts";
import { type Found, technique } from "./technique.ts";

/**
 * Exact attention in tiles, so that the scores never reach memory: 4·s + 10·u bytes at the peak of one call forward and
 * backward become 13·u + 8·B·h·S, with s one pass over the scores and u one over queries, keys or values (table 21).
 *
 * The changed program runs `scaled_dot_product_attention`; its backward pass computes the scores again.
 */
export default technique<EagerSite>({
  id: "flash-attention",
  name: "FlashAttention",
  kind: "attention",
  paper: {
    title: "FlashAttention: Fast and Memory-Efficient Exact Attention with IO-Awareness",
    arxiv: "2205.14135",
    year: 2022,
    where: "section 3, tables 18 to 21",
  },
  what: "Attention's scores stay in the chip's own memory, and backward computes them again.",
  price:
    "Attention weights are no longer at hand; dropout draws other random numbers; backward computes the scores again; where a mask is a tensor, PyTorch runs a slower kernel than for a causal flag.",
  demands: "nothing",
  exact: true,
  toldBy: "unfused-attention",
  knobs: {},

  find(subject): Found<EagerSite> {
    const sites = eagerSites(subject).filter(({ calls }) => calls.some(({ scores }) => rowsOf(scores) > 1));
    if (sites.length > 0 && isOneQuery(subject))
      return {
        sites: [],
        why: "One query meets the cache at a time, so that there is one row of scores a head: see lean-attention.",
      };
    const fitting = sites.filter(({ calls }) =>
      calls.some((one) => kernelOf(written(one), subject.device?.capability) !== "math"),
    );
    const [first] = sites;
    if (fitting.length > 0 || !first?.calls[0])
      return { sites: fitting, ...(sites.length === 0 && { why: whyNot(subject) }) };
    const { width, dtype } = written(first.calls[0]);
    return {
      sites: [],
      why: `No fused kernel takes ${dtype} heads of ${width} features: scaled_dot_product_attention would write the scores as well.`,
    };
  },

  change(subject, sites) {
    const asked = askedOtherwise(
      subject,
      sites.filter(({ edit }) => edit === undefined),
    );
    // What a library runs in its other form is known best by interpreting it.
    if (asked.length > 0 && sites.every(({ edit }) => edit === undefined)) return { text: edited(subject.text, asked) };
    if (subject.scenario.attention === "eager" && sites.every(({ at }) => at?.path !== subject.file.path))
      return { scenario: { attention: "sdpa" } };
    const causal = new Set(
      sites.flatMap(({ calls, edit }) => (edit && "isCausal" in edit && edit.isCausal ? calls : [])),
    );
    const own = new Set(sites.flatMap(({ calls }) => calls));
    const calls = passesOf(subject)
      .flatMap(attentionCalls)
      .filter(({ eager }) => eager && own.has(eager));
    const capability = subject.device?.capability;
    const rows = Math.max(...sites.flatMap(({ calls }) => calls.map(({ scores }) => rowsOf(scores))));
    return {
      rewrite: inOtherForm(calls, (call, operands) =>
        fusedAttention(call, operands, { isCausal: causal.has(call.eager as Eager), capability }),
      ),
      remarks:
        rows < 256 ? [`At ${rows} queries the scores are small: memory is saved from about 256, time from 512.`] : [],
    };
  },

  edit(subject, sites) {
    const own = sites.flatMap(({ edit }) => (edit && "edits" in edit ? edit.edits : []));
    const edits = [
      ...own,
      ...askedOtherwise(
        subject,
        sites.filter(({ edit }) => edit === undefined),
      ),
    ];
    const distinct = new Map(edits.map((one) => [JSON.stringify(one), one]));
    if (distinct.size > 0)
      return {
        title: own.length > 0 ? "Replace with F.scaled_dot_product_attention" : "Run attention in one kernel",
        edits: [...distinct.values()],
      };
    if (subject.scenario.attention === "eager")
      return { reason: "the scenario asks for it; the model's own default is SDPA" };
    const reasons = sites.flatMap(({ edit }) => (edit && "reason" in edit ? [edit.reason] : []));
    return { reason: reasons[0] ?? "the code that computes it was not recognised as one piece" };
  },
});

function rowsOf({ shape }: EagerSite["calls"][number]["scores"]): number {
  return integer(shape.at(-2) ?? 1);
}

function isOneQuery({ pass, scenario }: Subject): boolean {
  return scenario.phase === "decode" && eagerIn(pass).every(({ scores }) => rowsOf(scores) === 1);
}

function whyNot({ pass, text }: Subject): string | undefined {
  const fused = pass.events.filter(
    (event) => event.kind === "operation" && /^aten\.(scaled_dot_product_attention|_flex_attention)$/.test(event.name),
  ).length;
  if (fused > 0) return `Its ${fused} attention calls run a fused kernel already.`;
  return /softmax/i.test(text)
    ? "No softmax stands between two products with nothing but scale, mask and dropout around it and its weights wanted by nobody else."
    : undefined;
}
