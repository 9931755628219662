/**
 * How fast Assay answers: a first look at a file of 1,000 lines, the look after a letter typed, hovers on a finished
 * report, a letter in a config through the server, the terminal over the sample models, and a cold start. Prints; fails only where something is far too slow.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { analyze, warmUp } from "../src/analyze.ts";
import { defaultScenario } from "../src/base/scenario.ts";
import type { FileReport } from "../src/cost/report.ts";
import { fileSources } from "../src/hosts/cli/files.ts";
import { type Files, OpenSources } from "../src/hosts/server/sources.ts";
import type { Environment } from "../src/python/interpreter.ts";
import { hover } from "../src/surfaces/hover.ts";
import { loadPythonParser, type PythonParser } from "../src/syntax/parser.ts";
import { configKeystrokes } from "./benchConfig.ts";
import { filesBelow } from "./support/sources.ts";
import { pythonWasm } from "./support/wasm.ts";

const environment: Environment = {
  roots: [],
  installed: new Set(["torch", "numpy"]),
  versions: { python: "3.12", torch: "2.11.0" },
};
const view = { units: "GB" as const, shorten: (file: string) => file };
const noFiles: Files = { read: () => undefined, folder: () => false, filesIn: () => [] };

/** Far more than any machine that works needs, in milliseconds. */
const ceiling = { first: 5000, again: 5000, hover: 500, models: 60_000, start: 20_000, config: 2000 };

async function main(): Promise<void> {
  const parser = await loadPythonParser(pythonWasm());
  const text = largeFile(1000);
  const first = firstLook(parser, text);
  const again = afterLetters(parser, text, text.indexOf("h = self.norm", text.length / 2));
  const gpt = readFileSync("test/models/gpt.py", "utf8");
  const inGpt = (phase: "prefill" | "train") =>
    afterLetters(parser, gpt, gpt.indexOf("logits = self.lm_head"), { ...defaultScenario, phase });
  const [prefill, training] = [inGpt("prefill"), inGpt("train")];
  const hovers = hoverTimes(first.report, text);
  const models = sampleModels(parser);
  const start = coldStart();
  const config = await configKeystrokes(20);
  const p95 = quantile(hovers, 0.95);
  print("PyTorch imported, ahead of the first file", `${round(first.ahead)} ms`, "when the server starts");
  print(
    "first analysis, 1,000 lines, fresh process",
    `${round(first.milliseconds)} ms`,
    `${round(first.ofProcessor)} ms of processor time, ${first.layers} layers`,
  );
  print(
    "again after one letter, median of 20",
    `${round(quantile(again, 0.5))} ms`,
    `95th percentile ${round(quantile(again, 0.95))} ms`,
  );
  print("GPT-2 after one letter, median of 20", `${round(quantile(prefill, 0.5))} ms`, "prefill");
  print("GPT-2 after one letter, median of 20", `${round(quantile(training, 0.5))} ms`, "a training step");
  print(
    "hover, 95th percentile",
    `${round(p95)} ms`,
    `${hovers.length} positions, longest ${round(Math.max(...hovers))} ms`,
  );
  print(
    "config of 8 B: keystroke to new totals",
    config === undefined ? "not built" : `${round(quantile(config.milliseconds, 0.5))} ms`,
    config === undefined
      ? ""
      : `median of 20 through the server, 95th percentile ${round(quantile(config.milliseconds, 0.95))} ms`,
  );
  for (const { name, milliseconds } of models) print(`test/models/${name}`, `${round(milliseconds)} ms`, "");
  print(
    "assay FILE, cold start",
    start === undefined ? "not built" : `${round(start)} ms`,
    "a process of its own, start-up included",
  );
  const slow = [
    first.milliseconds > ceiling.first && "the first analysis",
    quantile(again, 0.95) > ceiling.again && "the analysis after a letter",
    p95 > ceiling.hover && "hovers",
    models.reduce((sum, { milliseconds }) => sum + milliseconds, 0) > ceiling.models && "the sample models",
    (start ?? 0) > ceiling.start && "the cold start",
    quantile(config?.milliseconds ?? [], 0.5) > ceiling.config && "a config's totals",
  ].filter((one) => one !== false);
  if (slow.length > 0) {
    console.error(`far too slow: ${slow.join(", ")}`);
    process.exitCode = 1;
  }
}

/** The very first analysis of this process, parsing included. */
function firstLook(
  parser: PythonParser,
  text: string,
): { report: FileReport; ahead: number; milliseconds: number; ofProcessor: number; layers: number } {
  const sources = new OpenSources(parser, noFiles);
  sources.setText("/bench/model.py", text);
  const begun = performance.now();
  // As the server does when it starts, before a file is asked for.
  warmUp({ sources, environment });
  const ahead = performance.now() - begun;
  const started = performance.now();
  const before = process.cpuUsage();
  const report = look(sources, text);
  const milliseconds = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  const count = (layer: FileReport["models"][number]["root"]): number =>
    1 + layer.children.reduce((sum, child) => sum + count(child), 0);
  return {
    report,
    ahead,
    milliseconds,
    ofProcessor: (user + system) / 1000,
    layers: report.models.reduce((sum, { root }) => sum + count(root), 0),
  };
}

/** Milliseconds of each of twenty analyses, each after one more letter at a place in the text. */
function afterLetters(parser: PythonParser, text: string, at: number, scenario = defaultScenario): number[] {
  const sources = new OpenSources(parser, noFiles);
  sources.setText("/bench/model.py", text);
  look(sources, text, scenario);
  return Array.from({ length: 20 }, (_, i) => {
    const typed = `${text.slice(0, at)}z${"z".repeat(i)} = 1; ${text.slice(at)}`;
    const started = performance.now();
    sources.setText("/bench/model.py", typed);
    look(sources, typed, scenario);
    return performance.now() - started;
  });
}

function look(sources: OpenSources, text: string, scenario = defaultScenario): FileReport {
  return analyze({ path: "/bench/model.py", text, kind: "python", scenario }, { sources, environment });
}

/** Milliseconds of a hover on the last word of each line. */
function hoverTimes(report: FileReport, text: string): number[] {
  return text.split("\n").flatMap((line, i) => {
    const column = /\w\W*$/.exec(line)?.index;
    if (column === undefined) return [];
    const started = performance.now();
    hover(report, text, i, column, view);
    return [performance.now() - started];
  });
}

function sampleModels(parser: PythonParser): { name: string; milliseconds: number }[] {
  return filesBelow("test/models", ".py").map((file) => {
    const text = readFileSync(file, "utf8");
    const started = performance.now();
    analyze(
      { path: path.resolve(file), text, kind: "python", scenario: defaultScenario },
      { sources: fileSources(parser), environment },
    );
    return { name: path.basename(file), milliseconds: performance.now() - started };
  });
}

/** From the command to the answer; undefined where the program is not built. */
function coldStart(): number | undefined {
  const [file] = filesBelow("test/models", "gpt.py");
  const program = path.join(__dirname, "..", "cli.js");
  if (!file) return undefined;
  const started = performance.now();
  const { status } = spawnSync(process.execPath, [program, file], { stdio: "ignore" });
  return status === 0 ? performance.now() - started : undefined;
}

/** A file of about so many lines: transformer blocks that differ, and a model of them. */
function largeFile(lines: number): string {
  const parts = ["import math\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n"];
  const count = Math.round(lines / blockText(0).split("\n").length);
  for (let i = 0; i < count; i++) parts.push(blockText(i));
  const blocks = Array.from({ length: count }, (_, i) => `Block${i}()`).join(", ");
  parts.push(`
class Model(nn.Module):
    def __init__(self, vocab_size=32000, dim=512):
        super().__init__()
        self.embed = nn.Embedding(vocab_size, dim)
        self.blocks = nn.ModuleList([${blocks}])
        self.head = nn.Linear(dim, vocab_size, bias=False)

    def forward(self, ids):
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x)
        return self.head(x)
`);
  return parts.join("\n");
}

const blockText = (i: number) => `
class Attention${i}(nn.Module):
    """Self-attention of block ${i}."""

    def __init__(self, dim=512, heads=${i % 2 === 0 ? 8 : 4}):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(dim, 3 * dim)
        self.out = nn.Linear(dim, dim)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        q = q.view(B, T, self.heads, C // self.heads).transpose(1, 2)
        k = k.view(B, T, self.heads, C // self.heads).transpose(1, 2)
        v = v.view(B, T, self.heads, C // self.heads).transpose(1, 2)
        scores = q @ k.transpose(-2, -1) / math.sqrt(k.size(-1))
        weights = F.softmax(scores, dim=-1)
        y = (weights @ v).transpose(1, 2).reshape(B, T, C)
        return self.out(y)


class Block${i}(nn.Module):
    def __init__(self, dim=512, hidden=${1024 + 64 * i}):
        super().__init__()
        self.norm = nn.LayerNorm(dim)
        self.attention = Attention${i}(dim)
        self.norm2 = nn.LayerNorm(dim)
        self.up = nn.Linear(dim, hidden)
        self.down = nn.Linear(hidden, dim)

    def forward(self, x):
        h = self.norm(x)
        x = x + self.attention(h)
        h = self.norm2(x)
        h = F.gelu(self.up(h))
        return x + self.down(h)
`;

function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
}

const round = (milliseconds: number) =>
  milliseconds < 10 ? Math.round(100 * milliseconds) / 100 : Math.round(milliseconds);
const print = (what: string, value: string, note: string) =>
  console.log(`${what.padEnd(46)}${value.padStart(10)}${note && `  ${note}`}`);

main();
