/** A scenario's part in the interpretation: the type, the attention and the blocks that it asks for. */
import type { AskedScenario, Scenario } from "../base/scenario.ts";
import { floatType } from "../evidence/names.ts";
import { type Built, buildModel } from "../evidence/run.ts";
import { call } from "../python/calls.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { PyList, type Value } from "../python/values.ts";
import type { DType } from "../tensor/dtype.ts";
import { setCapture } from "../torch/capture.ts";
import { chooseKernel } from "../torch/kernels.ts";
import { type Failure, guarded, isFailure, scenarioFunction } from "../torch/session.ts";
import { blocksOf } from "./blocks.ts";

/** What of a scenario changes how the model is built and run. */
export interface Stage {
  /** The type that weights are cast to; undefined: as the code makes them. */
  readonly cast: DType | undefined;
  readonly autocast: DType | undefined;
  /** What configs of transformers' kind name: `eager`, or `sdpa` for all that `scaled_dot_product_attention` runs. */
  readonly implementation: "eager" | "sdpa" | undefined;
  readonly attention: Scenario["attention"];
  readonly checkpointing: boolean;
  /** CUDA compute capability; undefined: not known. */
  readonly capability: number | undefined;
}

/** `named`: whether somebody says the type; where nobody does, the code's own is kept. */
export function stageOf(scenario: Scenario, named: boolean, capability: number | undefined): Stage {
  const { attention, autocast, checkpointing, dtype } = scenario;
  return {
    cast: named ? floatType(dtype) : undefined,
    autocast: autocast && floatType(autocast),
    implementation: attention && (attention === "eager" ? "eager" : "sdpa"),
    attention,
    checkpointing: checkpointing === true,
    capability,
  };
}

/** The config of transformers' kind with the attention that a scenario asks for, so that it is built with it; SDPA is its default. */
export function stagedConfig(config: unknown, { attention }: Pick<AskedScenario, "attention">): unknown {
  if (attention !== "eager" || typeof config !== "object" || config === null) return config;
  return { ...config, attn_implementation: "eager" };
}

/** Builds a model as a scenario asks for it. */
export function buildStaged(py: Interpreter, make: () => Value, mode: "eval" | "train", stage: Stage): Built | Failure {
  const start = py.notes.length;
  chooseKernel(py, { kernel: undefined, capability: stage.capability });
  setCapture(py, undefined);
  const built = buildModel(py, make, mode, stage.cast);
  if (isFailure(built)) return built;
  const ready = guarded(py, () => {
    attend(py, built, stage);
    if (stage.checkpointing) checkpoint(py, built);
    return null;
  });
  return isFailure(ready) ? ready : { ...built, notes: py.notes.slice(start) };
}

/** Names the implementation in the model's configs; code that reads none has the kernels chosen for it. */
function attend(py: Interpreter, { model }: Built, { attention, implementation, capability }: Stage): void {
  if (!attention || !implementation) return;
  const switched = call(py, scenarioFunction(py, "set_attention"), [model, implementation]) === true;
  const kernel = attention === "sdpa" ? undefined : attention === "eager" ? (switched ? undefined : "math") : attention;
  chooseKernel(py, { kernel, capability });
}

function checkpoint(py: Interpreter, { model, tree }: Built): void {
  const blocks = new PyList(blocksOf(tree));
  if (call(py, scenarioFunction(py, "checkpoint_blocks"), [model, blocks]) !== true)
    py.note("assumption", "no repeated blocks were found: nothing is checkpointed");
}
