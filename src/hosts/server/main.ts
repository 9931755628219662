/** The language server as a Node process. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { Worker } from "node:worker_threads";
import { createConnection, ProposedFeatures } from "vscode-languageserver/node";
import { deepLimits } from "../../base/budget.ts";
import type { Threads } from "./analyses.ts";
import { findEnvironment } from "./environment.ts";
import { serve } from "./session.ts";
import type { Answer, Setup } from "./thread.ts";

const here = __dirname;
const cancelled = new Int32Array(new SharedArrayBuffer(4));
const setup: Setup = {
  wasm: {
    runtime: readFileSync(path.join(here, "web-tree-sitter.wasm")),
    python: readFileSync(path.join(here, "tree-sitter-python.wasm")),
    typescript: readFileSync(path.join(here, "tree-sitter-typescript.wasm")),
    tsx: readFileSync(path.join(here, "tree-sitter-tsx.wasm")),
  },
  cancelled,
  limits: deepLimits,
};

const threads: Threads = {
  cancelled,
  start(answer, ended) {
    // Interpreted calls nest deeper than Node's usual stack allows.
    const worker = new Worker(path.join(here, "worker.js"), { workerData: setup, resourceLimits: { stackSizeMb: 16 } });
    worker.on("message", (message: Answer) => answer(message));
    worker.on("error", (error) => ended(error.stack ?? error.message));
    return { post: (order) => worker.postMessage(order), end: () => void worker.terminate() };
  },
};

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

serve(createConnection(ProposedFeatures.all), { threads, findEnvironment, readText });
