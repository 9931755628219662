/** Which pipeline stage has each parameter and operation. */
import type { Storage } from "../../tensor/tensor.ts";
import type { Operation, Trace } from "../../trace/trace.ts";
import type { Degrees } from "./degrees.ts";
import type { Layout } from "./layout.ts";
import { stagesOf } from "./pipeline.ts";

export interface Staging {
  readonly stageOf: (operation: Pick<Operation, "module" | "index" | "pass">) => number;
  /** Stages that hold a parameter: two for a table that the first embeds with and the last projects with. */
  readonly stagesWith: (storage: Storage, block: number | undefined) => readonly number[];
  readonly stageOfBlock: (block: number) => number;
  /** Blocks on each stage. */
  readonly blocks: readonly number[];
}

/** What comes before the first block lies with the first stage, what comes behind the last one with the last. */
export function stagingOf({ events, calls }: Trace, layout: Layout, degrees: Degrees): Staging {
  const { stages } = degrees;
  const byBlock = stagesOf(layout.blocks.length, degrees);
  const blockAt = (module: number): number | undefined => {
    for (let id = module; id > 0; id = calls[id]?.parent ?? 0) {
      const block = layout.blockOf.get(calls[id]?.module as object);
      if (block !== undefined) return block;
    }
    return undefined;
  };
  const blocks = new Map<number, number | undefined>();
  const known = (module: number) => {
    if (!blocks.has(module)) blocks.set(module, blockAt(module));
    return blocks.get(module);
  };
  let first = Number.POSITIVE_INFINITY;
  for (const event of events) {
    if (event.kind === "operation" && event.pass === "forward" && known(event.module) !== undefined) {
      first = event.index;
      break;
    }
  }
  // Backward operations carry the module call of the forward one: what ran only before the blocks is known by its call.
  const early = new Set<number>();
  for (const event of events) {
    if (event.kind !== "operation" || event.pass !== "forward") continue;
    if (event.index < first) early.add(event.module);
    else early.delete(event.module);
  }
  const stageOf: Staging["stageOf"] = ({ module, index, pass }) => {
    const block = known(module);
    if (block !== undefined) return byBlock[block] ?? 0;
    const isEarly = pass === "forward" ? index < first : early.has(module);
    return isEarly ? 0 : stages - 1;
  };
  const uses = new Map<Storage, Set<number>>();
  for (const event of events) {
    if (event.kind !== "operation" || event.pass !== "forward") continue;
    for (const { storage } of event.inputs) {
      if (storage.role !== "parameter") continue;
      const stage = stageOf(event);
      const before = uses.get(storage);
      if (before) before.add(stage);
      else uses.set(storage, new Set([stage]));
    }
  }
  return {
    stageOf,
    stagesWith: (storage, block) => (block === undefined ? [...(uses.get(storage) ?? [0])] : [byBlock[block] ?? 0]),
    stageOfBlock: (block) => byBlock[block] ?? 0,
    blocks: Array.from({ length: stages }, (_, stage) => byBlock.filter((one) => one === stage).length),
  };
}
