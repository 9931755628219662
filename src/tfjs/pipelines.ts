/** transformers.js: which models a program loads, in which types and on what. Nothing is fetched. */
import type { Place } from "../base/place.ts";
import { Unknown } from "../base/unknown.ts";
import type { Machine } from "./language/machine.ts";
import { get } from "./language/members.ts";
import { JsObject, type Value } from "./language/values.ts";

/** A model that `pipeline` or `from_pretrained` loads. */
export interface PipelineUse {
  /** `text-generation`, or the class whose `from_pretrained` was called. */
  readonly task: string;
  /** `Xenova/distilgpt2`, or a folder. */
  readonly id: string;
  /** As it is written; undefined where nothing is said. */
  readonly dtype: string | undefined;
  /** One type for each of the model's files. */
  readonly dtypes: Readonly<Record<string, string>> | undefined;
  readonly device: string | undefined;
  readonly at: Place;
}

const packages = /^(@xenova|@huggingface)\/transformers|(@xenova|@huggingface)\/transformers/;

/** Lets programs import transformers.js; what they load is written down. */
export function installPipelines(machine: Machine): PipelineUse[] {
  const uses: PipelineUse[] = [];
  const namespace = machine.object();
  namespace.otherwise = new Unknown("what transformers.js has is not followed", undefined);
  const load = (task: string, id: Value, options: Value): Value => {
    const { place } = machine;
    if (typeof id === "string" && place) uses.push({ task, id, ...settings(machine, options), at: place });
    return machine.promise(machine.unknown(`what ${task} gives is not known`));
  };
  namespace.props.set(
    "pipeline",
    machine.native("pipeline", (_, [task, id, options]) =>
      load(typeof task === "string" ? task : "pipeline", id, options),
    ),
  );
  for (const name of classes) {
    const cls = machine.object();
    cls.otherwise = namespace.otherwise;
    cls.props.set(
      "from_pretrained",
      machine.native("from_pretrained", (_, [id, options]) => load(name, id, options)),
    );
    namespace.props.set(name, cls);
  }
  machine.packages.set(packages, () => namespace);
  return uses;
}

/** Classes that load weights; tokenizers and processors load none. */
const classes = (
  "AutoModel AutoModelForCausalLM AutoModelForSeq2SeqLM AutoModelForSequenceClassification AutoModelForTokenClassification " +
  "AutoModelForQuestionAnswering AutoModelForMaskedLM AutoModelForImageClassification AutoModelForObjectDetection " +
  "AutoModelForSpeechSeq2Seq AutoModelForVision2Seq AutoModelForImageTextToText AutoModelForCTC CLIPModel " +
  "CLIPTextModelWithProjection CLIPVisionModelWithProjection WhisperForConditionalGeneration"
).split(" ");

function settings(machine: Machine, options: Value): Pick<PipelineUse, "dtype" | "dtypes" | "device"> {
  if (!(options instanceof JsObject)) return { dtype: undefined, dtypes: undefined, device: undefined };
  const text = (key: string) => {
    const value = get(machine, options, key);
    return typeof value === "string" ? value : undefined;
  };
  const given = get(machine, options, "dtype");
  const each =
    given instanceof JsObject
      ? Object.fromEntries(
          [...given.props].flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])),
        )
      : undefined;
  // Versions before the third said it with a flag.
  const quantized = get(machine, options, "quantized");
  const dtype = text("dtype") ?? (quantized === true ? "q8" : quantized === false ? "fp32" : undefined);
  return { dtype, dtypes: each, device: text("device") };
}

/**
 * Bits that a weight takes in each type. The 4-bit types keep a scale for each block of 32 weights: 32 bits wide in `q4`, 16 in
 * `q4f16`; `bnb4` keeps one of 32 bits for each block of 64.
 */
export const bitsPerWeight: Readonly<Record<string, number>> = {
  fp32: 32,
  fp16: 16,
  int8: 8,
  uint8: 8,
  q8: 8,
  q4: 5,
  q4f16: 4.5,
  bnb4: 4.5,
};

/**
 * The type that a file is loaded in. Where nothing is said of it, transformers.js takes `fp32` on WebGPU and `q8` in
 * WebAssembly.
 */
export function dtypeOf(
  { dtype, dtypes, device }: Pick<PipelineUse, "dtype" | "dtypes" | "device">,
  file: string,
): string {
  const given = dtypes ? dtypes[file] : dtype;
  if (given !== undefined && given !== "auto") return given;
  return device === "webgpu" ? "fp32" : "q8";
}

/** `q4`, or `fp16 and q4`: the types that a program loads a model in. */
export function typesOf(use: Pick<PipelineUse, "dtype" | "dtypes" | "device">): string {
  return [...new Set(Object.values(use.dtypes ?? { model: dtypeOf(use, "model") }))].join(" and ");
}
