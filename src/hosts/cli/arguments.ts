/** The words of the command line. */
import { parseArgs } from "node:util";
import { defaultScenario } from "../../base/scenario.ts";
import { type ScenarioChange, scenarioSchemas } from "../../base/settings.ts";
import type { Engine } from "../../configs/engines/engine.ts";
import { type Picture, pictureNamed } from "../../surfaces/svg.ts";
import { type EngineWish, parallelWords } from "./engine.ts";
import { type ReviewCommand, readReview, reviewOptions } from "./reviewWords.ts";

export type Format = "text" | "json" | "markdown" | "csv" | "svg";

/** What a person asks for with `assay FILE`. */
export interface Wish {
  readonly file: string;
  readonly format: Format;
  /** What an SVG shows. */
  readonly picture: Picture;
  /** The model to tell in full. */
  readonly model: string | undefined;
  /** What of the scenario the words say; the rest is the project's, else the default. */
  readonly change: ScenarioChange;
  readonly engine: EngineWish;
  readonly libraries: readonly string[];
  /** Everything that is not known, instead of the weightiest. */
  readonly explain: boolean;
  /** Levels of the layer tree; undefined for as many as fit a screen. */
  readonly depth: number | undefined;
  readonly colour: boolean;
}

export type Command =
  | { readonly kind: "help" | "version" | "batch" }
  | { readonly kind: "file" | "code"; readonly wish: Wish }
  | { readonly kind: "fits"; readonly wish: Wish; readonly devices: readonly string[] }
  | { readonly kind: "devices" | "techniques"; readonly format: Format }
  | { readonly kind: "what-if"; readonly wish: Wish; readonly apply: string }
  | { readonly kind: "advise"; readonly wish: Wish; readonly budget: string | undefined }
  | { readonly kind: "explain"; readonly id: string | undefined }
  | ReviewCommand
  | {
      readonly kind: "engine";
      readonly engine: Engine;
      readonly asked: EngineWish;
      readonly change: ScenarioChange;
    }
  | { readonly kind: "fault"; readonly text: string };

export const help = `assay FILE     what the PyTorch models of a file, or a config.json, cost;
               of a .gguf or .safetensors, what its header says;
               of a training recipe (.yml), what its model costs so trained
assay fits FILE
               on which devices it fits, how large its batch and sequence
               may be, how long it takes there and what that costs
assay devices  the devices that Assay knows
assay what-if FILE --apply ID[knob=value],…
               the model with techniques applied: before and after
assay advise FILE [--budget "peak <= 24GB"]
               what would help here, or the cheapest set that meets a budget
assay diff [BASE] [FILE…]
               what changed since a commit (HEAD), in totals and layers
assay check [FILE…]
               the budgets of assay.json; silent when all are kept
assay compare A B
               two models side by side, each FILE or FILE:MODEL
assay code FILE
               the PyTorch code that a config.json stands for
assay techniques
               the catalogue
assay explain ID
               what a finding means, its price, and how to silence it;
               without ID, all that can be found
assay engine write deepspeed|accelerate|torchtitan
               that engine's configuration for the scenario
assay batch    answers cases from standard input, one JSON object a line

  --format text|json|markdown     how to print (text)
  --format csv|svg                of FILE: its layers as a table or a picture
  --picture params|flops|memory|time|timeline
                                  of svg: layers by what, or memory over time
  --model NAME                    the class to tell in full
  --phase prefill|decode|train    one pass, one token, or one step (${defaultScenario.phase})
  --batch N  --sequence N  --image-size N
                                  sizes of the inputs (${defaultScenario.batch}, ${defaultScenario.sequence}, ${defaultScenario.imageSize})
  --dtype auto|fp32|bf16|fp16|fp8|int8|int4
                                  of weights and activations (${defaultScenario.dtype})
  --device ID                     what it runs on (${defaultScenario.device})
  --devices ID,ID|all             of fits: which to compare (GPUs and one's own)
  --apply ID[knob=value],…        of what-if: which techniques
  --budget "peak <= 24GB"         of advise: peak, time, weights, kv, params …
  --fail-on-increase params,peak,…
                                  of diff: exit code 1 where one grew; or all
  --sarif FILE                    of check: write the findings for code scanning
  --max-severity information|warning
                                  of check: fail on findings above it too
  --strict                        of check: fail where it cannot be decided
  --parallel data=N,tensor=N,pipeline=N,context=N,expert=N,zero=0..3,…
                                  how many devices share the work, and how
  --engine FILE                   take the scenario from a configuration of
                                  DeepSpeed, accelerate or torchtitan, from a
                                  recipe of Axolotl, LLaMA-Factory or torchtune,
                                  or from a generation_config.json
  --ranks N                       devices that the engine's launcher starts
  --library DIR                   sources of installed libraries; repeatable
  --depth N                       levels of the layer tree
  --explain                       all that is not known, the weightiest first
  --no-color                      plain text on a terminal
  --help  --version

Nothing of the file is run. The exit code is 0 when it was answered, 1 when it
could not be or a check failed, 2 for a command that cannot be understood.
`;

const engines: readonly Engine[] = ["deepspeed", "accelerate", "torchtitan"];

const options = {
  format: { type: "string" },
  model: { type: "string" },
  device: { type: "string" },
  devices: { type: "string" },
  apply: { type: "string" },
  budget: { type: "string" },
  phase: { type: "string" },
  batch: { type: "string" },
  sequence: { type: "string" },
  "image-size": { type: "string" },
  dtype: { type: "string" },
  parallel: { type: "string" },
  engine: { type: "string" },
  ranks: { type: "string" },
  library: { type: "string", multiple: true },
  explain: { type: "boolean" },
  depth: { type: "string" },
  picture: { type: "string" },
  ...reviewOptions,
  "no-color": { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const;

/** The command that the words give; a fault is one sentence that says what to write instead. */
export function readCommand(words: readonly string[]): Command {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(words);
  } catch (error) {
    return fault(firstSentence(error));
  }
  const { values, positionals } = parsed;
  if (values.help) return { kind: "help" };
  if (values.version) return { kind: "version" };
  if (positionals[0] === "batch" && positionals.length === 1) return { kind: "batch" };
  const format = values.format ?? "text";
  if (format !== "text" && format !== "json" && format !== "markdown" && format !== "csv" && format !== "svg")
    return fault(`--format is text, json or markdown, or of a file's layers csv or svg, not ${JSON.stringify(format)}`);
  const isOther = /^(devices|techniques|fits|what-if|advise|diff|check|compare|code)$/.test(positionals[0] ?? "");
  if ((format === "csv" || format === "svg") && isOther)
    return fault(`--format ${format} is of \`assay FILE\`, not of \`assay ${positionals[0]}\``);
  if (positionals[0] === "devices" && positionals.length === 1) return { kind: "devices", format };
  if (positionals[0] === "explain" && positionals.length < 3) return { kind: "explain", id: positionals[1] };
  if (positionals[0] === "techniques" && positionals.length === 1) return { kind: "techniques", format };
  const isFits = positionals[0] === "fits";
  const isWhatIf = positionals[0] === "what-if";
  const isAdvise = positionals[0] === "advise";
  const isCode = positionals[0] === "code" && positionals.length > 1;
  const isEngine = positionals[0] === "engine" && positionals[1] === "write" && positionals.length === 3;
  const isReview = /^(diff|check|compare)$/.test(positionals[0] ?? "");
  const [file, ...more] =
    isEngine || isReview ? ["several"] : isFits || isWhatIf || isAdvise || isCode ? positionals.slice(1) : positionals;
  if (file === undefined || file === "") return fault("no file is named");
  if (more.length > 0) return fault(`one file at a time: ${[file, ...more].join(", ")}`);
  if (values.devices !== undefined && !isFits) return fault("--devices is an option of `assay fits`");
  const change: Record<string, unknown> = {};
  const given = {
    device: values.device,
    phase: values.phase,
    batch: values.batch,
    sequence: values.sequence,
    imageSize: values["image-size"],
    dtype: values.dtype,
  };
  for (const [key, text] of Object.entries(given)) {
    if (text === undefined) continue;
    const value = /^(batch|sequence|imageSize)$/.test(key) ? Number(text) : text;
    if (!scenarioSchemas[key as keyof typeof scenarioSchemas].safeParse(value).success)
      return fault(`--${key === "imageSize" ? "image-size" : key} cannot be ${JSON.stringify(text)}`);
    change[key] = value;
  }
  if (values.parallel !== undefined) {
    const parallel = parallelWords(values.parallel);
    if ("fault" in parallel) return fault(`--parallel ${parallel.fault}`);
    change["parallel"] = parallel;
  }
  const ranks = values.ranks === undefined ? undefined : Number(values.ranks);
  if (ranks !== undefined && !(Number.isInteger(ranks) && ranks > 0))
    return fault(`--ranks is a whole number from 1 up, not ${JSON.stringify(values.ranks)}`);
  const engine: EngineWish = { file: values.engine, devices: ranks };
  if (isEngine) {
    const name = engines.find((one) => one === positionals[2]);
    if (!name) return fault(`engines are ${engines.join(", ")}, not ${JSON.stringify(positionals[2])}`);
    return { kind: "engine", engine: name, asked: engine, change: change as ScenarioChange };
  }
  const depth = values.depth === undefined ? undefined : Number(values.depth);
  if (depth !== undefined && !(Number.isInteger(depth) && depth >= 0))
    return fault(`--depth is a whole number, not ${JSON.stringify(values.depth)}`);
  const picture = pictureNamed(values.picture ?? "params");
  if (!picture)
    return fault(`--picture is params, flops, memory, time or timeline, not ${JSON.stringify(values.picture)}`);
  const wish: Wish = {
    file,
    format,
    picture,
    model: values.model,
    change: change as ScenarioChange,
    engine,
    libraries: values.library ?? [],
    explain: values.explain ?? false,
    depth,
    colour: !values["no-color"],
  };
  if (isReview) {
    const review = readReview(positionals, values, wish);
    return "fault" in review ? fault(review.fault) : review;
  }
  if (isWhatIf)
    return values.apply === undefined
      ? fault("say which techniques with --apply; assay techniques lists them")
      : { kind: "what-if", wish, apply: values.apply };
  if (isAdvise) return { kind: "advise", wish, budget: values.budget };
  if (!isFits) return { kind: isCode ? "code" : "file", wish };
  return { kind: "fits", wish, devices: values.devices?.split(",").filter((id) => id !== "") ?? [] };
}

function parse(words: readonly string[]) {
  return parseArgs({ args: [...words], options, allowPositionals: true });
}

function fault(what: string): Command {
  return { kind: "fault", text: `assay: ${what}. Write \`assay FILE\`, or \`assay --help\` for all options.` };
}

function firstSentence(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [first = message] = message.split(/\.(\s|$)/);
  return first.charAt(0).toLowerCase() + first.slice(1);
}
