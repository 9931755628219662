/** A config as a model: the Python text that builds it, and what its forward pass takes. */
import { call, callMethod } from "../python/calls.ts";
import { importModule } from "../python/imports.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { PyDict, PyInstance, PyList, PyModule, PyTuple, type Value } from "../python/values.ts";
import { Float } from "../tensor/scalar.ts";
import { type FamilyFile, familyOf, familyWithClass } from "./architectures.ts";
import { tooManyLayers } from "./depth.ts";
import { familiesOf } from "./families.ts";
import { pythonLiteral } from "./literal.ts";
import { typeBesides } from "./quantized.ts";

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
  /** The same for a file that says nothing but the families of its parts. */
  readonly defaults?: string | undefined;
  /** The expression that builds the model. */
  readonly model: string;
  /** What was chosen because the config does not say it; "" where it does. */
  readonly assumption: string;
  /** Whose code it is where that is not ours: `the installed transformers 4.57.1`. */
  readonly origin?: string | undefined;
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
  const deep = tooManyLayers(values);
  if (deep) return refusal(deep.text, deep.key);
  const built = `${configClass}(**${pythonLiteral(values)})`;
  return {
    kind: "model",
    className,
    modelType: type,
    setup: `from ${family.module} import ${className}, ${configClass}`,
    config: built,
    defaults: `${configClass}(**${pythonLiteral(familiesOf(values))})`,
    model: `${className}(${built})`,
    assumption: named ? "" : `architectures names no class: ${className} is weighed`,
  };
}

/** What a built model's forward pass takes: `int64[B, T]` by argument, `B` and `T` the scenario's. */
export function exampleInputs(py: Interpreter, model: Value): ReadonlyMap<string, string> {
  return argumentTexts(say(py, model, "inputs"));
}

/** What it takes besides where it is trained: labels, for the models that compute a loss. */
export function exampleTargets(py: Interpreter, model: Value): ReadonlyMap<string, string> {
  return argumentTexts(say(py, model, "targets"));
}

/** Our definitions say it themselves; of other models it is read from their main input and their config. */
function say(py: Interpreter, model: Value, what: "inputs" | "targets"): Value {
  if (model instanceof PyInstance && model.cls.lookup(what) !== undefined) return callMethod(py, model, what);
  const example = importModule(py, "assay.architectures.parts.example");
  const asked = example instanceof PyModule ? example.attrs.get(`${what}_of`) : undefined;
  return asked === undefined ? null : call(py, asked, [model]);
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

/** The type that a config names for its weights, its text part's where it has none of its own; quantized ones apart. */
export function typeOfConfig(given: unknown): unknown {
  const config = given as Readonly<Record<string, unknown>> | undefined;
  const part = config?.["text_config"] as Record<string, unknown> | undefined;
  const named = config?.["dtype"] ?? config?.["torch_dtype"] ?? part?.["dtype"] ?? part?.["torch_dtype"];
  return named ?? typeBesides(config);
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
    : [
        `${stem}ForConditionalGeneration`,
        `${stem}ForCausalLM`,
        `${stem}LMHeadModel`,
        `${stem}Model`,
        `${stem}Transformer`,
        stem,
        `${stem}ForImageClassification`,
      ];
  return order.find((name) => classes.has(name));
}

function heads({ classes }: FamilyFile): string[] {
  return [...classes].filter((name) => /(Model|For[A-Z]\w+)$/.test(name));
}
