import type { Tensor } from "../../tensor/tensor.ts";
import { cacheBytes } from "../attention/caches.ts";
import { type AttentionCall, attentionCalls, inOtherForm, type Operands } from "../attention/calls.ts";
import { configKeyEdit } from "../attention/configKey.ts";
import { type CallSite, passesOf, placed } from "../attention/sites.ts";
import { causalBandPairs, patternKernel } from "../attention/sparse.ts";
import type { Subject } from "../subject.ts";
import { type Found, technique } from "./technique.ts";

const usual = 1024;

/**
 * A token attends to the last `window` tokens only: pairs fall from T² to T·window, and the KV cache to the window.
 *
 * Of a config the key is changed and the model interpreted again; of code the attention is run over the band.
 */
export default technique<CallSite>({
  id: "sliding-window-attention",
  name: "Sliding-window attention",
  kind: "attention",
  paper: { title: "Longformer: The Long-Document Transformer", arxiv: "2004.05150", year: 2020, where: "section 3.1" },
  what: "Each token meets the last few tokens only, and the KV cache holds no more than these.",
  price:
    "Tokens more than window × layers apart can no longer see each other. In prefill SDPA wants the window as a mask, which is slower than a causal flag: flash-attn's window_size and FlexAttention skip what lies outside.",
  demands: "fine-tuning",
  exact: false,
  knobs: { window: { default: usual, what: "tokens that a query sees, itself included", min: 1 } },

  find({ pass }): Found<CallSite> {
    const calls = attentionCalls(pass);
    const causal = calls.filter(isLookingBack);
    if (causal.length === 0) {
      const why = calls.some(({ eager }) => eager)
        ? "Scores that are written out are computed for every pair, whatever a mask leaves out: see flash-attention."
        : "No attention looks back over earlier tokens only.";
      return { sites: [], why: calls.length > 0 ? why : undefined };
    }
    const keys = Math.max(...causal.map((one) => one.keys));
    if (keys <= usual) return { sites: [], why: `A window of ${usual} holds all ${keys} keys.` };
    return {
      sites: placed(
        causal.filter((one) => one.keys > usual),
        ({ queries, keys: all }) =>
          queries === 1 ? `The query meets ${all} keys` : `Each of ${queries} queries meets up to ${all} keys`,
      ),
    };
  },

  change(subject, sites, knobs) {
    const window = Number(knobs.window);
    const keys = Math.max(...sites.flatMap(({ calls }) => calls.map((one) => one.keys)));
    if (keys <= window) return { remarks: [`A window of ${window} holds all ${keys} keys.`] };
    const { config } = subject;
    if (config && hasKey(subject)) return { config: { ...config, ...keysOf(config, window) } };
    const all = passesOf(subject)
      .flatMap(attentionCalls)
      .filter((one) => isLookingBack(one) && one.keys > window);
    const whole = cacheBytes(subject.kvCaches);
    const kept = cacheBytes(subject.kvCaches, window);
    const formula = "2·L·B·h_kv·d_h·bytes·min(S, window)";
    return {
      rewrite: inOtherForm(all, (call, operands) => banded(call, operands, window)),
      terms: [
        { figure: "kvBytes", add: kept - whole, formula },
        { figure: "peakBytes", add: kept - whole, formula },
      ],
      shows: [{ name: "keys a query meets", before: keys, after: window }],
    };
  },

  edit({ text, config }, _sites, knobs) {
    if (!config || !hasKey({ config }))
      return {
        reason: `no edit makes weights that were trained for a window: window_size=(${Number(knobs.window) - 1}, 0) is flash-attn's argument`,
      };
    const edits = Object.entries(keysOf(config, Number(knobs.window))).flatMap(
      ([key, value]) => configKeyEdit(text, key, value) ?? [],
    );
    return { title: `Set sliding_window to ${knobs.window}`, edits };
  },
});

function isLookingBack({ eager, isCausal, isMasked, queries, keys }: AttentionCall): boolean {
  return !eager && (isCausal || (!isMasked && queries <= 16 && keys > queries));
}

/** Whether the model's config has a window to set. */
function hasKey({ config }: Pick<Subject, "config">): boolean {
  return config !== undefined && "sliding_window" in config;
}

function keysOf(config: Readonly<Record<string, unknown>>, window: number) {
  return { sliding_window: window, ...("use_sliding_window" in config && { use_sliding_window: true }) };
}

function banded(
  { queries, keys }: AttentionCall,
  { query, key, value, rewriting, run }: Operands,
  window: number,
): Tensor {
  if (queries > 16)
    return rewriting.run(patternKernel(causalBandPairs(queries, window)), query, key, value)[0] as Tensor;
  const [near, nearValues] = [key, value].map((one) => run("slice", one, 2, keys - window, null, 1)) as [
    Tensor,
    Tensor,
  ];
  return run("scaled_dot_product_attention", query, near, nearValues, null, 0, false, null, true, null, null);
}
