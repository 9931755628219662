#!/usr/bin/env node
// Holds predicted memory against memory.jsonl, and writes how far the truth was from it: memory_errors.tsv (a line for each
// measured row) and src/cost/memory/errors.ts (what the intervals of predictions are made of).
//
//   node test/oracle/fit_memory.mjs --sources DIR [--tool "node dist/cli.js"] [--rows]
//
// DIR holds the sources of torchvision and timm; transformers' rows are asked as configs.
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const options = { tool: "node dist/cli.js", sources: "", rows: false };
for (let i = 2; i < process.argv.length; i++) {
  const word = process.argv[i].slice(2);
  options[word] = word === "rows" ? true : process.argv[++i];
}
const measured = readFileSync(join(here, "memory.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));

const modelTypes = {
  GPT2Config: "gpt2",
  LlamaConfig: "llama",
  BertConfig: "bert",
  T5Config: "t5",
  Qwen2Config: "qwen2",
  Gemma2Config: "gemma2",
  MixtralConfig: "mixtral",
  DistilBertConfig: "distilbert",
  OPTConfig: "opt",
  GPTNeoXConfig: "gpt_neox",
  ViTConfig: "vit",
  AlbertConfig: "albert",
  BartConfig: "bart",
  Qwen3Config: "qwen3",
  PhiConfig: "phi",
  BloomConfig: "bloom",
  RobertaConfig: "roberta",
  ElectraConfig: "electra",
  Dinov2Config: "dinov2",
};
const torchvisionModules = {
  resnet50: "resnet",
  resnet18: "resnet",
  resnext50_32x4d: "resnet",
  convnext_tiny: "convnext",
  swin_t: "swin_transformer",
  mobilenet_v3_large: "mobilenetv3",
  mobilenet_v2: "mobilenetv2",
  efficientnet_b0: "efficientnet",
  vit_b_16: "vision_transformer",
  efficientnet_v2_s: "efficientnet",
  densenet121: "densenet",
  vgg11_bn: "vgg",
  regnet_y_400mf: "regnet",
  shufflenet_v2_x1_0: "shufflenetv2",
};

/** The measured row as a case of `assay batch`. */
export function caseOf(row, sources) {
  const type = row.dtype === "bf16" ? "bfloat16" : "float32";
  const scenario = {
    device: "nvidia-h200-sxm-141gb",
    phase: row.phase,
    batch: row.batch,
    sequence: row.seq,
    dtype: row.dtype,
    autocast: row.amp === "bf16-autocast" ? "bf16" : undefined,
    checkpointing: row.checkpointing,
    optimizer: row.optimizer,
    attention: row.attn,
  };
  const common = { id: row.name, mode: row.phase === "train" ? "train" : "eval", scenario };
  if (row.config_class) {
    const tensors = Object.entries(row.inputs).map(([name, [kind, ...shape]]) => [
      name,
      `${kind === "float" ? type : "int64"}[${shape}]`,
    ]);
    const kwargs = { ...Object.fromEntries(tensors), ...row.options };
    return {
      ...common,
      kind: "config",
      config: { model_type: modelTypes[row.config_class], architectures: [row.cls], ...row.config },
      kwargs,
    };
  }
  const args = [`${type}[${row.batch},3,224,224]`];
  const installed = ["torch", "numpy", "torchvision", "timm"];
  if (row.torchvision)
    return {
      ...common,
      kind: "python",
      root: sources,
      installed,
      setup: `from torchvision.models.${torchvisionModules[row.torchvision]} import ${row.torchvision}`,
      model: `${row.torchvision}()`,
      args,
    };
  return {
    ...common,
    kind: "python",
    root: sources,
    installed,
    setup: "import timm",
    model: `timm.create_model("${row.timm}")`,
    args,
  };
}

const rows = measured.filter((row) => row.config_class || (options.sources && existsSync(options.sources)));
if (rows.length < measured.length) throw new Error("--sources must name a folder with torchvision and timm");
const [command, ...words] = options.tool.split(" ");
const child = spawn(command, [...words, "batch"], { stdio: ["pipe", "pipe", "inherit"] });
const answers = new Map();
const reading = (async () => {
  for await (const line of createInterface({ input: child.stdout })) {
    const answer = JSON.parse(line);
    answers.set(answer.id, answer);
  }
})();
for (const row of rows) child.stdin.write(`${JSON.stringify(caseOf(row, options.sources))}\n`);
child.stdin.end();
await new Promise((done) => child.on("close", done));
await reading;

const quantities = [
  ["peak", "peakBytes", "peak_bytes"],
  ["activations", "activationBytes", "activations_bytes"],
  ["reserved", "reservedBytes", "reserved_bytes"],
];
const lines = ["# row\tphase\tquantity\tmeasured\tpredicted (node test/oracle/fit_memory.mjs)"];
const errors = new Map();
for (const row of rows) {
  for (const [name, field, truth] of quantities) {
    const got = answers.get(row.name)?.memory?.[field];
    if (!Number.isFinite(got))
      throw new Error(
        `${row.name} has no ${field}: ${answers.get(row.name)?.error ?? JSON.stringify(answers.get(row.name)?.unknowns)}`,
      );
    if (name === "activations" && row.phase === "prefill") continue;
    lines.push([row.name, row.phase, name, row[truth], got].join("\t"));
    const key = `${row.phase} ${name}`;
    errors.set(key, [...(errors.get(key) ?? []), row[truth] / got - 1]);
    if (options.rows)
      console.log(key.padEnd(22), row.name.padEnd(34), `${(100 * (got / row[truth] - 1)).toFixed(2)} %`);
  }
}
writeFileSync(join(here, "memory_errors.tsv"), `${lines.join("\n")}\n`);

const quantile = (list, share) => list.map(Math.abs).sort((a, b) => a - b)[Math.ceil(share * list.length) - 1];
for (const [key, list] of errors)
  console.log(
    key.padEnd(22),
    `${list.length} rows: half within ${(100 * quantile(list, 0.5)).toFixed(2)} %, 95 % within ${(100 * quantile(list, 0.95)).toFixed(2)} %, all within ${(100 * quantile(list, 1)).toFixed(2)} %`,
  );
const shown = (key) =>
  `{ rows: ${errors.get(key).length}, half: ${Number(quantile(errors.get(key), 0.5).toFixed(5))}, most: ${Number(quantile(errors.get(key), 0.95).toFixed(5))} }`;
writeFileSync(
  join(here, "../../src/cost/memory/errors.ts"),
  `/** Written by test/oracle/fit_memory.mjs: how far measured peaks were from predicted ones, as shares of what was predicted. */
export interface MeasuredErrors {
  readonly rows: number;
  /** Half of the rows are within this, and 95 of 100 within \`most\`. */
  readonly half: number;
  readonly most: number;
}

export const peakErrors: Readonly<Record<"train" | "prefill", MeasuredErrors>> = {
  train: ${shown("train peak")},
  prefill: ${shown("prefill peak")},
};
`,
);
