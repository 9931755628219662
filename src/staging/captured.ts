/** The program as a CUDA graph captures it, where it asks whether that happens: transformers then builds masks that it skips in eager mode. */
import type { Scenario } from "../base/scenario.ts";
import { type Built, runPass } from "../evidence/run.ts";
import type { Interpreter } from "../python/interpreter.ts";
import type { Value } from "../python/values.ts";
import { captureOf, setCapture } from "../torch/capture.ts";
import type { Trace } from "../trace/trace.ts";
import type { Stage } from "./stage.ts";

interface Call {
  readonly args: readonly Value[];
  readonly keywords: ReadonlyMap<string, Value>;
}

/** The prefill while a graph is captured; undefined where the program never asked, or does not come to its end so. */
export function capturedTrace(
  py: Interpreter,
  { model }: Built,
  call: Call | undefined,
  { phase }: Pick<Scenario, "phase">,
  { autocast }: Pick<Stage, "autocast">,
): Trace | undefined {
  if (!call || phase !== "prefill" || !captureOf(py).asked) return undefined;
  setCapture(py, true);
  const pass = runPass(py, model, call.args, call.keywords, false, { autocast });
  setCapture(py, false);
  return pass.failure ? undefined : pass.trace;
}
