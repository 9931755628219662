/** The language server in a browser's worker, and the worker beside it that analyses: the same file, started twice. */
import { BrowserMessageReader, BrowserMessageWriter, createConnection } from "vscode-languageserver/browser";
import { usualEnvironment } from "../usualEnvironment.ts";
import type { Threads } from "./analyses.ts";
import { serve } from "./session.ts";
import { type Answer, type Order, type Setup, startThread } from "./thread.ts";

/** The first message to either worker. The page's own files cannot be read from here, so that the client hands them in. */
export type WebStart = { role: "server"; wasm: Setup["wasm"]; script: string } | { role: "analysis"; setup: Setup };

/** A worker's own side of its channel. */
const scope = globalThis as unknown as MessagePort;

addEventListener(
  "message",
  ({ data }: MessageEvent<WebStart>) => {
    if (data.role === "server") serveHere(data);
    else {
      const obey = startThread(data.setup, undefined, (answer) => scope.postMessage(answer));
      addEventListener("message", (event: MessageEvent<Order>) => obey(event.data));
    }
  },
  { once: true },
);

function serveHere({ wasm, script }: WebStart & { role: "server" }): void {
  const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  const cancelled = typeof SharedArrayBuffer === "function" ? new Int32Array(new SharedArrayBuffer(4)) : undefined;
  const threads: Threads = {
    cancelled,
    start(answer, ended) {
      const worker = new Worker(address);
      worker.onmessage = ({ data }: MessageEvent<Answer>) => answer(data);
      worker.onerror = (event) => ended(event.message);
      worker.postMessage({ role: "analysis", setup: { wasm, ...(cancelled && { cancelled }) } } satisfies WebStart);
      return { post: (order) => worker.postMessage(order), end: () => worker.terminate() };
    },
  };
  const connection = createConnection(new BrowserMessageReader(scope), new BrowserMessageWriter(scope));
  // A browser has no folders of installed libraries: what the workspace holds is all there is.
  serve(connection, {
    threads,
    findEnvironment: ({ roots, libraryPaths }) => ({
      found: libraryPaths.length > 0,
      environment: { ...usualEnvironment, roots: libraryPaths },
      folders: roots.flatMap((root) => [root, `${root}/src`]),
    }),
  });
}
