import { showBytes } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import { sizesOf } from "../../cost/memory/holdings.ts";
import { timeOf } from "../../cost/time/timeOf.ts";
import type { ModuleCall, Operation } from "../../trace/trace.ts";
import { keySentencesEdit } from "../cache/keySentences.ts";
import { layersOf, trafficOf } from "../code/flow.ts";
import type { Subject } from "../subject.ts";
import { type Found, type Site, technique } from "./technique.ts";

interface LoopSite extends Site {
  readonly calls: readonly ModuleCall[];
  readonly flops: number;
  readonly trafficBytes: number;
}

/** Fewer passes than this are not picked from. */
const fewest = 8;

/** Vectors of the pattern memory, and their width where the encoder is BERT-base. */
const patterns = 20;

/**
 * A cross-encoder that runs over all sentences of an article, one after the other, runs over k picked ones only: n_s/k fewer
 * passes of the encoder.
 *
 * Picking takes 2·n_s·(1 + M)·d FLOPs a query over sentence vectors that are computed once: n_s·d·4 bytes an article.
 */
export default technique<LoopSite>({
  id: "mtm",
  name: "MTM",
  kind: "input",
  paper: {
    title: "Article Reranking by Memory-Enhanced Key Sentence Matching for Detecting Previously Fact-Checked Claims",
    arxiv: "2112.10322",
    year: 2021,
    where: "released code and corpora",
  },
  what: "A cheap scorer picks the key sentences that the encoder then reads, in place of all.",
  price:
    "What the scorer does not pick is never read; scorer and reranker are trained for it, and the patterns are the task's. The sentence vectors take an index. It saves passes, not memory.",
  demands: "training",
  exact: false,
  knobs: { sentences: { default: 5, what: "key sentences that the encoder reads", min: 1 } },

  find({ inference, figures, scenario }): Found<LoopSite> {
    if (scenario.phase === "train") return { sites: [] };
    const total = flopsBetween(inference.events.filter(isForward));
    const groups = new Map<string, ModuleCall[]>();
    const ids = new Map<object, number>();
    for (const call of inference.calls.slice(1)) {
      if (!ids.has(call.module)) ids.set(call.module, ids.size);
      const key = `${call.parent}:${ids.get(call.module)}:${call.at?.line}`;
      groups.set(key, [...(groups.get(key) ?? []), call]);
    }
    const layers = new Map(layersOf(figures.tree).map((layer) => [layer.module as object, layer]));
    const loops = [...groups.values()].flatMap((calls) => {
      const operations = calls.flatMap(({ start, end }) => inference.events.slice(start, end).filter(isForward));
      const flops = flopsBetween(operations);
      const trafficBytes = operations.reduce((sum, one) => sum + trafficOf(one), 0);
      return calls.length >= 2 && total > 0 && flops >= 0.5 * total ? [{ calls, flops, trafficBytes }] : [];
    });
    const [loop] = loops.toSorted((a, b) => b.flops - a.flops);
    if (!loop) return { sites: [] };
    const [first] = loop.calls as [ModuleCall];
    const name = layers.get(first.module)?.path || "the model";
    if (loop.calls.length < fewest)
      return { sites: [], why: `${name} runs ${loop.calls.length} times: too few passes to pick from.` };
    return {
      sites: [
        {
          at: first.at,
          what: `${name} runs ${loop.calls.length} times, once for each item of a loop: ${Math.round((100 * loop.flops) / total)} % of the FLOPs.`,
          ...loop,
        },
      ],
    };
  },

  change(subject, sites, knobs) {
    const [site] = sites;
    if (!site) return {};
    const passes = site.calls.length;
    const kept = Math.min(passes, Number(knobs.sentences));
    const share = 1 - kept / passes;
    const width = (site.calls[0]?.outputs[0] && sizesOf(site.calls[0].outputs[0])?.at(-1)) ?? 768;
    const picking = 2 * passes * (1 + patterns) * width;
    const { seconds, eager } = secondsOf(subject, site);
    const formula = "k of n_s passes of the encoder";
    return {
      terms: [
        {
          figure: "flops",
          add: picking - share * site.flops,
          formula: "k of n_s passes, and 2·n_s·(1 + M)·d to pick them",
        },
        {
          figure: "peakBytes",
          add: -share * heldBytes(subject, site),
          formula: "what passes leave behind till the last",
        },
        { figure: "trafficBytes", add: -share * site.trafficBytes, formula },
        { figure: "seconds", add: -share * seconds, formula },
        { figure: "eagerSeconds", add: -share * eager, formula },
      ],
      shows: [
        { name: "passes of the encoder", before: passes, after: kept },
        { name: "fewer by", after: `${(passes / kept).toFixed(2)} ×` },
        { name: "sentence vectors of one article", after: showBytes(indexBytes(passes, width), "GB") },
      ],
      remarks: ["The passes read the weights once each where they run one after the other: stack them in one batch."],
    };
  },

  edit(subject, [site], knobs) {
    if (!site) return { reason: "no loop was found" };
    return keySentencesEdit(subject, site, Number(knobs["sentences"]), site.calls.length);
  },
});

function isForward(event: Subject["inference"]["events"][number]): event is Operation {
  return event.kind === "operation" && event.pass === "forward";
}

function flopsBetween(operations: readonly Operation[]): number {
  return operations.reduce((sum, { macs }) => sum + 2 * (known(macs) ?? 0), 0);
}

/** Bytes of the results that earlier passes leave alive while the last one runs. */
function heldBytes({ inference }: Subject, { calls }: LoopSite): number {
  const last = calls.at(-1)?.start ?? 0;
  const gone = new Set(inference.drops.filter(({ after }) => after <= last).map(({ storage }) => storage));
  const held = new Set(calls.flatMap(({ outputs }) => outputs.map(({ storage }) => storage)));
  return [...held].reduce((sum, one) => sum + (gone.has(one) ? 0 : (known(one.bytes) ?? 0)), 0);
}

/** What the loop's calls take of the pass, on the device and where the CPU asks for them one by one. */
function secondsOf({ device, inference, scenario }: Subject, { calls }: LoopSite) {
  if (!device) return { seconds: 0, eager: 0 };
  const time = timeOf(inference, { device, scenario });
  const seconds = calls.reduce((sum, { id }) => sum + (time.calls.get(id)?.seconds ?? 0), 0);
  const [all, eager] = [known(time.seconds), known(time.eagerSeconds)];
  return { seconds, eager: all && eager ? (eager * seconds) / all : 0 };
}

/** Of sentence vectors in float32. */
export function indexBytes(sentences: number, width: number): number {
  return 4 * width * sentences;
}
