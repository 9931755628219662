/** What a model costs before and after techniques, as plain data. */
import type { Place } from "../base/place.ts";
import type { Fix } from "./report.ts";

/** The figures that a technique can change. Bytes, seconds and operations of the scenario's pass. */
export type CostName =
  | "params"
  | "trainableParams"
  | "flops"
  | "stepFlops"
  | "weightBytes"
  | "gradientBytes"
  | "optimizerBytes"
  | "activationBytes"
  | "kvBytes"
  | "peakBytes"
  | "trafficBytes"
  | "seconds"
  | "eagerSeconds";

export type Costs = Readonly<Partial<Record<CostName, number>>>;

/** What must be done to the weights before the changed model is worth anything. */
export type Demand = "nothing" | "calibration" | "fine-tuning" | "training";

/** A figure of a technique's own. */
export interface Shown {
  readonly name: string;
  readonly before?: number | string | undefined;
  readonly after: number | string;
  readonly unit?: string | undefined;
}

/** Several techniques applied together. */
export interface WhatIfReport {
  readonly before: Costs;
  readonly after: Costs;
  readonly applied: readonly AppliedReport[];
  /** What was asked for and could not be applied, a sentence each. */
  readonly refused: readonly { readonly id: string; readonly reason: string }[];
  readonly shows: readonly Shown[];
  readonly remarks: readonly string[];
}

export interface AppliedReport {
  readonly id: string;
  readonly name: string;
  readonly price: string;
  readonly demands: Demand;
  /** What is so at each place. */
  readonly sites: readonly { readonly at: Place | undefined; readonly what: string }[];
}

/** One technique priced on a model by itself. */
export interface AdviceReport extends AppliedReport {
  readonly what: string;
  readonly exact: boolean;
  readonly before: Costs;
  readonly after: Costs;
  readonly shows: readonly Shown[];
  readonly remarks: readonly string[];
  /** The saving that is worth most (peak memory and time before other figures), a share of the total; undefined where nothing is saved. */
  readonly saves: { readonly figure: CostName; readonly share: number } | undefined;
  readonly fix: Fix | undefined;
  /** Why there is no edit that applies it; absent where there is one. */
  readonly unwritten?: string | undefined;
}
