/** What published models keep from token to token, by layout: figures worked out by hand from their configs. */
import assert from "node:assert/strict";
import { type AskedScenario, defaultScenario } from "../../src/base/scenario.ts";
import { type Known, Unknown } from "../../src/base/unknown.ts";
import { configTotals } from "../../src/report/config.ts";
import { environment, sources } from "../support/config.ts";
import { checkpoint, definitionOf } from "../support/publishedCheckpoints.ts";
import { weighed } from "../support/weigh.ts";

type Config = Readonly<Record<string, unknown>>;

/** What a config's model keeps, by the totals that an editor waits for. */
function memoryOf(config: Config, change: Partial<AskedScenario> = {}) {
  const scenario = { ...defaultScenario, sequence: 8192, dtype: "bf16", ...change } as const;
  const asked = { path: "/config.json", text: "", kind: "config", scenario } as const;
  const totals = configTotals(config, asked, { sources, environment });
  assert(!(totals instanceof Unknown));
  const { kv, kvCacheBytes, kvBytesPerToken, remarks } = totals.memory;
  assert(kv && !(kv instanceof Unknown));
  const kvRuntimes: Readonly<Record<string, { bytes: Known<number>; source: string }>> = Object.fromEntries(
    kv.layouts.map(({ name, bytes, source }) => [name, { bytes, source }]),
  );
  return { kvCacheBytes, kvBytesPerToken, kvRuntime: kv.runtime, kvRuntimes, remarks };
}

const published = (name: string, change?: Partial<AskedScenario>) => memoryOf(checkpoint(name).config, change);
const gib = (bytes: Known<number> | undefined) => (typeof bytes === "number" ? bytes : Number.NaN) / 2 ** 30;

describe("the KV cache at 8,192 tokens in 16 bits, in the minimal layout", () => {
  for (const [name, wanted] of [
    ["openai-community/gpt2", "0.281"],
    ["meta-llama/Llama-2-7b-hf", "4.0"],
    ["meta-llama/Meta-Llama-3-8B", "1.0"],
    ["mistralai/Mistral-7B-v0.1", "0.5"],
    ["Qwen/Qwen3-0.6B", "0.875"],
    ["google/gemma-2-2b", "0.609"],
    ["Qwen/Qwen3-30B-A3B", "0.75"],
    ["microsoft/MAI-DS-R1", "0.536"],
    ["openai/gpt-oss-20b", "0.190"],
    ["meta-llama/Llama-3.2-1B", "0.25"],
    ["Qwen/Qwen2.5-7B", "0.438"],
    ["microsoft/Phi-3-mini-128k-instruct", "3.0"],
    ["mistralai/Mixtral-8x7B-v0.1", "1.0"],
  ] as const)
    it(`${name}: ${wanted} GiB`, () => {
      const { kvCacheBytes, kvRuntime } = published(name);
      assert.equal(gib(kvCacheBytes).toFixed(wanted.split(".")[1]?.length), wanted);
      assert.equal(kvRuntime, "minimal");
    });

  it("Phi-3-mini of 4k has a window of 2,047 in its config, and keeps no more", () => {
    assert.equal(published("microsoft/Phi-3-mini-4k-instruct").kvCacheBytes, 32 * 2 * 32 * 96 * 2 * 2047);
  });
});

describe("a length beyond what the model is made for", () => {
  const warning = (name: string, sequence: number) =>
    published(name, { sequence }).remarks.find((text) => text.includes("are beyond the"));

  it("is told with both numbers where positions are a table", () => {
    assert.match(
      warning("openai-community/gpt2", 8192) ?? "",
      /^8,192 tokens are beyond the 1,024 positions.*n_positions.*no rows/,
    );
    assert.equal(warning("openai-community/gpt2", 1024), undefined);
  });

  it("is told where rotary positions were not trained", () => {
    assert.match(
      warning("meta-llama/Llama-2-7b-hf", 8192) ?? "",
      /beyond the 4,096 positions.*nothing beyond was trained/,
    );
  });

  it("counts what a rope setting stretches", () => {
    const llama = checkpoint("meta-llama/Llama-2-7b-hf").config;
    for (const [rope_scaling, reach] of [
      [{ type: "linear", factor: 2 }, 8192],
      [{ rope_type: "dynamic", factor: 2 }, 8192],
      [{ rope_type: "yarn", factor: 4, original_max_position_embeddings: 4096 }, 16384],
    ] as const) {
      const remarks = (sequence: number) =>
        memoryOf({ ...llama, rope_scaling }, { sequence }).remarks.filter((text) => text.includes("are beyond the"));
      assert.deepEqual(remarks(reach), []);
      assert.match(remarks(reach + 1)[0] ?? "", new RegExp(`stretched by ${Object.values(rope_scaling)[0]}`));
    }
  });
});

describe("each runtime lays the cache out in its own way", () => {
  it("Llama: whole pages, and a context padded to 256", () => {
    const { kvRuntimes } = published("meta-llama/Meta-Llama-3-8B", { sequence: 1000, batch: 2 });
    const token = 32 * 2 * 8 * 128 * 2;
    assert.equal(kvRuntimes["minimal"]?.bytes, 2 * 1000 * token);
    assert.equal(kvRuntimes["transformers"]?.bytes, 2 * 1000 * token);
    assert.equal(kvRuntimes["vLLM"]?.bytes, 2 * 63 * 16 * token);
    assert.equal(kvRuntimes["llama.cpp"]?.bytes, 2 * 1024 * token);
  });

  it("the runtime asked for is what the figures are of", () => {
    const asked = published("meta-llama/Meta-Llama-3-8B", { sequence: 1000, runtime: "llama.cpp" });
    assert.equal(asked.kvRuntime, "llama.cpp");
    assert.equal(asked.kvCacheBytes, asked.kvRuntimes["llama.cpp"]?.bytes);
  });

  it("one window in all layers: transformers keeps a token less, vLLM the pages that it touches, llama.cpp everything", () => {
    const { kvRuntimes, kvBytesPerToken } = published("mistralai/Mistral-7B-v0.1");
    const token = 32 * 2 * 8 * 128 * 2;
    assert.equal(kvRuntimes["minimal"]?.bytes, 4096 * token);
    assert.equal(kvRuntimes["transformers"]?.bytes, 4095 * token);
    // 8,192 tokens are 512 pages; the window has left 4,097 tokens behind, 256 pages.
    assert.equal(kvRuntimes["vLLM"]?.bytes, 256 * 16 * token);
    assert.equal(kvRuntimes["llama.cpp"]?.bytes, 8192 * token);
    assert.equal(kvBytesPerToken, 0);
    assert.equal(published("mistralai/Mistral-7B-v0.1", { sequence: 1024 }).kvBytesPerToken, token);
  });

  it("windows in every second layer: vLLM has two groups, llama.cpp a window of 128 and 512 tokens more, padded", () => {
    const { kvRuntimes, kvBytesPerToken } = published("openai/gpt-oss-20b");
    const token = 2 * 8 * 64 * 2;
    assert.equal(kvRuntimes["minimal"]?.bytes, 12 * (8192 + 128) * token);
    assert.equal(kvRuntimes["transformers"]?.bytes, 12 * (8192 + 127) * token);
    assert.equal(kvRuntimes["vLLM"]?.bytes, 12 * (512 + 512 - 504) * 16 * token);
    assert.equal(kvRuntimes["llama.cpp"]?.bytes, 12 * (8192 + 768) * token);
    assert.equal(kvBytesPerToken, 12 * token);
  });

  it("22 layers with windows and 4 without make groups of 4 in vLLM, two layers of the last one empty", () => {
    const { kvRuntimes } = published("google/gemma-3-1b-pt", { sequence: 2048 });
    const page = 16 * 2 * 256 * 2;
    // 128 pages; the window of 512 has left 1,537 tokens behind, 96 pages.
    assert.equal(kvRuntimes["vLLM"]?.bytes, 4 * page * (128 + 6 * 32));
  });

  it("latent attention: one vector for all heads, expanded in older versions of transformers", () => {
    const { kvRuntimes } = published("microsoft/MAI-DS-R1");
    const latent = 61 * (512 + 64) * 2 * 8192;
    for (const name of ["minimal", "transformers", "vLLM", "llama.cpp"])
      assert.equal(kvRuntimes[name]?.bytes, latent, name);
    assert.equal(kvRuntimes["transformers, expanded"]?.bytes, 61 * 128 * (192 + 128) * 2 * 8192);
  });

  it("a type of the cache's own changes the bytes where the runtime has it", () => {
    const { kvRuntimes } = published("meta-llama/Meta-Llama-3-8B", { kvDtype: "int8" });
    const elements = 32 * 2 * 8 * 128 * 8192;
    assert.equal(kvRuntimes["llama.cpp"]?.bytes, (elements * 34) / 32);
    const residual = (elements * 128) / 8192;
    assert.equal(kvRuntimes["transformers"]?.bytes, (elements - residual) * (1 + 4 / 64) + residual * 2);
    // vLLM has a scale of four bytes for each head's keys and values of a token.
    assert.equal(kvRuntimes["vLLM"]?.bytes, elements + (elements / 128) * 4);
    assert.equal(
      published("meta-llama/Meta-Llama-3-8B", { kvDtype: "fp8" }).kvRuntimes["llama.cpp"]?.bytes instanceof Unknown,
      true,
    );
  });

  it("layers that take the keys and values of another add nothing", () => {
    const shared = (num_kv_shared_layers: number) =>
      memoryOf(
        {
          architectures: ["Gemma3nForCausalLM"],
          model_type: "gemma3n_text",
          vocab_size: 1000,
          vocab_size_per_layer_input: 1000,
          hidden_size: 256,
          hidden_size_per_layer_input: 16,
          intermediate_size: 512,
          num_hidden_layers: 10,
          num_attention_heads: 4,
          num_key_value_heads: 2,
          head_dim: 64,
          sliding_window: 512,
          num_kv_shared_layers,
          laurel_rank: 8,
          layer_types: Array.from({ length: 10 }, (_, i) => (i % 5 === 4 ? "full_attention" : "sliding_attention")),
          activation_sparsity_pattern: Array.from({ length: 10 }, () => 0),
        },
        { sequence: 1024 },
      ).kvRuntimes["minimal"]?.bytes;
    const token = 2 * 2 * 64 * 2;
    assert.equal(shared(0), (8 * 512 + 2 * 1024) * token);
    assert.equal(shared(5), (4 * 512 + 1024) * token);
  });

  it("names where each layout is written", () => {
    for (const { source } of Object.values(published("google/gemma-2-2b").kvRuntimes))
      assert(source.length > 20, source);
  });
});

describe("what has one size whatever the length", () => {
  it("Mamba: the last inputs of the convolution, and the state in float32", () => {
    const states = { conv: 24 * 1536, recurrent: 24 * 1536 * 16 * 4 };
    for (const sequence of [16, 64]) {
      const { kvRuntimes, kvBytesPerToken } = published("state-spaces/mamba-130m-hf", { sequence });
      assert.equal(kvRuntimes["minimal"]?.bytes, states.conv * 3 * 2 + states.recurrent);
      assert.equal(kvRuntimes["transformers"]?.bytes, states.conv * 4 * 2 + states.recurrent);
      assert.equal(kvRuntimes["vLLM"]?.bytes, states.conv * 3 * 2 + states.recurrent / 2);
      assert.equal(kvRuntimes["llama.cpp"]?.bytes, states.conv * 3 * 4 + states.recurrent);
      assert.equal(kvBytesPerToken, 0);
    }
  });

  it("LFM2: 10 short convolutions beside 6 layers of attention", () => {
    const { kvRuntimes } = published("LiquidAI/LFM2-1.2B", { sequence: 1024 });
    assert.equal(kvRuntimes["minimal"]?.bytes, 10 * 2048 * 2 * 2 + 6 * 2 * 8 * 64 * 2 * 1024);
  });

  it("Jamba: four layers of attention, states in the others", () => {
    const { kvRuntimes } = published("ai21labs/Jamba-v0.1", { sequence: 32 });
    const keys = 4 * 2 * 8 * 128 * 2;
    assert.equal(kvRuntimes["minimal"]?.bytes, 32 * keys + 28 * (8192 * 3 * 2 + 8192 * 16 * 4));
    // A state's page of 311,296 bytes takes attention's 4,096 a token in blocks of 80 tokens.
    assert.equal(kvRuntimes["vLLM"]?.bytes, (28 + 4) * 80 * 4096);
  });

  it("gated delta nets beside attention: vLLM makes blocks of 1,056 tokens, whose page holds a state", () => {
    const { kvRuntimes } = memoryOf({
      architectures: ["Qwen3NextForCausalLM"],
      model_type: "qwen3_next",
      vocab_size: 1000,
      hidden_size: 2048,
      intermediate_size: 512,
      moe_intermediate_size: 64,
      shared_expert_intermediate_size: 64,
      num_experts: 4,
      num_experts_per_tok: 2,
      num_hidden_layers: 8,
      num_attention_heads: 16,
      num_key_value_heads: 2,
      head_dim: 256,
      linear_num_key_heads: 16,
      linear_num_value_heads: 32,
      linear_key_head_dim: 128,
      linear_value_head_dim: 128,
      linear_conv_kernel_dim: 4,
      full_attention_interval: 4,
      mamba_ssm_dtype: "float32",
    });
    const token = 2 * 2 * 256 * 2;
    const state = 8192 * 3 * 2 + 32 * 128 * 128 * 4;
    assert.equal(kvRuntimes["minimal"]?.bytes, 2 * token * 8192 + 6 * state);
    assert.equal(kvRuntimes["vLLM"]?.bytes, (2 * 8 + 6) * 1056 * token);
  });

  it("an encoder's keys and values are made once", () => {
    const { kvRuntimes, kvBytesPerToken } = published("google-t5/t5-small", { sequence: 100 });
    const token = 6 * 2 * 512 * 2;
    assert.equal(kvRuntimes["minimal"]?.bytes, (100 + 100) * token);
    assert.equal(kvBytesPerToken, token);
    // Whisper's encoder has 1,500 tokens; its decoder is given four.
    assert.equal(published("openai/whisper-tiny").kvRuntimes["minimal"]?.bytes, (1500 + 4) * 4 * 2 * 384 * 2);
  });

  it("is told whether or not a cache is asked for", () => {
    for (const name of ["state-spaces/mamba-130m-hf", "LiquidAI/LFM2-350M", "google-t5/t5-small"]) {
      const [used, unused] = [true, false].map((use_cache) => answerOf(name, { use_cache }));
      assert.equal(used?.["kvCacheBytes"], unused?.["kvCacheBytes"], name);
    }
  });
});

describe("a batch's answer", () => {
  it("has the runtime that was asked for, and the others beside it", () => {
    const memory = answerOf("openai-community/gpt2", {}, "vllm");
    const token = 12 * 2 * 768 * 2;
    assert.equal(memory?.["kvRuntime"], "vllm");
    assert.equal(memory?.["kvCacheBytes"], 3 * 16 * token);
    assert.equal(memory?.["kvBytesPerToken"], token);
    const runtimes = memory?.["kvRuntimes"] as Record<string, { bytes: number }>;
    assert.equal(runtimes["minimal"]?.bytes, 40 * token);
    assert.equal(runtimes["llama.cpp"]?.bytes, 256 * token);
  });
});

function answerOf(name: string, options: Readonly<Record<string, unknown>>, runtime?: AskedScenario["runtime"]) {
  const { config } = checkpoint(name);
  const isPair = config["is_encoder_decoder"] === true;
  const kwargs = { input_ids: "int64[1,40]", ...(isPair && { decoder_input_ids: "int64[1,40]" }), ...options };
  const scenario = { ...defaultScenario, sequence: 40, dtype: "bf16", runtime } as const;
  const staged = { scenario, namedType: undefined, device: undefined, problems: [] };
  return weighed({ ...definitionOf(config), kwargs, staged }).memory;
}
