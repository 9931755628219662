/** The words of the command line. */
import { parseArgs } from "node:util";
import { defaultScenario, type Scenario } from "../../base/scenario.ts";
import { scenarioSchemas } from "../../base/settings.ts";

export type Format = "text" | "json" | "markdown";

/** What a person asks for with `assay FILE`. */
export interface Wish {
  readonly file: string;
  readonly format: Format;
  /** The model to tell in full. */
  readonly model: string | undefined;
  readonly scenario: Scenario;
  readonly libraries: readonly string[];
  /** Everything that is not known, instead of the weightiest. */
  readonly explain: boolean;
  /** Levels of the layer tree; undefined for as many as fit a screen. */
  readonly depth: number | undefined;
  readonly colour: boolean;
}

export type Command =
  | { readonly kind: "help" | "version" | "batch" }
  | { readonly kind: "file"; readonly wish: Wish }
  | { readonly kind: "fault"; readonly text: string };

export const help = `assay FILE     what the PyTorch models of a file, or a config.json, cost
assay batch    answers cases from standard input, one JSON object a line

  --format text|json|markdown     how to print (text)
  --model NAME                    the class to tell in full
  --phase prefill|decode|train    one pass, one token, or one step (${defaultScenario.phase})
  --batch N  --sequence N  --image-size N
                                  sizes of the inputs (${defaultScenario.batch}, ${defaultScenario.sequence}, ${defaultScenario.imageSize})
  --dtype auto|fp32|bf16|fp16|fp8|int8|int4
                                  of weights and activations (${defaultScenario.dtype})
  --device ID                     what it runs on (${defaultScenario.device})
  --library DIR                   sources of installed libraries; repeatable
  --depth N                       levels of the layer tree
  --explain                       all that is not known, the weightiest first
  --no-color                      plain text on a terminal
  --help  --version

Nothing of the file is run. The exit code is 0 when it was answered, 1 when it
could not be, 2 for a command that cannot be understood.
`;

const options = {
  format: { type: "string" },
  model: { type: "string" },
  device: { type: "string" },
  phase: { type: "string" },
  batch: { type: "string" },
  sequence: { type: "string" },
  "image-size": { type: "string" },
  dtype: { type: "string" },
  library: { type: "string", multiple: true },
  explain: { type: "boolean" },
  depth: { type: "string" },
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
  const [file] = positionals;
  if (file === undefined || file === "") return fault("no file is named");
  if (positionals.length > 1) return fault(`one file at a time: ${positionals.join(", ")}`);
  const scenario: Record<string, unknown> = { ...defaultScenario };
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
    scenario[key] = value;
  }
  const format = values.format ?? "text";
  if (format !== "text" && format !== "json" && format !== "markdown")
    return fault(`--format is text, json or markdown, not ${JSON.stringify(format)}`);
  const depth = values.depth === undefined ? undefined : Number(values.depth);
  if (depth !== undefined && !(Number.isInteger(depth) && depth >= 0))
    return fault(`--depth is a whole number, not ${JSON.stringify(values.depth)}`);
  return {
    kind: "file",
    wish: {
      file,
      format,
      model: values.model,
      scenario: scenario as unknown as Scenario,
      libraries: values.library ?? [],
      explain: values.explain ?? false,
      depth,
      colour: !values["no-color"],
    },
  };
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
