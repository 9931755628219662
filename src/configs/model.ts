/** A config as a model: the Python text that builds it, and what its forward pass takes. */
import { callMethod } from "../python/calls.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { PyDict, PyInstance, PyList, PyTuple, type Value } from "../python/values.ts";
import { Float } from "../tensor/scalar.ts";
import { type FamilyFile, familyOf, familyWithClass } from "./architectures.ts";
import { pythonLiteral } from "./literal.ts";

/** How to build a config's model. */
export interface ConfigModel {
  readonly kind: "model";
  /** `LlamaForCausalLM`. */
  readonly className: string;
  readonly modelType: string;
  /** Python to run first. */
  readonly setup: string;
  /** The expression that builds the config alone, with the family's defaults. */
  readonly config: string;
  /** The expression that builds the model. */
  readonly model: string;
  /** What was chosen because the config does not say it; "" where it does. */
  readonly assumption: string;
}

/** Why a config gives no model. */
export interface ConfigRefusal {
  readonly kind: "refusal";
  /** One sentence. */
  readonly reason: string;
  /** The key it is about. */
  readonly key: string;
}

/** The model of a config's object. */
export function modelOfConfig(config: unknown): ConfigModel | ConfigRefusal {
  if (typeof config !== "object" || config === null || Array.isArray(config))
    return refusal("a config is a JSON object", "");
  const values = config as Record<string, unknown>;
  const named = Array.isArray(values["architectures"])
    ? values["architectures"].find((one) => typeof one === "string")
    : undefined;
  const modelType = typeof values["model_type"] === "string" ? values["model_type"] : undefined;
  const family = (modelType && familyOf(modelType)) || (named && familyWithClass(named));
  if (!family) return unknownFamily(modelType, named);
  const known = family.configs.has(modelType ?? "") ? modelType : undefined;
  const type = known ?? typeOfClass(family, named ?? "");
  const configClass = family.configs.get(type) as string;
  const className = named ?? defaultClass(family, configClass);
  if (!className || !family.classes.has(className)) {
    return refusal(
      `no definition of ${named ?? "a model"} for model_type "${type}" is known; known: ${heads(family).join(", ")}`,
      "architectures",
    );
  }
  const built = `${configClass}(**${pythonLiteral(values)})`;
  return {
    kind: "model",
    className,
    modelType: type,
    setup: `from ${family.module} import ${className}, ${configClass}`,
    config: built,
    model: `${className}(${built})`,
    assumption: named ? "" : `architectures names no class: ${className} is weighed`,
  };
}

/** What a built model's forward pass takes: `int64[B, T]` by argument, `B` and `T` the scenario's. */
export function exampleInputs(py: Interpreter, model: Value): ReadonlyMap<string, string> {
  return argumentTexts(callMethod(py, model, "inputs"));
}

/** What it takes besides where it is trained: labels, for the models that compute a loss. */
export function exampleTargets(py: Interpreter, model: Value): ReadonlyMap<string, string> {
  return argumentTexts(callMethod(py, model, "targets"));
}

function argumentTexts(given: Value): ReadonlyMap<string, string> {
  const entries = given instanceof PyDict ? [...given.entries.values()] : [];
  return new Map(entries.map(([name, text]) => [String(name), String(text)]));
}

/** A config object's values as JSON, defaults and derived ones included; parts are nested. */
export function configValues(config: Value): Readonly<Record<string, unknown>> {
  if (!(config instanceof PyInstance)) return {};
  return Object.fromEntries([...config.attrs].map(([name, value]) => [name, json(value)]));
}

/**
 * The model of a config's object by transformers' own source, as that library builds it; undefined where the config does
 * not name both its family and its class.
 */
export function sourcedModel(config: unknown): ConfigModel | undefined {
  const { architectures, model_type: modelType } = (config ?? {}) as Record<string, unknown>;
  const className: unknown = Array.isArray(architectures) ? architectures[0] : undefined;
  if (typeof className !== "string" || !/^\w+$/.test(className) || typeof modelType !== "string") return undefined;
  const built = `CONFIG_MAPPING[${JSON.stringify(modelType)}](**${pythonLiteral(config as Record<string, unknown>)})`;
  return {
    kind: "model",
    className,
    modelType,
    setup: `from transformers.models.auto.configuration_auto import CONFIG_MAPPING\nfrom transformers import ${className}`,
    config: built,
    model: `${className}(${built})`,
    assumption: "",
  };
}

/** The type that a config names for its weights, its text part's where it has none of its own. */
export function typeOfConfig(given: unknown): unknown {
  const config = given as Readonly<Record<string, unknown>> | undefined;
  const stored = quantizedType(config?.["quantization_config"]);
  if (stored) return stored;
  const part = config?.["text_config"] as Record<string, unknown> | undefined;
  return config?.["dtype"] ?? config?.["torch_dtype"] ?? part?.["dtype"] ?? part?.["torch_dtype"];
}

/** What the weights of linear layers are stored in where the config says that they are quantized. */
function quantizedType(given: unknown): "int8" | "int4" | "fp8" | undefined {
  if (typeof given !== "object" || given === null) return undefined;
  const { load_in_8bit, load_in_4bit, bits, quant_method } = given as Readonly<Record<string, unknown>>;
  if (load_in_8bit === true || bits === 8) return "int8";
  if (load_in_4bit === true || bits === 4) return "int4";
  return quant_method === "fp8" || quant_method === "fbgemm_fp8" ? "fp8" : undefined;
}

function json(value: Value): unknown {
  if (value instanceof Float) return value.value;
  if (value instanceof PyInstance) return configValues(value);
  if (value instanceof PyList || value instanceof PyTuple) return value.items.map(json);
  if (value instanceof PyDict)
    return Object.fromEntries([...value.entries.values()].map(([name, one]) => [String(name), json(one)]));
  return typeof value === "object" && value !== null ? undefined : value;
}

function refusal(reason: string, key: string): ConfigRefusal {
  return { kind: "refusal", reason, key };
}

function unknownFamily(modelType: string | undefined, named: string | undefined): ConfigRefusal {
  if (modelType === undefined && named === undefined) {
    return refusal("the config names neither model_type nor architectures, so its family is not known", "");
  }
  const what = modelType === undefined ? `class ${named}` : `model_type "${modelType}"`;
  return refusal(
    `${what} is not among the families that Assay defines, and its source was not found`,
    modelType === undefined ? "architectures" : "model_type",
  );
}

/** Of a family's model types the one whose config is named most like the class: `gemma3_text` for `Gemma3TextModel`. */
function typeOfClass({ configs }: FamilyFile, className: string): string {
  const fitting = [...configs].filter(([, config]) => className.startsWith(config.replace(/Config$/, "")));
  const [best = [...configs][0] as [string, string]] = fitting.sort(([, a], [, b]) => b.length - a.length);
  return best[0];
}

/** A decoder's language model where there is one, else the bare model. */
function defaultClass({ classes }: FamilyFile, configClass: string): string | undefined {
  const stem = configClass.replace(/Config$/, "");
  const order = classes.has(`${stem}ForMaskedLM`)
    ? [`${stem}Model`]
    : [`${stem}ForConditionalGeneration`, `${stem}ForCausalLM`, `${stem}LMHeadModel`, `${stem}Model`];
  return order.find((name) => classes.has(name));
}

function heads({ classes }: FamilyFile): string[] {
  return [...classes].filter((name) => /(Model|For[A-Z]\w+)$/.test(name));
}
