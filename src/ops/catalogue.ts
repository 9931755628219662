/** All operations by name: what the record files of this folder export, families taken apart. */
import records from "every:ops";
import type { Op } from "./op.ts";

export const ops: ReadonlyMap<string, Op> = byName();

function byName(): Map<string, Op> {
  const found = new Map<string, Op>();
  for (const { file, record } of records) {
    for (const op of [record].flat() as readonly Op[]) {
      if (found.has(op.name)) throw new Error(`${op.name} is defined twice; the second time in ${file}`);
      found.set(op.name, op);
    }
  }
  return found;
}
