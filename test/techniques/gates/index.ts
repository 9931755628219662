/** Published figures by technique, for the pages that show them. */

import { specKvGates, specPcGates } from "./caches.ts";
import { consolidationGates } from "./consolidation.ts";
import type { Gate } from "./gate.ts";
import { mtmGates, simpleHackGates } from "./inputs.ts";
import { landmarkGates } from "./landmarks.ts";
import { leanGates } from "./lean.ts";
import { memoGates } from "./memo.ts";
import { quantizableGates } from "./quantizable.ts";
import { sparseGates } from "./sparse.ts";
import { ssaGates } from "./ssa.ts";
import { nextlatGates } from "./training.ts";

export const gates: Readonly<Record<string, () => readonly Gate[]>> = {
  "clinical-longformer": sparseGates,
  "spec-kv": specKvGates,
  "spec-pc": specPcGates,
  "bottlenecked-transformer": consolidationGates,
  "simple-hack": simpleHackGates,
  mtm: mtmGates,
  memo: memoGates,
  "landmark-attention": landmarkGates,
  "lean-attention": leanGates,
  nextlat: nextlatGates,
  "ssa-information-pathways": ssaGates,
  "quantizable-transformers": quantizableGates,
};
