/** What the page knows and remembers, as its parts draw it. */
import type { FromPage, Memory, ToPage } from "../pageMessages.ts";
import type { Slow } from "./asking.ts";

export type Report = ToPage & { readonly kind: "report" };
export type Growth = ToPage & { readonly kind: "growth" };
export type Advice = ToPage & { readonly kind: "advice" };
export type WhatIf = ToPage & { readonly kind: "whatIf" };
export type Progress = ToPage & { readonly kind: "progress" };

/** All that a part of the page is drawn from. */
export interface Page {
  readonly memory: Memory;
  /** Pixels that a picture may take. */
  readonly width: number;
  readonly progress: Progress | undefined;
  /** Keys of the layers of the cursor's line. */
  readonly lit: ReadonlySet<string>;
  /** The layer under the pointer. */
  readonly pointed: string | undefined;
  /** Answers about the report that is shown; `"asked"` until they come. */
  readonly growth: Growth | "asked" | undefined;
  readonly advice: Advice | "asked" | undefined;
  readonly whatIf: WhatIf | "asked" | undefined;
  send(message: FromPage): void;
  /** Wants an answer no more that is being worked on. */
  giveUp(kind: Slow): void;
  /** Remembers and draws again. */
  remember(change: Partial<Memory>): void;
  point(key: string | undefined): void;
}

export const measureNames: Readonly<Record<Memory["measure"], string>> = {
  params: "Parameters",
  flops: "FLOPs",
  memory: "Memory",
  time: "Time",
};
