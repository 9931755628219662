import { scenarioItemBytes } from "../../base/scenario.ts";
import { type Code, codeOf } from "../code/tree.ts";
import { literal, loadedConfigs } from "../scripts/configs.ts";
import type { Fault, Rule } from "./rule.ts";

type Values = Readonly<Record<string, unknown>>;

/**
 * A type, an attention implementation or a size that code gives a model otherwise than the config that it loads or stands beside.
 *
 * Seen are literals at `from_pretrained` of a model whose config lies in the workspace, and at the config's own class in a file
 * beside it. Head counts for another task and what costs nothing are left out.
 */
const differsFromConfig: Rule = {
  id: "differs-from-config",
  price: "One of the two is changed: weights that were trained fit only the sizes that they were trained with.",

  *read({ file, text, configOf }) {
    const code = codeOf(file, text);
    for (const { call, config } of loadedConfigs(code, configOf)) {
      if (/tokenizer|processor/i.test(code.text(call.func))) continue;
      yield* faults(call.keywords, config.value, config.path, code);
    }
    const beside = configOf();
    if (!beside) return;
    const own = `${String(beside.value["model_type"]).replaceAll(/[-_]/g, "")}config`;
    for (const call of code.calls) {
      if (call.func.kind !== "Name" || call.func.id.toLowerCase() !== own) continue;
      yield* faults(call.keywords, beside.value, beside.path, code);
    }
  },
};
export default differsFromConfig;

/** What `from_pretrained` takes and a config holds under other names. */
const otherNames: Readonly<Record<string, readonly string[]>> = {
  torch_dtype: ["dtype", "torch_dtype"],
  dtype: ["dtype", "torch_dtype"],
  attn_implementation: ["attn_implementation", "_attn_implementation"],
};

function* faults(
  keywords: Parameters<typeof keyword>[0][],
  config: Values,
  path: string,
  code: Code,
): Generator<Fault> {
  for (const one of keywords) {
    const fault = keyword(one, config, path, code);
    if (fault) yield fault;
  }
}

function keyword(
  { arg, value }: { readonly arg: string | null; readonly value: Parameters<typeof literal>[0] },
  config: Values,
  path: string,
  code: Code,
): Fault | undefined {
  if (arg === null || /^(num_labels|id2label|label2id|use_cache)$/.test(arg)) return undefined;
  const here = literal(value, code);
  const key = (otherNames[arg] ?? [arg]).find((name) => config[name] !== undefined && config[name] !== null);
  const there = key === undefined ? undefined : config[key];
  if (key === undefined || here === undefined || here === there || here === "auto") return undefined;
  if (typeof there !== typeof here) return undefined;
  return {
    severity: "information",
    at: code.place(value),
    what: `${arg} is ${String(here)} here and ${String(there)} in ${path}.`,
    why: consequence(arg, String(here), String(there)),
    fixes: [],
  };
}

function consequence(key: string, here: string, there: string): string {
  if (/dtype$/.test(key)) {
    const ratio = bytesOf(here) / bytesOf(there);
    if (ratio > 1) return `The weights take ${ratio} times the memory that they are stored in.`;
    if (ratio < 1) return `The weights take ${1 / ratio} times less memory than they are stored in, and are rounded.`;
    return "Both take the same memory; the range of the numbers is another.";
  }
  if (key === "attn_implementation")
    return here === "eager"
      ? "Eager attention writes every score out, which fused kernels do not."
      : "The code's choice is the one that runs: what is told of the config is of another kernel.";
  return "What is told of the config is not of the model that this code builds.";
}

function bytesOf(type: string): number {
  const short = { float32: "fp32", bfloat16: "bf16", float16: "fp16", half: "fp16", float: "fp32" }[type];
  return short === undefined ? 1 : scenarioItemBytes(short as "fp32");
}
