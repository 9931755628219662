/** From a keystroke in a config of eight thousand million parameters to its new totals, through the server as an editor runs it. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { createProtocolConnection, StreamMessageReader, StreamMessageWriter } from "vscode-languageserver/node";

const llama = {
  architectures: ["LlamaForCausalLM"],
  bos_token_id: 128000,
  eos_token_id: 128001,
  hidden_act: "silu",
  hidden_size: 4096,
  intermediate_size: 14336,
  max_position_embeddings: 8192,
  model_type: "llama",
  num_attention_heads: 32,
  num_hidden_layers: 32,
  num_key_value_heads: 8,
  rms_norm_eps: 1e-5,
  rope_theta: 500000.0,
  torch_dtype: "bfloat16",
  vocab_size: 128256,
};

const uri = "file:///bench/config.json";

/** Milliseconds of each keystroke, from its notice to the lens with the new totals; undefined where the server is not built. */
export async function configKeystrokes(count: number): Promise<{ milliseconds: number[]; title: string } | undefined> {
  const program = path.join(__dirname, "..", "server.js");
  if (!existsSync(program)) return undefined;
  const server = spawn(process.execPath, [program, "--stdio"], { stdio: ["pipe", "pipe", "ignore"] });
  const client = createProtocolConnection(
    new StreamMessageReader(server.stdout),
    new StreamMessageWriter(server.stdin),
  );
  let refreshed: () => void = () => {};
  client.onRequest("client/registerCapability", () => null);
  client.onRequest("workspace/configuration", () => [null]);
  client.onRequest("workspace/inlayHint/refresh", () => null);
  client.onRequest("workspace/codeLens/refresh", () => {
    refreshed();
    return null;
  });
  client.listen();
  await client.sendRequest("initialize", { processId: null, rootUri: null, capabilities: {}, workspaceFolders: null });
  await client.sendNotification("initialized", {});
  const lens = async () => {
    const [one] = await client.sendRequest<{ command: { title: string } }[]>("textDocument/codeLens", {
      textDocument: { uri },
    });
    return one?.command.title ?? "";
  };
  const text = (width: number) => JSON.stringify({ ...llama, intermediate_size: width }, null, 2);
  const refresh = () =>
    new Promise<void>((resolve) => {
      refreshed = resolve;
    });
  const opened = refresh();
  await client.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId: "json", version: 1, text: text(14336) },
  });
  await opened;
  let title = await lens();
  const milliseconds: number[] = [];
  for (let i = 0; i < count; i++) {
    const before = params(title);
    const started = performance.now();
    await client.sendNotification("textDocument/didChange", {
      textDocument: { uri, version: i + 2 },
      contentChanges: [{ text: text(14336 + 64 * (i + 1)) }],
    });
    do {
      await refresh();
      title = await lens();
    } while (params(title) === before);
    milliseconds.push(performance.now() - started);
    // A person's next keystroke is not at once.
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  client.dispose();
  server.kill();
  return { milliseconds, title };
}

const params = (title: string) => title.split(" ")[0];
