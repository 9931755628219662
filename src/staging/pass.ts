/** The pass whose memory and time a scenario asks for. */
import type { Scenario } from "../base/scenario.ts";
import { type Built, type Pass, runPass } from "../evidence/run.ts";
import type { Interpreter } from "../python/interpreter.ts";
import type { Value } from "../python/values.ts";
import { type Failure, guarded, isFailure, setMode } from "../torch/session.ts";
import type { Trace } from "../trace/trace.ts";
import { decodePass } from "./decode.ts";
import type { Stage } from "./stage.ts";

/** One forward pass in `mode`, one token behind a filled cache, or one training step without its optimizer. */
export function scenarioPass(
  py: Interpreter,
  built: Built,
  args: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  scenario: Scenario,
  stage: Stage,
  mode: "eval" | "train" = "eval",
): Pass {
  const training = scenario.phase === "train";
  const turned = guarded(py, () => setMode(py, built.model, training || mode === "train"));
  if (isFailure(turned)) return failedPass(turned);
  const { autocast } = stage;
  if (scenario.phase === "decode") {
    const pass = decodePass(py, built, args, keywords, scenario.sequence, stage);
    return isFailure(pass) ? failedPass(pass) : pass;
  }
  return runPass(py, built.model, args, keywords, training, { autocast, step: training });
}

const nothing: Trace = { events: [], calls: [], saved: new Set(), drops: [] };

/** A pass that never began. */
export function failedPass(failure: Failure): Pass {
  return { trace: nothing, forward: nothing, inputs: [], output: undefined, failure, notes: [], kvCaches: [] };
}
