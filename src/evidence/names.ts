/** The names of a scenario's sizes, as comments and inferred inputs use them. */
import type { Scenario, ScenarioDtype } from "../base/scenario.ts";
import type { DType } from "../tensor/dtype.ts";

/** `B` batch, `T` and `S` sequence, `H` and `W` image size. */
export function scenarioNames({ batch, sequence, imageSize }: Scenario): ReadonlyMap<string, number> {
  return new Map([
    ["B", batch],
    ["T", sequence],
    ["S", sequence],
    ["L", sequence],
    ["H", imageSize],
    ["W", imageSize],
  ]);
}

/** The floating type of a scenario; weights of fewer bits than PyTorch computes in keep bf16 arithmetic. */
export function floatType(dtype: ScenarioDtype): DType {
  return dtype === "fp32" ? "float32" : dtype === "fp16" ? "float16" : "bfloat16";
}

/** An input's type in a scenario: a model in bf16 is given bf16, whatever precision its example was written in. */
export function inputType(dtype: DType, scenario: Scenario): DType {
  return dtype === "float32" ? floatType(scenario.dtype) : dtype;
}
