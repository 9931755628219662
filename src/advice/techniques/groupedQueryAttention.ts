import { known } from "../../base/unknown.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { attentionCalls } from "../attention/calls.ts";
import { configKeyEdit } from "../attention/configKey.ts";
import { edited } from "../attention/edited.ts";
import { headsOf, keyHeadNumbers } from "../attention/keyHeads.ts";
import { type CallSite, placed } from "../attention/sites.ts";
import { codeOf } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import { type Found, type Knobs, technique } from "./technique.ts";

interface HeadSite extends CallSite {
  readonly heads: number;
  readonly keyHeads: number;
}

const usual = 8;

/**
 * Fewer key and value heads than query heads, each shared by a group; one head is multi-query attention.
 *
 * Where a config or the code names the number, the changed model is interpreted again. Elsewhere by closed form: of keys and
 * values, `2·d·(h − h_kv)·d_h` parameters a layer and `2·L·B·S·(h − h_kv)·d_h` cached elements fall away.
 */
export default technique<HeadSite>({
  id: "grouped-query-attention",
  name: "Grouped-query attention",
  kind: "attention",
  paper: {
    title: "GQA: Training Generalized Multi-Query Transformer Models from Multi-Head Checkpoints",
    arxiv: "2305.13245",
    year: 2023,
    where: "section 2",
  },
  what: "Several query heads share one head of keys and values, so that fewer are computed and cached.",
  price:
    "Weights of another shape: existing ones are averaged over each group and trained on; with few heads quality falls.",
  demands: "fine-tuning",
  exact: false,
  knobs: { heads: { default: usual, what: "key heads; 1 is multi-query attention", min: 1 } },

  find(subject): Found<HeadSite> {
    const { pass, scenario } = subject;
    const calls = attentionCalls(pass).filter(({ keys }) => keys > 1);
    const sites = placed(calls, ({ queries, keys }) => `${queries} queries meet ${keys} keys`).map((site) => {
      const { queries, keys } = headsOf(site.calls[0] as HeadSite["calls"][number], pass, scenario.batch);
      return {
        ...site,
        heads: queries,
        keyHeads: keys,
        what: `${keys} heads of keys and values serve ${queries} query heads${site.calls.length > 1 ? ` in each of ${site.calls.length} calls` : ""}.`,
      };
    });
    const fitting = sites.filter(({ heads, keyHeads }) => keyHeads > 1 && (keyHeads === heads || keyHeads > usual));
    const [first] = sites;
    if (fitting.length > 0 || !first) return { sites: fitting };
    return {
      sites: [],
      why:
        first.keyHeads === 1
          ? "One head of keys and values serves all query heads already."
          : `${first.keyHeads} heads of keys and values serve ${first.heads} query heads already.`,
    };
  },

  change(subject, sites, knobs) {
    const [{ heads, keyHeads }] = sites as [HeadSite];
    const wanted = dividing(heads, keyHeads, knobs);
    if (wanted === keyHeads)
      return { remarks: [`${heads} query heads cannot share fewer than ${keyHeads} key heads evenly.`] };
    const { config, text } = subject;
    const shows = [{ name: "key heads", before: keyHeads, after: wanted }];
    if (config && "num_key_value_heads" in config) return { config: { ...config, num_key_value_heads: wanted }, shows };
    const edits = numberEdits(subject, keyHeads, wanted);
    if (edits.length > 0) return { text: edited(text, edits), shows };
    return { ...closedForm(subject, sites, wanted), shows };
  },

  edit(subject, sites, knobs) {
    const [{ heads, keyHeads }] = sites as [HeadSite];
    const wanted = dividing(heads, keyHeads, knobs);
    const title = `Share ${wanted} key ${wanted === 1 ? "head" : "heads"} among ${heads} query heads`;
    const { config, text } = subject;
    const key =
      config && "num_key_value_heads" in config ? configKeyEdit(text, "num_key_value_heads", wanted) : undefined;
    const edits = key ? [key] : numberEdits(subject, keyHeads, wanted);
    return edits.length > 0
      ? { title, edits }
      : { reason: "no name in the code or config gives the number of key heads" };
  },
});

/** The most heads up to the number asked for, and fewer than there are, that divide the query heads. */
function dividing(heads: number, keyHeads: number, knobs: Knobs): number {
  const most = Math.min(Number(knobs.heads), Math.floor(keyHeads / 2));
  for (let wanted = most; wanted > 0; wanted--) if (heads % wanted === 0) return wanted;
  return keyHeads;
}

function numberEdits({ file, text, config }: Subject, keyHeads: number, wanted: number) {
  if (config) return [];
  return keyHeadNumbers(codeOf(file, text), keyHeads).map(({ span }) => ({ span, text: String(wanted) }));
}

function closedForm({ scenario, kvCaches, figures }: Subject, sites: readonly HeadSite[], wanted: number) {
  const calls = sites.flatMap((site) => site.calls.map((call) => ({ ...site, call })));
  const model = ({ heads, call }: (typeof calls)[number]) => heads * call.width;
  const gone = calls.map((one) => (one.keyHeads - wanted) * (one.call.width + one.call.valueWidth));
  const params = calls.reduce((sum, one, i) => sum + model(one) * (gone[i] ?? 0), 0);
  const tokens = calls.map(({ call }) => Math.min(scenario.batch, call.rows) * call.queries);
  const macs = calls.reduce((sum, one, i) => sum + model(one) * (gone[i] ?? 0) * (tokens[i] ?? 0), 0);
  const [{ keyHeads }] = sites as [HeadSite];
  const all = known(figures.layers.get("")?.params ?? 0) || params;
  const [{ call: first }] = calls as [(typeof calls)[number]];
  const weights = (["gradientBytes", "optimizerBytes"] as const).map((figure) => ({
    figure,
    factor: 1 - params / all,
    formula: "in proportion to the parameters",
  }));
  return {
    terms: [
      { figure: "params", add: -params, formula: "L·d·(h − h_kv)·2·d_h" },
      { figure: "trainableParams", add: -params, formula: "L·d·(h − h_kv)·2·d_h" },
      { figure: "flops", add: -2 * macs, formula: "2·B·S·L·d·(h − h_kv)·2·d_h" },
      { figure: "stepFlops", add: -6 * macs, formula: "three times forward" },
      { figure: "weightBytes", add: -params * itemBytes(first.dtype), formula: "bytes of these parameters" },
      ...weights,
      ...(kvCaches.length > 0
        ? [{ figure: "kvBytes", factor: wanted / keyHeads, formula: "2·L·B·S·h_kv·d_h·bytes" } as const]
        : []),
    ] as const,
    remarks: [
      "Closed form: keys and values are taken to come from one linear layer each, of vectors as wide as all heads.",
    ],
  };
}
