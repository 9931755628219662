/** A model run once on inputs of a scenario's sizes: its trace, in inference or in training. */
import type { Scenario } from "../base/scenario.ts";
import { Unknown } from "../base/unknown.ts";
import { type Size, scenarioSize } from "../tensor/size.ts";
import type { Storage, Tensor } from "../tensor/tensor.ts";
import { runBackward } from "../trace/autograd.ts";
import type { Trace } from "../trace/trace.ts";
import { call } from "./language/calls.ts";
import { get } from "./language/members.ts";
import { isNullish, JsArray, JsObject, type Value } from "./language/values.ts";
import { guarded, isStop, type Program, type Stop } from "./program.ts";
import { apply, dispose, dtypeOf, JsTensor, leaf, tensorsIn } from "./tensors/tensorValue.ts";

export interface Run {
  readonly trace: Trace;
  /** The forward pass alone. */
  readonly forward: Trace;
  readonly inputs: readonly Tensor[];
  /** The shapes of what it gave, one for each output. */
  readonly outputs: readonly (readonly Size[])[];
  readonly failure: Stop | undefined;
}

export interface Mode {
  /** Autograd follows and layers know that they are trained. */
  readonly training: boolean;
  /** The mean of the output as a loss, and its backward pass, come behind. */
  readonly step?: boolean | undefined;
}

/** Runs a model. The sizes that it leaves open are the scenario's, or those of `given`. */
export function runModel(
  program: Program,
  model: JsObject,
  scenario: Pick<Scenario, "batch" | "sequence" | "imageSize">,
  { training, step }: Mode,
  given?: readonly (readonly Size[])[],
): Run {
  const { machine } = program;
  const { tracer } = machine;
  tracer.begin();
  tracer.gradEnabled = training;
  const inputs = symbolicInputs(program, model).map(({ shape, dtype }, i) =>
    leaf(machine, given?.[i] ?? openSizes(shape, scenario), dtypeOf(dtype), "input"),
  );
  const [first] = inputs;
  const argument: Value = inputs.length === 1 ? first : machine.array(inputs);
  let forwardEvents = 0;
  const out = guarded(program, () => {
    const id = tracer.enter(
      model,
      inputs.map(({ value }) => value),
      undefined,
    );
    const kwargs = machine.object(training ? [["training", true]] : []);
    const value = call(machine, get(machine, model, "call"), model, [argument, kwargs]);
    tracer.exit(
      id,
      tensorsIn(value).map((one) => one.value),
    );
    forwardEvents = tracer.events.length;
    if (step) backward(program, value);
    return value;
  });
  tracer.gradEnabled = false;
  const saved = [...tracer.saved];
  const held = new Set<Storage>(
    tracer.events
      .flatMap((event) => (event.kind === "operation" ? event.made : []))
      .filter(({ tensors }) => tensors > 0),
  );
  const trace: Trace = {
    events: [...tracer.events],
    calls: [...tracer.calls],
    saved: new Set(saved),
    drops: [...tracer.drops],
    held,
  };
  const forward = step ? { ...trace, events: trace.events.slice(0, forwardEvents) } : trace;
  const outputs = isStop(out) ? [] : tensorsIn(out).map(({ value }) => value.shape);
  const failure = isStop(out)
    ? out
    : outputs.length === 0
      ? { reason: out instanceof Unknown ? out.reason : "the model gives no tensor", error: undefined }
      : undefined;
  return { trace, forward, inputs: inputs.map(({ value }) => value), outputs, failure };
}

/** The mean of the first output, and the gradients of the weights. */
function backward(program: Program, value: Value): void {
  const { machine } = program;
  const [first] = tensorsIn(value);
  if (!first) return;
  const { pass } = machine.tracer;
  machine.tracer.pass = "loss";
  const mean = apply(machine, "aten.mean", [first.value]);
  machine.tracer.pass = pass;
  if (!(mean instanceof JsTensor)) return;
  runBackward(machine.tracer, mean.value);
  dispose(machine, mean);
}

/** The model's inputs as the program declared them. */
export function symbolicInputs({ machine }: Program, model: JsObject): { shape: readonly Value[]; dtype: Value }[] {
  const inputs = get(machine, model, "inputs");
  if (!(inputs instanceof JsArray)) return [];
  return inputs.items.flatMap((one) => {
    if (!(one instanceof JsObject)) return [];
    const shape = one.props.get("shape");
    return shape instanceof JsArray ? [{ shape: shape.items, dtype: get(machine, one, "dtype") }] : [];
  });
}

/** Sizes for the axes that a shape leaves open: the batch first; of an image its height and width, of a sequence its length. */
export function openSizes(
  shape: readonly Value[],
  { batch, sequence, imageSize }: Pick<Scenario, "batch" | "sequence" | "imageSize">,
): Size[] {
  return shape.map((size, i) => {
    if (!isNullish(size)) return size as Size;
    if (i === 0) return scenarioSize("B", batch);
    if (shape.length < 4) return scenarioSize("T", sequence);
    return scenarioSize(i === shape.length - 3 ? "H" : "W", imageSize);
  });
}
