/**
 * A model's totals alone: one pass, and none of what takes most of a report's time, which is time itself, a training pass
 * beside it, and advice. This is what an editor waits for after a keystroke, and what a table of other values is made of.
 */
import { known, Unknown } from "../base/unknown.ts";
import { activeParams } from "../cost/activeParams.ts";
import { deviceOf } from "../cost/deviceList.ts";
import { weigh } from "../cost/figures.ts";
import { verdict } from "../cost/fit/verdict.ts";
import { weighedOf } from "../cost/fit/weighed.ts";
import type { LayerReport, ModelReport } from "../cost/report.ts";
import type { Recipe } from "../evidence/models.ts";
import { failureReason } from "../evidence/run.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { failedPass, scenarioPass } from "../staging/pass.ts";
import { buildStaged, stageOf } from "../staging/stage.ts";
import type { BuiltLayer } from "../torch/modelTree.ts";
import { guarded, isFailure } from "../torch/session.ts";
import { memoryCosts, sureOf } from "./costs.ts";
import { type ModelRequest, usesSymbol } from "./model.ts";
import { quantizationReport, storeWeights } from "./stored.ts";
import { unknownsOf } from "./unknowns.ts";

/** What a report has of a model's totals, for the pass that the scenario asks for. */
export interface ModelTotals
  extends Pick<
    ModelReport,
    | "name"
    | "scenario"
    | "device"
    | "uses"
    | "memory"
    | "ranks"
    | "fit"
    | "complete"
    | "unknowns"
    | "activeParams"
    | "quantization"
  > {
  readonly root: Pick<LayerReport, "params" | "flops" | "weightBytes">;
  /** Of the layers that attend: those whose path ends in an attention's name. */
  readonly attentionParams: LayerReport["params"];
}

/** Unknown where the model cannot be built. */
export function totalsOfRecipe(py: Interpreter, recipe: Recipe, request: ModelRequest): ModelTotals | Unknown {
  const { scenario } = request;
  const device = deviceOf(scenario.device, request.project);
  const stage = stageOf(scenario, true, device?.capability);
  const built = buildStaged(py, recipe.build, "eval", stage);
  if (isFailure(built)) return failureReason(built);
  const stored = storeWeights(built.tree, scenario, request.quantized);
  const calls = guarded(py, () => recipe.calls(built.model, built.tree));
  const failure = isFailure(calls) ? calls : { reason: "what forward takes is not known", error: undefined };
  const call = isFailure(calls) ? undefined : calls[0];
  const keywords = new Map([...(call?.keywords ?? []), ...(scenario.phase === "train" ? (call?.targets ?? []) : [])]);
  const pass = call ? scenarioPass(py, built, call.args, keywords, scenario, stage) : failedPass(failure);
  const stop = pass.failure && failureReason(pass.failure);
  const figures = weigh(built.tree, pass.forward, new Unknown("no forward pass could be run"));
  const params = figures.layers.get("")?.params ?? new Unknown("nothing was built");
  const costs = { pass, scenario, device, time: undefined, ...memoryCosts(built, pass, scenario, device) };
  const certain = built.notes.length + recipe.guesses.length === 0;
  const whole = {
    name: recipe.className,
    scenario,
    device,
    uses: { sequence: usesSymbol(pass, "T"), image: usesSymbol(pass, "H") || usesSymbol(pass, "W") },
    memory: costs.memory,
    ranks: costs.ranks,
    time: undefined,
    complete: {
      params: certain && known(params) !== undefined,
      flops: certain && !stop && pass.notes.length === 0 && known(figures.flops) !== undefined,
      savedBytes: false,
      memory: certain && !stored && sureOf(costs).memory,
      time: false,
      ...(stored && { weights: certain && stored.faults.length === 0, cache: certain && sureOf(costs).memory }),
    },
    quantization: quantizationReport(stored),
  };
  const isUnknown = ({ kind }: { readonly kind: string }) => kind !== "assumption";
  return {
    ...whole,
    fit: device && verdict(weighedOf(whole), device),
    root: {
      params,
      flops: stop ?? figures.flops,
      weightBytes: figures.layers.get("")?.weightBytes ?? new Unknown("nothing was built"),
    },
    activeParams: activeParams(built.tree, params, pass.forward),
    attentionParams: attentionParams(built.tree, (path) => figures.layers.get(path)?.params ?? 0),
    unknowns: unknownsOf(built.notes.filter(isUnknown), pass.notes.filter(isUnknown), [stop, params, figures.flops]),
  };
}

/** Parameters of the layers whose name says that they attend. */
function attentionParams(
  { path, children }: BuiltLayer,
  paramsOf: (path: string) => LayerReport["params"],
): LayerReport["params"] {
  if (/(attn|attention)$/i.test(path)) return paramsOf(path);
  let total = 0;
  for (const child of children) {
    const one = attentionParams(child, paramsOf);
    if (one instanceof Unknown) return one;
    total += one;
  }
  return total;
}
