/** What backward passes allocate and free, in order, against CUDA's caching allocator on an H200. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Tracer } from "../../src/trace/tracer.ts";
import { step } from "../support/step.ts";

interface Row {
  readonly model: string;
  readonly args: readonly string[];
  readonly events: readonly number[];
}

const [head, ...lines] = readFileSync("test/oracle/backwardMemory.jsonl", "utf8").trim().split("\n");
const { setup } = JSON.parse(head as string) as { setup: string };

describe("backward passes take and give back memory as PyTorch's do", () => {
  for (const line of lines) {
    const row = JSON.parse(line) as Row;
    it(row.model, () => {
      const { tracer } = step([], setup, row.model, row.args);
      const own = changes(tracer);
      if (!takesWorkspace(tracer)) assert.deepEqual(settled(own), settled(row.events));
      assert.deepEqual(missing(lows(own), lows(row.events)), []);
      assert.equal(total(own), total(row.events));
    });
  }
});

/** Whether a kernel runs that keeps memory of its own to its end, while others of its allocations come and go. */
function takesWorkspace({ events }: Tracer): boolean {
  return events.some(
    (event) => event.kind === "operation" && /efficient_attention_backward|embedding_dense/.test(event.name),
  );
}

/** The allocator's blocks are multiples of 512 bytes. */
function rounded(delta: number): number {
  return Math.sign(delta) * Math.ceil(Math.abs(delta) / 512) * 512;
}

function total(deltas: readonly number[]): number {
  return deltas.reduce((sum, delta) => sum + rounded(delta), 0);
}

/** What is alive whenever something was given back and the next thing is taken: how it stands between nodes. */
function lows(deltas: readonly number[]): number[] {
  let sum = 0;
  return deltas.flatMap((delta, i) => {
    sum += rounded(delta);
    return delta < -1024 && (deltas[i + 1] ?? 1) > 0 ? [sum] : [];
  });
}

/** The values that do not come in this order among others. */
function missing(values: readonly number[], among: readonly number[]): number[] {
  let at = 0;
  return values.filter((value) => {
    const found = among.indexOf(value, at);
    if (found >= 0) at = found + 1;
    return found < 0;
  });
}

/** Bytes taken (positive) and given back of the events that belong to the backward pass; workspaces are left out. */
function changes({ events }: Tracer): number[] {
  const start = events.findIndex((event) => event.kind === "operation" && event.pass !== "forward");
  return events.slice(start).flatMap((event) => {
    if (event.kind === "release") return event.storage.device === "cpu" ? [] : [-Number(event.storage.bytes)];
    if (event.kind !== "operation") return [];
    const extra =
      event.pass === "recompute" ? event.saved.filter(({ base, role }) => !base && role === "activation") : [];
    return [...event.made, ...extra].flatMap(({ bytes, device }) => (device === "cpu" ? [] : [Number(bytes)]));
  });
}

/**
 * Changes of note, 1 KiB or more, without what was given back at once (workspaces, copies for one kernel); those that follow
 * each other in the same direction in the order of their size.
 */
function settled(deltas: readonly number[]): readonly number[] {
  const kept: number[] = [];
  for (const delta of deltas) {
    if (Math.abs(delta) < 1024) continue;
    if (kept.at(-1) === -delta && delta < 0) kept.pop();
    else kept.push(delta);
  }
  const runs: number[][] = [];
  for (const delta of kept) {
    const run = runs.at(-1);
    if (run && Math.sign(run[0] as number) === Math.sign(delta)) run.push(delta);
    else runs.push([delta]);
  }
  return runs.flatMap((run) => run.sort((a, b) => a - b));
}
