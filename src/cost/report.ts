/** What the pipeline hands to the surfaces: one model weighed, as plain data. */
import type { Place, Span } from "../base/place.ts";
import type { Scenario } from "../base/scenario.ts";
import type { Known, Unknown } from "../base/unknown.ts";
import type { Evidence } from "../evidence/evidence.ts";
import type { StepPart } from "../trace/trace.ts";
import type { Device } from "./devices/device.ts";
import type { AdviceReport, WhatIfReport } from "./figuresAfter.ts";
import type { Verdict } from "./fit/verdict.ts";
import type { MemoryReport } from "./memoryReport.ts";
import type { RankReport } from "./parallel/perRank.ts";

export type {
  KvLayout,
  KvReport,
  MemoryMoment,
  MemoryReport,
  MemoryTerm,
  PeakHolder,
  PeakMoment,
} from "./memoryReport.ts";

/** Which figures nothing unknown or guessed went into. */
export interface Complete {
  readonly params: boolean;
  readonly flops: boolean;
  readonly savedBytes: boolean;
  readonly memory: boolean;
  readonly time: boolean;
  /** The bytes of weights, where they are not as sure as the parameters: another program quantizes them. */
  readonly weights?: boolean;
  /** The bytes of the KV cache, where they are surer than the whole memory: quantized weights leave them alone. */
  readonly cache?: boolean;
}

/** One layer (a module of the model), its descendants included in every figure. */
export interface LayerReport {
  /** As `named_modules()` gives it; "" for the model. */
  readonly path: string;
  readonly className: string;
  readonly children: readonly LayerReport[];
  /** Distinct parameters' elements. */
  readonly params: Known<number>;
  /** Of its own, without its children's. */
  readonly ownParams: Known<number>;
  readonly weightBytes: Known<number>;
  readonly bufferBytes: Known<number>;
  /** How its weights are stored, where some are in fewer bits. */
  readonly stored?: LayerStored | undefined;
  /** One forward pass; two per multiply-add. */
  readonly flops: Known<number>;
  /** Distinct storages kept for backward by operations in it, parameters and buffers left out. */
  readonly savedBytes: Known<number>;
  /** Bytes that its operations read and write. */
  readonly trafficBytes: Known<number>;
  /** In the scenario's pass, without launch gaps; undefined where it is not known or the layer was not called. */
  readonly time?: TimeShare | undefined;
  /** What its operations do in the scenario's pass, those of layers below it left out; undefined where that is not known. */
  readonly work?: LayerWork | undefined;
  /** How often it was called. */
  readonly calls: number;
  /** Shapes of the first call's tensors, symbolic first: `[B, T, 768]`, and with this scenario's integers. */
  readonly inputs: readonly ShapeReport[];
  readonly outputs: readonly ShapeReport[];
  /** The statement that made it (`self.attn = …`), and where its class is defined. */
  readonly madeAt: Place | undefined;
  readonly classAt: Place | undefined;
  /** Places from which it was called. */
  readonly calledAt: readonly Place[];
}

/** How weights in fewer bits are stored, and the bytes of what stands for them. */
export interface LayerStored {
  /** `4-bit in groups of 128`. */
  readonly what: string;
  /** `weights`, `scales`, `zero points` … */
  readonly parts: readonly { readonly name: string; readonly bytes: number }[];
}

/** What a config's `quantization_config` makes of a model's weights. */
export interface QuantizationReport extends LayerStored {
  /** `AWQ`. */
  readonly name: string;
  /** `4-bit AWQ`. */
  readonly short: string;
  /** How many layers are converted. */
  readonly layers: number;
  /** Bytes of the largest converted matrix in the model's own type. */
  readonly largestBytes: number;
  /** Matrices that keep their type, each path with `*` for numbers, and how many they are. */
  readonly keptWhole: readonly { readonly path: string; readonly count: number }[];
  /** Why the bytes of the weights are not vouched for; empty where they are. */
  readonly faults: readonly string[];
}

/** What a checkpoint's headers say. */
export interface CheckpointReport {
  readonly format: string;
  /** `model.safetensors`, or how many files there are. */
  readonly files: readonly string[];
  /** How many tensors; undefined where only an index was read. */
  readonly tensors: number | undefined;
  readonly bytes: number;
  /** Parameters that it stores; undefined where only an index was read. */
  readonly params: number | undefined;
  readonly byType: readonly { readonly type: string; readonly bytes: number; readonly tensors: number }[];
  /** Where it holds other tensors than the model, in sentences, the weightiest first. */
  readonly differences: readonly { readonly text: string; readonly isOdd: boolean }[];
  /** What is wrong with its files, in sentences. */
  readonly faults: readonly string[];
}

export interface ShapeReport {
  /** `[B, T, 768]`. */
  readonly symbolic: string;
  /** `[1, 1024, 768]`. */
  readonly concrete: string;
  readonly dtype: string;
}

/** A shape after an assignment in `forward`. */
export interface ShapeHint {
  readonly name: string;
  /** The end of the name: where the hint stands. */
  readonly at: Place;
  /** `⟨B, T, 768⟩`, or nothing where several calls disagree. */
  readonly text: string;
  readonly tooltip: string;
}

/** Something the user can act on. */
export interface Finding {
  /** `shape-mismatch`. */
  readonly rule: string;
  readonly severity: "error" | "warning" | "information" | "hint";
  readonly at: Place;
  readonly what: string;
  readonly why: string;
  /** What it costs to follow the advice; "" where there is no advice. */
  readonly price: string;
  readonly fixes: readonly Fix[];
}

export interface Fix {
  readonly title: string;
  /** Edits of the finding's file. */
  readonly edits: readonly { readonly span: Span; readonly text: string }[];
  /** A file to make, where there is none of that name. */
  readonly creates?: { readonly path: string; readonly text: string } | undefined;
  /** The program computes the same as before, so that it can be applied unseen with all others. */
  readonly exact?: true | undefined;
}

/** What a kernel's time is spent on, mostly. */
export type Bound = "compute" | "memory" | "launch" | "communication";

/** Seconds, and what most of them are bound by. */
export interface TimeShare {
  readonly seconds: number;
  readonly bound: Bound;
}

/** What a layer's own operations do in the scenario's pass, backward included where it is a step. */
export interface LayerWork extends TimeShare {
  readonly flops: number;
  /** Bytes that the operations read and write. */
  readonly trafficBytes: number;
}

/** Seconds of one pass or step. */
export interface TimeReport {
  /**
   * Without launch gaps: a CUDA graph, or compiled. Where a program is another one while a graph captures it, the faster of
   * that and of the eager form with its gaps.
   */
  readonly seconds: Known<number>;
  /** With them: each operation asked for by Python. */
  readonly eagerSeconds: Known<number>;
  /** What the CPU takes to ask for all of it, while the device works. */
  readonly hostSeconds: Known<number>;
  /** Between which seconds the truth lies in nine of ten cases; undefined where the time is not known. */
  readonly interval: readonly [number, number] | undefined;
  /** `seconds`, split by what bounds it. */
  readonly bound: Record<Bound, number>;
  /** By kind of kernel, the longest first. */
  readonly kinds: readonly { readonly kind: string; readonly seconds: number; readonly operations: number }[];
  /** By part of the step. */
  readonly parts: Readonly<Partial<Record<StepPart, number>>>;
  /** By position in the trace. */
  readonly operations: ReadonlyMap<number, TimeShare>;
  /** By module call, the calls inside it included. */
  readonly calls: ReadonlyMap<number, TimeShare>;
  /** Two per multiply-add of all passes of the step, what runs again left out. */
  readonly modelFlops: number;
  /** Of the matrix units in the scenario's type. */
  readonly peakFlopsPerSecond: number;
  /** What was assumed. */
  readonly remarks: readonly string[];
}

/** `hidden = 768 from line 14`, `batch = 8 assumed`. */
export interface SizeReport {
  readonly name: string;
  readonly value: number;
  /** Where it is written. */
  readonly at: Place | undefined;
  /** Written in code, in `assay.json`, asked for in the scenario, or a default that nobody chose. */
  readonly from: "code" | "project" | "scenario" | "assumed";
}

export interface ModelReport {
  /** The class. */
  readonly name: string;
  /** The class's name in its definition; the file's beginning for a config. */
  readonly at: Place;
  readonly evidence: Evidence;
  readonly scenario: Scenario;
  /** The scenario's device; undefined where nobody described it. */
  readonly device?: (Pick<Device, "id" | "name" | "kind" | "memoryBytes"> & Partial<Device>) | undefined;
  /** Whether it fits that device: one rank's part of it where several share the work. Undefined without a device. */
  readonly fit?: Verdict | undefined;
  /** Which scenario sizes its inputs use. */
  readonly uses: { readonly sequence: boolean; readonly image: boolean };
  readonly root: LayerReport;
  readonly trainableParams: Known<number>;
  /** That one token uses: all but those of experts that it is not sent to. */
  readonly activeParams?: Known<number> | undefined;
  /** Numbers that the figures rest on, and where they came from. */
  readonly sizes?: readonly SizeReport[] | undefined;
  /** Where the scenario spreads the work: of the rank that needs most. */
  readonly memory: MemoryReport;
  /** Undefined where the device is not known or the pass did not come to its end. */
  readonly time: TimeReport | undefined;
  /** What is known of the ranks; undefined where one device does all the work. */
  readonly ranks?: Known<RankReport> | undefined;
  readonly complete: Complete;
  /** How its config stores the weights; undefined where they have the scenario's type. */
  readonly quantization?: QuantizationReport | undefined;
  /** What lies beside the config; undefined where nothing does. */
  readonly checkpoint?: CheckpointReport | undefined;
  /** What is not known, the weightiest first. */
  readonly unknowns: readonly Unknown[];
  /** What was assumed, in words. */
  readonly assumptions: readonly { readonly text: string; readonly at: Place | undefined }[];
  readonly findings: readonly Finding[];
  readonly hints: readonly ShapeHint[];
  /** Names of the classes in its tree. */
  readonly classes: readonly string[];
  /** The scenario's techniques applied together. */
  readonly whatIf?: WhatIfReport | undefined;
  /** Every technique that fits, what saves most first; undefined where nobody asked. */
  readonly advice?: readonly AdviceReport[] | undefined;
  /** Techniques that were considered and do not pay, a sentence each. */
  readonly considered?: readonly { readonly id: string; readonly why: string }[] | undefined;
}

/** What a file that defines no model is. */
export interface ScriptReport {
  readonly kind: "training script" | "PyTorch code";
  /** Its training loops, and calls that run one, in the order of the text. */
  readonly loops: readonly { readonly at: Place; readonly what: string }[];
  /** How many rules read such a file. */
  readonly rules: number;
  /** Files beside it that define models and that it imports. */
  readonly models: readonly string[];
}

/** One file analysed: every model in it, and what is wrong with the text itself. */
export interface FileReport {
  readonly path: string;
  readonly models: readonly ModelReport[];
  readonly problems: readonly Finding[];
  /** What rules find in the file's code, whatever models it holds. */
  readonly findings?: readonly Finding[] | undefined;
  /** What the file is where it holds no model; undefined where it has nothing to do with PyTorch. */
  readonly script?: ScriptReport | undefined;
  /** Severities by rule id that the project asks for, before a person's own. */
  readonly rules?: Readonly<Record<string, Finding["severity"] | "off">> | undefined;
  /** What the reader should know before the figures: libraries not found, budgets that ran out. */
  readonly remarks: readonly string[];
}

export type { Evidence };
