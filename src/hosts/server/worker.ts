/** The analysing worker on Node. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { binaryFile } from "../binaryFile.ts";
import type { Files } from "./sources.ts";
import { type Order, type Setup, startThread } from "./thread.ts";

const disk: Files = {
  read(path) {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return undefined;
    }
  },
  folder(path) {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  },
  filesIn(folder) {
    try {
      return readdirSync(folder)
        .sort()
        .map((name) => `${folder}/${name}`);
    } catch {
      return [];
    }
  },
  binary: binaryFile,
};

const obey = startThread(workerData as Setup, disk, (answer) => parentPort?.postMessage(answer));
parentPort?.on("message", (order: Order) => obey(order));
