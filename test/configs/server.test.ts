import assert from "node:assert/strict";
import { eventually, workspace } from "../support/server.ts";

const llama = `{
  "architectures": ["LlamaForCausalLM"],
  "hidden_act": "silu",
  "hidden_size": 1024,
  "intermediate_size": 4096,
  "max_position_embeddings": 8192,
  "model_type": "llama",
  "num_attention_heads": 32,
  "num_hidden_layers": 4,
  "num_key_value_heads": 8,
  "torch_dtype": "bfloat16",
  "vocab_size": 32000
}
`;

interface Item {
  readonly label: string;
  readonly detail: string;
  readonly documentation?: string;
  readonly textEdit: { readonly newText: string };
}

describe("a config in the editor", () => {
  const server = workspace({}, { scenario: { sequence: 8192 } });
  before(() => server.start());
  const place = (name: string) => ({ textDocument: { uri: server.uri(name) } });
  const lens = async (name: string) => {
    const [one] = await server.ask<{ command: { title: string } }[]>("textDocument/codeLens", place(name));
    return one?.command.title ?? "";
  };
  const hover = async (name: string, text: string, word: string) => {
    const line = text.split("\n").findIndex((one) => one.includes(word));
    const position = { line, character: text.split("\n")[line]!.indexOf(word) + 1 };
    const found = await server.ask<{ contents: { value: string } } | null>("textDocument/hover", {
      ...place(name),
      position,
    });
    return found?.contents.value ?? "";
  };
  const completions = (name: string, line: number, character: number) =>
    server.ask<Item[]>("textDocument/completion", { ...place(name), position: { line, character } });

  it("has its totals over the first line, and then the largest batch that fits", async () => {
    await server.open("config.json", llama);
    const title = await eventually(
      () => lens("config.json"),
      (text) => text.includes("batch"),
    );
    assert.match(
      title,
      /^126.4 M params · 253 MB bf16 · KV 4.1 kB\/token · 8k context 33.6 MB · RTX 4090 batch ≤ \d+ · report$/,
    );
  });

  it("has other totals after a letter", async () => {
    await server.edit("config.json", llama.replace('"num_hidden_layers": 4', '"num_hidden_layers": 8'));
    await eventually(
      () => lens("config.json"),
      (text) => text.startsWith("187.2 M params"),
    );
    await server.edit("config.json", llama);
    await eventually(
      () => lens("config.json"),
      (text) => text.startsWith("126.4 M params"),
    );
  });

  it("tells what other values of a key would cost, and what the key means", async () => {
    const text = await hover("config.json", llama, "num_key_value_heads");
    assert.match(text, /^Heads of keys and values/);
    assert.match(text, /\| `num_key_value_heads` \| \s*KV \/ token \| \s*attn params \|.*largest batch \|/);
    assert.deepEqual(
      [...text.matchAll(/^\| (\*\*)?(\d+)/gm)].map((match) => match[2]),
      ["1", "4", "8", "16", "32"],
    );
    assert.match(text, /\*\*8\*\* \| \*\*4.1 kB\*\*/);
    assert.match(await hover("config.json", llama, "max_position_embeddings"), /From 4096 to 16384 no figure changes/);
    assert.match(await hover("config.json", llama, "model_type"), /^Family/);
  });

  it("completes keys of the family with their defaults, and closed lists", async () => {
    const text = llama.replace('  "hidden_act": "silu",', '  "",\n  "hidden_act": "",');
    await server.edit("config.json", text);
    const keys = await completions("config.json", 2, 3);
    const found = keys.find(({ label }) => label === "rms_norm_eps");
    assert.equal(found?.textEdit.newText, '"rms_norm_eps": 0.000001');
    assert(!keys.some(({ label }) => label === "hidden_size"), "a key that is there already");
    assert.match(
      keys.find(({ label }) => label === "tie_word_embeddings")?.documentation ?? "",
      /one matrix in memory/,
    );
    const values = await completions("config.json", 3, 17);
    assert(values.some(({ textEdit }) => textEdit.newText === '"gelu_new"'));
  });

  it("offers rewrites at the keys that they change, with what they save", async () => {
    const text = llama.replace('"num_key_value_heads": 8', '"num_key_value_heads": 32');
    await server.edit("config.json", text);
    await eventually(
      () => server.report("config.json"),
      (report) => report !== null,
    );
    const line = text.split("\n").findIndex((one) => one.includes("num_key_value_heads"));
    const range = { start: { line, character: 4 }, end: { line, character: 4 } };
    const actions = await eventually(
      () =>
        server.ask<{ title: string; edit?: { changes: Record<string, { newText: string }[]> } }[]>(
          "textDocument/codeAction",
          { ...place("config.json"), range, context: { diagnostics: [] } },
        ),
      (found) => found.length > 1,
    );
    const shared = actions.find(({ title }) => title.startsWith("Share 8 key heads among 32 query heads: "));
    assert.match(shared?.title ?? "", /→ .* % less \(demands fine-tuning\)$/, JSON.stringify(actions));
    assert.deepEqual(
      Object.values(shared?.edit?.changes ?? {}).flatMap((edits) => edits.map(({ newText }) => newText)),
      ["8"],
    );
    assert(actions.some(({ title }) => title.startsWith("Weigh with keys and values cached in fp8")));
  }).timeout(60_000);

  it("is left to others where it is no model's", async () => {
    const text = '{ "name": "x", "hidden_size": -1,\n  ""\n}';
    await server.open("other/config.json", text);
    assert.deepEqual(await completions("other/config.json", 1, 3), []);
    assert.equal(await hover("other/config.json", text, "hidden_size"), "");
    assert.equal(await lens("other/config.json"), "");
    await eventually(
      () => server.diagnostics("other/config.json"),
      (found) => found !== undefined,
    );
    assert.deepEqual(server.diagnostics("other/config.json"), []);
  });
});
