/** What the pipeline hands to the surfaces: one model weighed, as plain data. */
import type { Place, Span } from "../base/place.ts";
import type { Scenario } from "../base/scenario.ts";
import type { Known, Unknown } from "../base/unknown.ts";
import type { Evidence } from "../evidence/evidence.ts";

/** Which figures nothing unknown or guessed went into. */
export interface Complete {
  readonly params: boolean;
  readonly flops: boolean;
  readonly savedBytes: boolean;
  readonly memory: boolean;
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
  /** One forward pass; two per multiply-add. */
  readonly flops: Known<number>;
  /** Distinct storages kept for backward by operations in it, parameters and buffers left out. */
  readonly savedBytes: Known<number>;
  /** Bytes that its operations read and write. */
  readonly trafficBytes: Known<number>;
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
}

/** Bytes of one pass or step, by term. */
export interface MemoryReport {
  readonly weightBytes: Known<number>;
  readonly bufferBytes: Known<number>;
  readonly gradientBytes: Known<number>;
  readonly optimizerBytes: Known<number>;
  /** Alive after forward, over what was alive before; the output included. */
  readonly activationBytes: Known<number>;
  /** Per token of one sequence; undefined for a model that has no KV cache. */
  readonly kvBytesPerToken: Known<number> | undefined;
  readonly peakBytes: Known<number>;
  /** Where the peak is. */
  readonly peakAt: Place | undefined;
}

export interface ModelReport {
  /** The class. */
  readonly name: string;
  /** The class's name in its definition; the file's beginning for a config. */
  readonly at: Place;
  readonly evidence: Evidence;
  readonly scenario: Scenario;
  /** Which scenario sizes its inputs use. */
  readonly uses: { readonly sequence: boolean; readonly image: boolean };
  readonly root: LayerReport;
  readonly trainableParams: Known<number>;
  readonly memory: MemoryReport;
  readonly complete: Complete;
  /** What is not known, the weightiest first. */
  readonly unknowns: readonly Unknown[];
  /** What was assumed, in words. */
  readonly assumptions: readonly { readonly text: string; readonly at: Place | undefined }[];
  readonly findings: readonly Finding[];
  readonly hints: readonly ShapeHint[];
  /** Names of the classes in its tree. */
  readonly classes: readonly string[];
}

/** One file analysed: every model in it, and what is wrong with the text itself. */
export interface FileReport {
  readonly path: string;
  readonly models: readonly ModelReport[];
  readonly problems: readonly Finding[];
  /** What the reader should know before the figures: libraries not found, budgets that ran out. */
  readonly remarks: readonly string[];
}

export type { Evidence };
