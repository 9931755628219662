/** The contract of a quantization record: which layers a method converts, and what tensors stand for a weight then. */
import type { DType } from "../../tensor/dtype.ts";

export interface Quantization {
  /** Kebab-case; the file is named for it in lowerCamelCase. */
  readonly id: string;
  /** As people call it: `AWQ`. */
  readonly name: string;
  /** The values of `quant_method` that mean it; settings without that key are bitsandbytes'. */
  readonly methods: readonly string[];
  /** Where the formats are written down. */
  readonly sources: readonly string[];
  /** What the settings ask for, or a sentence that says which of them cannot be followed. */
  readonly scheme: (settings: Settings) => Scheme | string;
}

/** `quantization_config` as the file has it. */
export type Settings = Readonly<Record<string, unknown>>;

export interface Scheme {
  /** In a few words: `4-bit in groups of 128`. */
  readonly what: string;
  /** Bits that an element of a converted weight takes, scales left out; undefined where layers differ. */
  readonly bits: number | undefined;
  /** The type of what is not converted, where the config names none. */
  readonly otherwise?: "float16" | "bfloat16";
  /** What stands for a layer's weight; undefined: it keeps its type. A sentence where that is not known. */
  readonly stored: (weight: Weight, model: Outline) => Stored | string | undefined;
}

/** A weight that a method could convert: of a linear layer, of all experts of a layer, or a table of embeddings. */
export interface Weight {
  /** Of the layer that holds it: `model.layers.0.self_attn.q_proj`. */
  readonly path: string;
  readonly kind: "linear" | "conv1d" | "experts" | "embedding";
  readonly className: string;
  /** The layer's class is `nn.Linear` itself; its subclasses are left alone by some methods. */
  readonly plain: boolean;
  /** How many matrices it is: one, or each expert's, gate and up apart. */
  readonly matrices: number;
  readonly outputs: number;
  readonly inputs: number;
  /** The model's own type. */
  readonly dtype: DType;
}

/** What of the whole model decides which layers are converted. */
export interface Outline {
  /** `llama`; "" where the config does not say it. */
  readonly modelType: string;
  /** What transformers leaves alone where the settings name no modules: tied weights, the last module, the output layer. */
  readonly usuallyKept: readonly string[];
  /** Modules that the family's class keeps in float32. */
  readonly keptWide: readonly string[];
  /** Experts were layers of their own in the library that wrote the file (transformers before 5). */
  readonly separateExperts: boolean;
}

export interface Stored {
  readonly what: string;
  /** Of one matrix. */
  readonly tensors: readonly StoredTensor[];
}

/** One tensor of a checkpoint in the method's format. */
export interface StoredTensor {
  /** Its last name: `qweight`. */
  readonly name: string;
  readonly role: Role;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** It stands in the checkpoint's file alone, and is no tensor of the running model. */
  readonly fileOnly?: true;
}

/** What its bytes are for. */
export type Role = "weights" | "scales" | "zero points" | "column order" | "code tables";
