/** The contract of a technique: what a paper or common practice does to a model's cost, one record a file. */
import type { Place } from "../../base/place.ts";
import type { Scenario } from "../../base/scenario.ts";
import type { CostName, Demand, Shown } from "../../cost/figuresAfter.ts";
import type { Fix } from "../../cost/report.ts";
import type { DType } from "../../tensor/dtype.ts";
import type { Replace, Rewrite } from "../../trace/rerun.ts";
import type { Subject } from "../subject.ts";

export interface Technique<S extends Site = Site> {
  /** The method's name in kebab-case; the file is named for it in lowerCamelCase. */
  readonly id: string;
  /** As its authors write it. */
  readonly name: string;
  readonly kind: TechniqueKind;
  /** Absent for what is common practice. */
  readonly paper?: Paper;
  /** What it changes: one sentence. */
  readonly what: string;
  /** What whoever follows it pays: accuracy, time, freedom. Advice without its cost is advertising. */
  readonly price: string;
  readonly demands: Demand;
  /** Outputs and gradients stay the same up to rounding. */
  readonly exact: boolean;
  /** The rule whose findings tell of it; absent: an exact technique makes its own. */
  readonly toldBy?: string;
  readonly knobs: Readonly<Record<string, Knob>>;

  /** Where it fits, by patterns over the trace and the code; or one sentence why it was considered and does not pay. */
  find(model: Subject): Found<S>;

  /** What becomes of the model at these places. */
  change(model: Subject, sites: readonly S[], knobs: Knobs): Change;

  /** The edit that applies it at all these places; a sentence where it cannot be written for the user. */
  edit?(model: Subject, sites: readonly S[], knobs: Knobs): Fix | { readonly reason: string };
}

export type TechniqueKind =
  | "attention"
  | "kv-cache"
  | "input"
  | "quantization"
  | "low-rank"
  | "weight-sharing"
  | "normalization"
  | "training-memory"
  | "adapters"
  | "training-objective"
  | "optimizer"
  | "compilation"
  | "architecture";

export interface Paper {
  readonly title: string;
  readonly arxiv: string;
  readonly year: number;
  /** Section, table or figure that the formula comes from. */
  readonly where?: string;
}

/** A number or a choice that the user sets; `assay what-if --apply id[knob=value]`. */
export interface Knob {
  readonly default: number | string | boolean;
  readonly what: string;
  readonly min?: number;
  readonly max?: number;
  /** The values to choose from, where not any number between. */
  readonly values?: readonly (number | string)[];
}

export type Knobs = Readonly<Record<string, number | string | boolean>>;

/** A place where a technique fits. Records add what they need to it. */
export interface Site {
  /** Where a finding stands; undefined where no line of the user's causes it. */
  readonly at: Place | undefined;
  /** What is so there, with numbers: `The 12 × 1024 × 1024 scores are written to memory in each of 12 layers.` */
  readonly what: string;
}

export interface Found<S extends Site = Site> {
  readonly sites: readonly S[];
  /** Where there is none, although the reader would expect one: one sentence with the numbers. */
  readonly why?: string | undefined;
}

/** What a technique does to a model, as far as the cost engine can say it; the rest in closed form. */
export interface Change {
  /** Operations of the forward pass in other forms; the backward pass follows from them. */
  readonly rewrite?: Rewrite | undefined;
  /** Weights and inputs in other forms. */
  readonly replace?: Replace | undefined;
  /** A weight as it is stored: bytes, type and whether it is trained; nothing: as it was. */
  readonly weight?: ((weight: Weight) => Partial<Weight> | "removed" | undefined) | undefined;
  /** Another scenario: the model is interpreted again in it. */
  readonly scenario?: Partial<Scenario> | undefined;
  /** Edited text, interpreted again in place of the file's. */
  readonly text?: string | undefined;
  /** A changed config, interpreted again. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  /** Closed forms of the dossier for what no trace can say. */
  readonly terms?: readonly Term[] | undefined;
  /** Figures of the technique's own, shown beside the costs: an occupancy, a break-even length. */
  readonly shows?: readonly Shown[] | undefined;
  /** What it says about the result in words: when it loses, what must be so for the figures to hold. */
  readonly remarks?: readonly string[] | undefined;
}

export interface Weight {
  readonly path: string;
  readonly elements: number;
  readonly dtype: DType;
  /** Bytes that it takes in memory, scales and zero points included. */
  readonly bytes: number;
  readonly trained: boolean;
}

/** A closed form: the figure after is `factor` times the figure so far, plus `add`. */
export interface Term {
  readonly figure: CostName;
  readonly factor?: number;
  readonly add?: number;
  /** The formula in words or symbols, with its source. */
  readonly formula: string;
}

/** A record as the catalogue holds it, its own kind of site kept. */
export function technique<S extends Site>(record: Technique<S>): Technique {
  return record as unknown as Technique;
}

export type { CostName, Costs, Demand, Shown } from "../../cost/figuresAfter.ts";
