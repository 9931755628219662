import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Checkpoint, elementsOf } from "../../src/configs/checkpoints/checkpoint.ts";
import { checkpointOf } from "../../src/configs/checkpoints/find.ts";
import { ggufHeader } from "../../src/configs/checkpoints/gguf.ts";
import { bitsOfType, ggufTypes, mixtureName } from "../../src/configs/checkpoints/ggufTypes.ts";
import { OpenSources } from "../../src/hosts/server/sources.ts";
import { checkpointView } from "../../src/surfaces/checkpointText.ts";
import { beside, ggufFile, safetensorsFile, type Tensors } from "../support/checkpointFiles.ts";
import { weighedConfig } from "../support/config.ts";
import { parser } from "../syntax/parser.ts";

/** What llama.cpp's own package says of each type. */
const rows = readFileSync("test/oracle/gguf_types.tsv", "utf8")
  .trim()
  .split("\n")
  .slice(2)
  .map((row) => row.split("\t") as [kind: string, number: string, name: string, elements: string, bytes: string]);

const values = {
  "general.architecture": "llama",
  "general.name": "Small",
  "general.file_type": 15,
  "llama.block_count": 1,
  "llama.embedding_length": 256,
  "llama.attention.head_count": 4,
  "llama.attention.head_count_kv": 2,
  "llama.context_length": 8192,
  "tokenizer.ggml.tokens": Array.from({ length: 300 }, (_, i) => `token ${i}`),
};
const tensors = {
  "token_embd.weight": ["Q6_K", 300, 256],
  "blk.0.attn_norm.weight": ["F32", 256],
  "blk.0.attn_q.weight": ["Q4_K", 256, 256],
  "blk.0.ffn_down.weight": ["Q5_K", 256, 512],
} as const;

describe("the types of GGUF files", () => {
  it("have the blocks of llama.cpp's own package", () => {
    const types = rows.filter(([kind]) => kind === "type");
    assert.deepEqual(
      [...ggufTypes].map(([number, [name, elements, bytes]]) => [number, name, elements, bytes].join(" ")),
      types.map(([, number, name, elements, bytes]) => [number, name, elements, bytes].join(" ")),
    );
  });

  it("take the bits that they are known for", () => {
    const bits = {
      Q4_K: 4.5,
      Q5_K: 5.5,
      Q6_K: 6.5625,
      Q3_K: 3.4375,
      Q2_K: 2.625,
      Q8_0: 8.5,
      IQ4_XS: 4.25,
      MXFP4: 4.25,
    };
    assert.deepEqual(Object.fromEntries(Object.keys(bits).map((name) => [name, bitsOfType(name)])), bits);
  });

  for (const [kind, number, name] of rows)
    if (kind === "mixture") it(`call mixture ${number} ${name}`, () => assert.equal(mixtureName(number), name));
});

describe("a GGUF header", () => {
  it("gives the tensors, their last axis first in the file", () => {
    const header = ggufHeader(ggufFile(values, tensors));
    assert(typeof header !== "string");
    assert.deepEqual(header.faults, []);
    assert.deepEqual(
      header.tensors?.map(({ name, type, shape, bytes }) => [name, type, ...shape, bytes]),
      [
        ["token_embd.weight", "Q6_K", 300, 256, 300 * 210],
        ["blk.0.attn_norm.weight", "F32", 256, 1024],
        ["blk.0.attn_q.weight", "Q4_K", 256, 256, 256 * 144],
        ["blk.0.ffn_down.weight", "Q5_K", 256, 512, 2 * 256 * 176],
      ],
    );
  });

  it("is read however the file is cut into pieces", () => {
    const file = ggufFile(
      { ...values, "tokenizer.ggml.tokens": Array<string>(200_000).fill("a longer token") },
      tensors,
    );
    const header = ggufHeader(file);
    assert(typeof header !== "string");
    assert.equal(header.tensors?.length, 4);
    assert.equal(header.about.get("general.name"), "Small");
    assert.equal(header.about.has("tokenizer.ggml.tokens"), false, "lists are passed over");
  });

  it("that ends too early, or is none, is refused in a sentence", () => {
    assert.equal(ggufHeader(safetensorsFile({ a: ["F32", 8] })), "it does not begin with GGUF");
    const whole = ggufFile(values, tensors);
    const cut = ggufHeader({
      ...whole,
      size: 200,
      read: (start, length) => whole.read(start, Math.min(length, 200 - start)),
    });
    assert.equal(cut, "it ends within its header");
    const short = ggufHeader(ggufFile(values, tensors, 64));
    assert(typeof short !== "string" && /it is cut short$/.test(short.faults[0]!));
  });

  it("never throws, whatever the bytes are", () => {
    const whole = ggufFile(values, tensors);
    let seed = 7;
    for (let round = 0; round < 300; round++) {
      const bytes = whole.read(0, whole.size);
      for (let i = 0; i < 4; i++) {
        seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
        bytes[seed % 600] = seed >> 8;
      }
      const read = (start: number, length: number) => bytes.slice(start, start + length);
      const header = ggufHeader({ size: bytes.length, version: "", read });
      assert(typeof header === "string" || header.tensors !== undefined);
    }
  });
});

describe("a checkpoint by itself", () => {
  const around = beside({
    "small-00001-of-00002.gguf": ggufFile(values, tensors),
    "small-00002-of-00002.gguf": ggufFile({ "split.no": 1 }, { "output.weight": ["Q8_0", 300, 256] }),
    "lone.gguf": ggufFile(values, tensors),
    "half-00001-of-00002.gguf": ggufFile(values, tensors),
  });
  const opened = (name: string): Checkpoint => {
    const found = checkpointOf(`/${name}`, around);
    assert(typeof found !== "string");
    return found;
  };
  const shown = (name: string) => checkpointView(opened(name), { units: "GB", shorten: (path) => path });

  it("is told with its architecture, its bits and its bytes by type", () => {
    const { heading, rows, types } = shown("lone.gguf");
    assert.equal(heading, "GGUF · llama · Small · Q4_K_M");
    const elements = 300 * 256 + 256 + 256 * 256 + 256 * 512;
    const bytes = 300 * 210 + 1024 + 256 * 144 + 512 * 176;
    assert.deepEqual(rows, [
      { label: "parameters", value: "273.7 K", note: "4 tensors" },
      {
        label: "weights",
        value: "191 kB",
        note: `${Number(((8 * bytes) / elements).toFixed(4))} bits each, scales included`,
      },
      { label: "sizes", value: "", note: "1 layer, 256 wide, 4 heads, 2 for keys and values, 8192 tokens of context" },
    ]);
    assert.deepEqual(
      types.map(({ type, bytes: own, bitsEach }) => [type, own, bitsEach]),
      [
        ["Q5_K", 90_112, 5.5],
        ["Q6_K", 63_000, 6.5625],
        ["Q4_K", 36_864, 4.5],
        ["F32", 1024, 32],
      ],
    );
  });

  it("is put together from its parts", () => {
    const whole = opened("small-00001-of-00002.gguf");
    assert.equal(whole.tensors?.length, 5);
    assert.equal(elementsOf(whole.tensors!.at(-1)!.shape), 300 * 256);
    assert.deepEqual(whole.faults, []);
    assert.deepEqual(opened("half-00001-of-00002.gguf").faults, ["half-00002-of-00002.gguf: there is no such file"]);
  });

  it("is refused where there is none", () => assert.equal(checkpointOf("/none.gguf", around), "there is no such file"));
});

const decoder = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  hidden_size: 64,
  intermediate_size: 160,
  num_attention_heads: 4,
  num_hidden_layers: 2,
  num_key_value_heads: 2,
  vocab_size: 100,
  torch_dtype: "bfloat16",
};

describe("a GGUF file beside a config", () => {
  const gguf: Tensors = {
    "token_embd.weight": ["Q8_0", 100, 64],
    "blk.0.ffn_up.weight": ["Q8_0", (2 * 43136) / 64, 64],
    "output_norm.weight": ["F32", 64],
    "rope_freqs.weight": ["F32", 8],
  };
  const told = (config: object, tensors: Tensors) => {
    const around = beside({ "small.gguf": ggufFile({ "general.architecture": "llama" }, tensors) });
    const { models, problems } = weighedConfig({ ...config }, {}, around);
    return { checkpoint: models[0]?.checkpoint, texts: problems.map(({ what }) => what) };
  };

  it("is counted, its tensors having other names", () => {
    const tied = { ...decoder, tie_word_embeddings: true };
    const { checkpoint, texts } = told(tied, gguf);
    assert.deepEqual(texts, []);
    assert.equal(checkpoint?.format, "GGUF");
    assert.equal(checkpoint?.params, 92_736);
    assert.deepEqual(told(tied, { ...gguf, "output.weight": ["Q8_0", 100, 64] }).texts, []);
    assert.deepEqual(told(decoder, gguf).texts, [
      "The GGUF file stores 92.7 K parameters, 6400 fewer than the config's model.",
    ]);
  });
});

describe("an editor's files", () => {
  const file = safetensorsFile({ a: ["F32", 4] });
  const files = { read: () => undefined, folder: () => false, filesIn: () => [] };

  it("are read in parts where the host can", () => {
    assert.equal(new OpenSources(parser, files).binary, undefined);
    const open = new OpenSources(parser, { ...files, binary: (path) => (path === "/a" ? file : undefined) });
    assert.equal(open.binary?.("/a"), file);
    assert.equal(open.binary?.("/b"), undefined);
  });
});
