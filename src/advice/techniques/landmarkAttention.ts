import { known } from "../../base/unknown.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { integer, integers } from "../../tensor/size.ts";
import { cacheBytes } from "../attention/caches.ts";
import { type AttentionCall, attentionCalls, inOtherForm } from "../attention/calls.ts";
import { landmarkEdit } from "../attention/landmarkEdit.ts";
import { retrieved } from "../attention/landmarkForm.ts";
import { attentionSize, type Blocks, keysTouched, positionsTaken } from "../attention/landmarks.ts";
import { type CallSite, placed } from "../attention/sites.ts";
import type { Subject } from "../subject.ts";
import { type Found, type Knobs, technique } from "./technique.ts";

const usual = { block: 50, blocks: 4, local: 250 };

/**
 * A landmark token behind every block of tokens stands for the block: a query scores the landmarks, then attends to its
 * local tokens and the best blocks, and all other keys and values lie in the host's memory.
 *
 * By the dossier's closed forms, N_b = S/ℓ blocks: on the GPU stay `L·B·N_b·h_kv·d_h` landmark keys and twice
 * `L·B·h_kv·d_h·(k·(ℓ+1) + local·(1+1/ℓ))`; attention takes `N_b·d + 2·k·(ℓ+1)·d + 2·local·d` multiply-adds a query.
 */
export default technique<CallSite>({
  id: "landmark-attention",
  name: "Landmark Attention",
  kind: "attention",
  paper: {
    title: "Landmark Attention: Random-Access Infinite Context Length for Transformers",
    arxiv: "2305.16300",
    year: 2023,
    where: "section 3, appendix G",
  },
  what: "Queries attend to recent tokens and to the few blocks whose landmark tokens score best; other keys and values can leave the GPU.",
  price:
    "Continued training of the whole model (15,000 steps in the paper), positions added when a key is read, a kernel of its own with blocks of 64 or 128, prefill in chunks; fetched blocks cross the host's bus in every layer of every step.",
  demands: "fine-tuning",
  exact: false,
  knobs: {
    block: { default: usual.block, what: "tokens to a landmark", min: 1 },
    blocks: { default: usual.blocks, what: "blocks that a query fetches", min: 1 },
    offload: { default: false, what: "whether keys and values lie in the host's memory" },
    local: { default: usual.local, what: "recent tokens that a query always sees", min: 0 },
  },

  find({ pass, kvCaches }): Found<CallSite> {
    const calls = attentionCalls(pass).filter(isLookingBack);
    if (calls.length === 0) return { sites: [] };
    if (kvCaches.length === 0)
      return { sites: [], why: "Its layers keep no KV cache, which landmarks would move to the host." };
    const keys = Math.max(...calls.map((one) => one.keys));
    const touched = keysTouched(keys, usual);
    if (touched.all > 0.5 * keys)
      return {
        sites: [],
        why: `At ${keys} tokens a query would still touch ${Math.round(touched.all)} keys: landmarks, ${usual.blocks} blocks and ${usual.local} recent tokens.`,
      };
    return { sites: placed(calls, ({ keys: all }) => `The keys and values of ${all} tokens lie in the GPU's memory`) };
  },

  change(subject, sites, knobs) {
    const { kvCaches, scenario, figures } = subject;
    const asked = numbersOf(knobs);
    const { block, blocks, local } = asked;
    const [call] = sites.flatMap(({ calls }) => calls) as [AttentionCall];
    const keys = Math.max(...sites.flatMap(({ calls }) => calls.map((one) => one.keys)));
    const before = cacheBytes(kvCaches);
    const perToken = before / keys;
    const landmarks = Math.round((perToken / 2) * (keys / block));
    const working = Math.round(perToken * (blocks * (block + 1) + local * (1 + 1 / block)));
    const touched = keysTouched(keys, asked);
    const all = known(figures.flops) ?? 0;
    const core = sites
      .flatMap(({ calls }) => calls)
      .reduce((sum, one) => sum + 2 * one.rows * one.queries * one.keys * (one.width + one.valueWidth), 0);
    const model = modelWidth(subject, call);
    const layers = kvCaches.length;
    const fetched = (perToken * blocks * (block + 1)) / layers;
    const isDecoding = scenario.phase === "decode";
    const isOnHost = knobs["offload"] === true;
    const longer = 1 + 1 / block;
    const row = [
      { figure: "params", add: model, formula: "one row of the embedding" },
      { figure: "trainableParams", add: model, formula: "one row of the embedding" },
      { figure: "weightBytes", add: model * itemBytes(call.dtype), formula: "one row of the embedding" },
    ] as const;
    const shared = [
      { name: "keys a query touches", before: keys, after: Math.round(touched.all) },
      { name: "attention size as the paper counts it", after: attentionSize(keys, asked) },
      { name: "positions that training has to have seen", after: Math.ceil(positionsTaken(asked)) },
    ];
    if (!isOnHost && isDecoding) {
      const calls = attentionCalls(subject.pass).filter((one) => isLookingBack(one) && one.keys === keys);
      const whole = attentionCalls(subject.inference)
        .filter(isLookingBack)
        .reduce((sum, one) => sum + 2 * one.rows * one.queries * one.keys * (one.width + one.valueWidth), 0);
      // Where the program makes a longer copy of the cache, the one before lives beside it.
      const given = new Set(subject.inputs.map(({ storage }) => storage));
      const isGiven = kvCaches.flat().every(({ storage }) => given.has(storage));
      const isCopied =
        isGiven && calls.some(({ operation }) => !operation.inputs.some(({ storage }) => given.has(storage)));
      const formula = "1 + 1/ℓ: the landmarks' own keys and values";
      return {
        rewrite: inOtherForm(calls, (_, operands) => retrieved(operands, asked)),
        terms: [
          ...row,
          { figure: "kvBytes", factor: longer, formula },
          { figure: "activationBytes", add: isCopied ? before / block : 0, formula },
          { figure: "trafficBytes", add: isCopied ? (2 * before) / block : 0, formula },
          { figure: "peakBytes", add: ((isCopied ? 2 : 1) * before) / block, formula },
          {
            figure: "flops",
            add: (all - whole) / block + whole * (longer ** 2 - 1),
            formula: "(1 + 1/ℓ) of the tokens",
          },
        ],
        shows: shared,
        remarks: ["The cache stays on the GPU: offload=true prices it on the host."],
      };
    }
    return {
      terms: [
        {
          figure: "kvBytes",
          add: landmarks + working - before,
          formula: "L·B·N_b·h_kv·d_h·b + 2·L·B·h_kv·d_h·b·(k·(ℓ+1) + local·(1+1/ℓ))",
        },
        { figure: "peakBytes", add: landmarks + working - before, formula: "with the cache" },
        ...row,
        ...(isDecoding
          ? [
              {
                figure: "trafficBytes",
                add: landmarks + working - before,
                formula: "what lies on the GPU is read",
              } as const,
            ]
          : [
              {
                figure: "flops",
                add: (all - core) / block + core * (touched.products / (2 * keys) - 1),
                formula: "(1 + 1/ℓ) of all but attention; N_b·d + 2·k·(ℓ+1)·d + 2·local·d a query",
              } as const,
            ]),
      ],
      shows: [
        ...shared,
        { name: "landmark keys on the GPU", after: landmarks, unit: "bytes" },
        { name: "fetched blocks and recent tokens on the GPU", after: working, unit: "bytes" },
        { name: "keys and values on the host", before: 0, after: Math.round(before * (1 + 1 / block)), unit: "bytes" },
        { name: "from the host a layer, all heads fetching alike", before: 0, after: fetched, unit: "bytes" },
        { name: "from the host a step", before: 0, after: fetched * layers, unit: "bytes" },
      ],
      remarks: [
        ...(isDecoding ? ["Time is left as it was: fetching blocks over the host's bus is not in it."] : []),
        ...(local + blocks * block > keys ? [`${keys} tokens are fewer than what a query would fetch.`] : []),
      ],
    };
  },

  edit(subject, sites, knobs) {
    if (knobs["offload"] === true)
      return { reason: "a cache that lies on the host is the serving code's own: offload=false is written" };
    if (subject.scenario.phase !== "decode") return { reason: "it is written for a decode loop: ask in phase decode" };
    return landmarkEdit(subject, sites, numbersOf(knobs));
  },
});

function isLookingBack({ isCausal, isMaskedByQuery, queries, keys }: AttentionCall): boolean {
  return isCausal || isMaskedByQuery || (queries <= 16 && keys > queries);
}

function numbersOf(knobs: Knobs): Blocks {
  return { block: Number(knobs.block), blocks: Number(knobs.blocks), local: Number(knobs.local) };
}

/** How wide a row of the embedding is: the last axis of what the first layer was given, or all heads together. */
function modelWidth({ pass }: Subject, call: AttentionCall): number {
  for (const event of pass.events)
    if (event.kind === "operation" && event.name === "aten.embedding")
      return integer(event.outputs[0]?.shape.at(-1) ?? 0);
  return call.width * (integers([call.rows])[0] ?? 1);
}
