/** `adapter_config.json`: what an adapter adds to the model that it names. */
import { pythonLiteral } from "./literal.ts";
import type { ConfigModel } from "./model.ts";
import { configIn, type NamedConfig, namedConfig } from "./named.ts";

type Values = Readonly<Record<string, unknown>>;

/** Whether the object is an adapter's, as the peft library writes it. */
export function isAdapterConfig(value: Values | undefined): value is Values {
  return typeof value?.["peft_type"] === "string";
}

/** The base model's config, from the first place that has it; undefined where none does. */
export function baseConfigOf(
  adapter: Values,
  path: string,
  folders: readonly string[],
  textOf: (path: string) => string | undefined,
): NamedConfig | undefined {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
  const named = adapter["base_model_name_or_path"];
  const found =
    (typeof named === "string" ? namedConfig(named, [folder, ...folders], textOf) : undefined) ??
    configIn(folder, textOf) ??
    configIn(`${folder}/..`, textOf);
  return found && { path: found.path, value: forTask(found.value, adapter) };
}

/** A classifier's adapter stands on the classifier, whatever head the base was published with. */
function forTask(base: Values, adapter: Values): Values {
  const head = { SEQ_CLS: "ForSequenceClassification", TOKEN_CLS: "ForTokenClassification" }[
    String(adapter["task_type"])
  ];
  const [named] = Array.isArray(base["architectures"]) ? base["architectures"] : [];
  if (head === undefined || typeof named !== "string") return base;
  const stem = named.replace(/(For[A-Z]\w*|LMHeadModel|Model)$/, "");
  return { ...base, architectures: [`${stem}${head}`] };
}

/** The base's model with the adapter in it. */
export function adaptedModel(base: ConfigModel, adapter: Values): ConfigModel {
  return {
    ...base,
    setup: `${base.setup}\nfrom assay.architectures.parts.adapters import adapted`,
    model: `adapted(${base.model}, ${pythonLiteral(adapter)})`,
  };
}
