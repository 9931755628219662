import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Below this nothing is done. */
const roomyBytes = 700_000_000;
/** How much may gather over what was alive at the last collection. */
const growth = 1.6;

/**
 * Collects garbage once much has gathered. Left alone, the engine lets the heap of a long run grow to several times what
 * is alive, since it takes the machine's memory for its own.
 */
export function collector(): () => void {
  let collect: (() => void) | undefined;
  let limit = roomyBytes;
  return () => {
    if (getHeapStatistics().used_heap_size < limit) return;
    if (!collect) {
      setFlagsFromString("--expose-gc");
      collect = runInNewContext("gc") as () => void;
    }
    collect();
    limit = Math.max(roomyBytes, growth * getHeapStatistics().used_heap_size);
  };
}
