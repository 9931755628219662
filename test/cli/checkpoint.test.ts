import assert from "node:assert/strict";
import { truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ggufFile, safetensorsFile } from "../support/checkpointFiles.ts";
import { assay, folderWith } from "./assay.ts";

describe("assay on a checkpoint", () => {
  const folder = folderWith({ "none.gguf": "this is text" });
  const write = (name: string, file: ReturnType<typeof ggufFile>, headerBytes: number) => {
    writeFileSync(path.join(folder, name), file.read(0, headerBytes));
    truncateSync(path.join(folder, name), file.size);
  };
  write(
    "model.gguf",
    ggufFile({ "general.architecture": "qwen3", "general.file_type": 7 }, { "output.weight": ["Q8_0", 64, 1024] }),
    400,
  );
  write("model.safetensors", safetensorsFile({ "lm_head.weight": ["BF16", 64, 1024], scale: ["F32", 64] }), 400);
  const inside = (name: string) => path.join(folder, name);

  it("prints what a GGUF header says", async () => {
    const { code, out, error } = await assay([inside("model.gguf")]);
    assert.deepEqual({ code, error }, { code: 0, error: "" });
    assert.equal(
      out,
      [
        "model.gguf  GGUF · qwen3 · Q8_0",
        "",
        "parameters  65.5 K    1 tensor",
        "weights     69.6 kB   8.5 bits each, scales included",
        "",
        "type  tensors  parameters    bytes  bits each",
        "Q8_0        1       65536  69.6 kB        8.5",
        "",
      ].join("\n"),
    );
  });

  it("gives it as JSON and as a table of types", async () => {
    const json = JSON.parse((await assay([inside("model.safetensors"), "--format", "json"])).out);
    assert.equal(json.params, 65_600);
    assert.equal(json.bytes, 131_328);
    assert.equal(json.tensors[0].name, "lm_head.weight");
    const csv = (await assay([inside("model.safetensors"), "--format", "csv"])).out;
    assert.equal(csv, "type,tensors,parameters,bytes,bits each\nBF16,1,65536,131072,16\nF32,1,64,256,32\n");
    const markdown = (await assay([inside("model.gguf"), "--format", "markdown"])).out;
    assert.match(markdown, /\| Q8_0 \| 1 \| 65536 \| 69\.6 kB \| 8\.5 \|/);
  });

  it("tells of the one beside a config, and where it differs", async () => {
    const config = { architectures: ["LlamaForCausalLM"], model_type: "llama", vocab_size: 64, hidden_size: 1024 };
    const sizes = { num_hidden_layers: 0, num_attention_heads: 8, intermediate_size: 16, tie_word_embeddings: true };
    writeFileSync(inside("config.json"), JSON.stringify({ ...config, ...sizes, torch_dtype: "bfloat16" }));
    const { out } = await assay([inside("config.json")]);
    assert.match(out, /^checkpoint\s+131 kB\s+model\.safetensors; 2 tensors: BF16 131 kB, F32$/m);
    const json = JSON.parse((await assay([inside("config.json"), "--format", "json"])).out);
    assert.equal(json.models[0].checkpoint.bytes, 131_328);
    const found = json.models[0].findings.filter((one: { rule: string }) => one.rule === "checkpoint-mismatch");
    assert.equal(found.length, 1);
  });

  it("says in a sentence why it cannot", async () => {
    assert.match((await assay([inside("none.gguf")])).error, /it does not begin with GGUF/);
    assert.match((await assay([inside("no.gguf")])).error, /There is no such file/);
  });
});
