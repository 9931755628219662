// Copies the rows of a table of transformers' models that our own definitions must agree with.
//
//     node test/oracle/select_configs.mjs TRANSFORMERS_JSONL_GZ...
//
// The tables have one model a line, made with real PyTorch (see README.md and make_configs.py here); of a family that several
// tables hold the first's rows are taken. Rows whose class is defined in
// src/configs/architectures go into configs.jsonl.gz, less the fields that no test reads: all of the first families, and
// of every other family the head that computes most, so that a run of the tests stays short.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";

const folder = "src/configs/architectures";
const sources = readdirSync(folder).filter((file) => file.endsWith(".py"));
const classes = sources.flatMap((file) =>
  [...readFileSync(`${folder}/${file}`, "utf8").matchAll(/^class (\w+)/gm)].map(([, name]) => name),
);
const kept = ["model_type", "class", "config", "params", "buffers", "inputs", "options"];
const counted = ["flops", "flops_by_module", "outputs"];

/** Without single experts, whose share of the tokens depends on values. */
const settled = (modules) =>
  modules && Object.fromEntries(Object.entries(modules).filter(([name]) => !/\.experts\.expert_\d+/.test(name)));

const first = new Set(["llama", "mistral", "qwen2", "qwen3", "gpt2", "bert", "vit"]);

const tables = process.argv.slice(2).map((file) =>
  gunzipSync(readFileSync(file))
    .toString()
    .trim()
    .split("\n")
    // Python writes numbers that JSON does not have.
    .map((line) => JSON.parse(line.replace(/([[ ])(-?)Infinity/g, '$1{"__float__":"$2Infinity"}'))),
);
const firstOf = (type) =>
  tables.find((rows) => rows.some((row) => row.model_type === type && row.flops_exact)) ?? tables[0];

const all = tables
  .flatMap((rows) => rows.filter((row) => firstOf(row.model_type) === rows))
  .filter((row) => classes.includes(row.class))
  .sort((a, b) => (b.flops ?? 0) - (a.flops ?? 0) || b.params - a.params);
const rows = all
  .filter((row, i) => first.has(row.model_type) || all.findIndex((other) => other.model_type === row.model_type) === i)
  .sort((a, b) => (a.class < b.class ? -1 : 1))
  .map((row) => ({ ...row, flops_by_module: settled(row.flops_by_module) }))
  .map((row) => Object.fromEntries([...kept, ...(row.flops_exact ? counted : [])].map((field) => [field, row[field]])));
writeFileSync(
  "test/oracle/configs.jsonl.gz",
  gzipSync(`${rows.map((row) => JSON.stringify(row)).join("\n")}\n`, { level: 9 }),
);
console.log(`${rows.length} rows`);
