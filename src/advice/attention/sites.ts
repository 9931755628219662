/** The places of attention that writes its scores out: what was traced, and the code that asked for it. */
import type { Place } from "../../base/place.ts";
import { showBytes } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import { integers } from "../../tensor/size.ts";
import { denseBytes } from "../../tensor/tensor.ts";
import type { Trace } from "../../trace/trace.ts";
import type { Subject } from "../subject.ts";
import type { Site } from "../techniques/technique.ts";
import type { AttentionCall } from "./calls.ts";
import { type Chain, chainsIn } from "./chain.ts";
import { scopesOf } from "./code.ts";
import { type Eager, eagerIn } from "./eager.ts";
import { isReadElsewhere } from "./moved.ts";
import { type Rewriting, rewritten } from "./rewrite.ts";
import { operationsAt, tracedIn, written } from "./written.ts";

export interface EagerSite extends Site {
  /** All that ran there, of every pass. */
  readonly calls: readonly Eager[];
  /** The edit that fuses it, or why none is written; undefined where the code was not recognised. */
  readonly edit: Rewriting | { readonly reason: string } | undefined;
}

/** Attention of all passes by the expression that made the scores. */
export function eagerSites(subject: Subject): EagerSite[] {
  const byPlace = new Map<string, { at: Place | undefined; calls: Eager[] }>();
  for (const trace of passesOf(subject)) {
    for (const eager of eagerIn(trace)) {
      const { at } = eager.first;
      const key = at ? `${at.path}:${at.line}:${at.column}:${at.endColumn}` : "";
      const site = byPlace.get(key);
      if (site) site.calls.push(eager);
      else byPlace.set(key, { at, calls: [eager] });
    }
  }
  const edits = editsOf(subject);
  const inPass = new Set(eagerIn(subject.pass));
  return [...byPlace.values()].map(({ at, calls }) => ({
    at,
    calls,
    what: whatText(calls, calls.filter((one) => inPass.has(one)).length),
    edit: edits.find(({ first }) => calls.some((one) => first.has(one.first)))?.edit,
  }));
}

export function passesOf({ inference, step, pass }: Subject): Trace[] {
  return [...new Set([pass, inference, ...(step ? [step] : [])])];
}

/** The chains of the file with what they ask for first and the edit of each. */
function editsOf(subject: Subject): { first: ReadonlySet<object>; edit: EagerSite["edit"] }[] {
  const { file, text, step, inference } = subject;
  if (!/softmax/i.test(text)) return [];
  const passes = passesOf(subject).map((trace) => tracedIn(file.path, trace));
  const traced = tracedIn(file.path, step ?? inference);
  return scopesOf(file, text).flatMap((scope) =>
    chainsIn(scope).flatMap((chain) => {
      const found = written(chain, traced);
      if (!found) return [];
      const edit = isReadElsewhere(chain)
        ? { reason: "its weights are used for something else" }
        : rewritten(chain, file, traced, found);
      return [{ first: firstOf(chain, passes), edit }];
    }),
  );
}

function firstOf(chain: Chain, passes: readonly ReturnType<typeof tracedIn>[]): ReadonlySet<object> {
  return new Set(passes.flatMap((traced) => operationsAt(chain.first.node, chain, traced)));
}

/** Attention by the line that asks for it; `what` says what is so in one call. */
export function placed(calls: readonly AttentionCall[], what: (call: AttentionCall) => string): CallSite[] {
  const byPlace = new Map<string, AttentionCall[]>();
  for (const call of calls) {
    const key = call.at ? `${call.at.path}:${call.at.line}:${call.at.column}` : "";
    byPlace.set(key, [...(byPlace.get(key) ?? []), call]);
  }
  return [...byPlace.values()].map((same) => {
    const [first] = same as [AttentionCall];
    return {
      at: first.at,
      calls: same,
      what: `${what(first)}${same.length > 1 ? ` in each of ${same.length} calls` : ""}.`,
    };
  });
}

export interface CallSite extends Site {
  readonly calls: readonly AttentionCall[];
}

function whatText([first]: readonly Eager[], calls: number): string {
  const scores = first?.scores;
  if (!scores) return "";
  const sizes = integers(scores.shape);
  const shown = sizes[0] === 1 && sizes.length > 3 ? sizes.slice(1) : sizes;
  const bytes = showBytes(known(denseBytes(scores.shape, scores.dtype)) ?? 0, "GB");
  return `The ${shown.join(" × ")} scores, ${bytes}, are written to memory${calls > 1 ? ` in each of ${calls} calls` : ""}.`;
}
