/** Files of bytes read in parts, on Node. */
import { closeSync, openSync, readSync, statSync } from "node:fs";
import type { BinaryFile } from "../base/binary.ts";

/** A file as it is now; undefined where there is none. Each part opens it anew, so that nothing is held. */
export function binaryFile(path: string): BinaryFile | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) return undefined;
  return {
    size: found.size,
    version: `${found.size} ${found.mtimeMs}`,
    read(start, length) {
      let file: number | undefined;
      try {
        file = openSync(path, "r");
        const bytes = Buffer.alloc(Math.max(0, Math.min(length, found.size - start)));
        return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, start));
      } catch {
        return new Uint8Array();
      } finally {
        if (file !== undefined) closeSync(file);
      }
    },
  };
}
