/** Nodes that Python files of `torch` put into the graph: functions with a backward of their own, and regions that run again. */
import type { Op } from "../../ops/op.ts";
import { call } from "../../python/calls.ts";
import { PyError } from "../../python/errors.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import { native } from "../../python/native.ts";
import { unrepeatable } from "../../python/remember/reads.ts";
import { PyObject, PyTuple, type Value } from "../../python/values.ts";
import { isComplex, isFloating } from "../../tensor/dtype.ts";
import type { Again, GradCall, GradNode, Grads, Storage, Tensor } from "../../tensor/tensor.ts";
import { latest } from "../../trace/graph.ts";
import { tellSaved } from "../../trace/recording.ts";
import { userPlace } from "../apply.ts";
import { isSequence } from "../arguments.ts";
import { forgetCasts } from "../autocast.ts";
import { release } from "../liveness.ts";
import { replaceValue, TensorObject, tracerOf, wrap } from "../tensorObject.ts";

export function attaching(): Record<string, Value> {
  return {
    attach: native("attach(outputs, inputs, saved, name, gradients)", attachFunction, { lenient: true }),
    attach_region: native("attach_region(outputs, inputs, held, run, reentrant, start)", attachRegion, {
      lenient: true,
    }),
    events_so_far: native("events_so_far()", (py) => tracerOf(py).events.length),
  };
}

/**
 * Puts outputs behind one node of the graph that keeps the tensors saved, and whose gradients a function of the model's own
 * gives, one for each input. Does nothing where gradients are off or no input needs one.
 */
function attachFunction(
  py: Interpreter,
  outputs: Value,
  inputs: Value,
  saved: Value,
  name: Value,
  gradients: Value,
): null {
  const args = isSequence(inputs) ? inputs.items.map((one) => (one instanceof TensorObject ? one.value : null)) : [];
  if (!args.some((one) => one && needs(one))) return null;
  const { frame } = py;
  const own: GradCall["own"] = (grads, use, tracer) => {
    const before = tracerOf(py);
    py.extensions.set("tracer", tracer);
    try {
      return ownGradients(py, gradients, grads, use, py.frame ?? frame);
    } finally {
      py.extensions.set("tracer", before);
    }
  };
  put(py, outputs, { name: String(name), args, saved: tensorsIn(saved), held: [], own });
  return null;
}

/** Puts outputs behind a node that keeps what a region was given, and runs it again when its gradient comes. */
function attachRegion(
  py: Interpreter,
  outputs: Value,
  inputs: Value,
  held: Value,
  run: Value,
  reentrant: Value,
  start: Value,
): null {
  const given = tensorsIn(inputs);
  const around = tensorsIn(held);
  // Gradients go to what it only holds as well: the operations that run again lead there.
  const args = [...given, ...around].map(({ value }) => value);
  if (reentrant === true && !args.some(needs)) return null;
  const { autocast } = tracerOf(py);
  const again: Again = {
    stopsEarly: reentrant !== true,
    run: (use) =>
      apart(py, () => {
        const tracer = tracerOf(py);
        tracer.autocast = autocast;
        try {
          use(tensorsIn(call(py, run, [])).map(({ value }) => value));
        } finally {
          tracer.autocast = null;
          forgetCasts(py);
        }
      }),
  };
  put(py, outputs, { name: "CheckpointBackward", args, saved: given, held: around, again, from: Number(start) });
  return null;
}

interface Wanted {
  readonly name: string;
  readonly args: readonly (Tensor | null)[];
  readonly saved: readonly TensorObject[];
  /** Held as well, but nothing that autograd keeps. */
  readonly held: readonly TensorObject[];
  readonly own?: GradCall["own"];
  readonly again?: Again;
  /** How many events came before a region. */
  readonly from?: number;
}

function put(py: Interpreter, outputs: Value, { name, args, saved, held, own, again, from }: Wanted): void {
  const tracer = tracerOf(py);
  if (!tracer.gradEnabled) return;
  unrepeatable("a node of the graph that runs Python code");
  const kept = new Set<Storage>(saved.map(({ value }) => value.storage));
  const keeps = [...kept].filter(({ role }) => role === "activation" || role === "input");
  for (const storage of keeps) tracer.saved.add(storage);
  tellSaved(tracer, keeps);
  for (const { value } of held) kept.add(value.storage);
  for (const storage of kept) storage.holders++;
  const added: GradNode[] = [];
  const resolved = args.map((one) => one && latest(one, added));
  const results = tensorsIn(outputs);
  const op: Op = { name, result: () => [] };
  const node: GradNode = {
    name,
    index: Math.max(0, tracer.events.length - 1),
    inputs: resolved.flatMap((one) => one?.node ?? []),
    saved: [...kept],
    holders: 0,
    call: {
      op,
      args: resolved,
      out: results.map(({ value }) => value),
      needs: resolved.map((one) => one !== null && (one.requiresGrad || one.node !== undefined)),
      kept: saved.map(({ value }) => value),
      inPlace: false,
      slices: tracer.slices,
      module: tracer.module,
      at: userPlace(py),
      own,
      again,
    },
  };
  for (const one of [...added, node]) for (const input of one.inputs) input.holders++;
  results.forEach((out, output) => {
    const { dtype } = out.value;
    if (!isFloating(dtype) && !isComplex(dtype)) return;
    replaceValue(py, out, { ...out.value, requiresGrad: true, node, output });
  });
  const after = tracer.events.length;
  const behind = results.map(({ value }) => value);
  tracer.attached.push({ from: from ?? after, after, node, results: behind, held: [...kept], pass: tracer.pass });
}

function needs(tensor: Tensor): boolean {
  return tensor.requiresGrad || tensor.storage.writer !== undefined;
}

/** Calls the function with the gradients; false where it raises or gives what nobody knows. */
function ownGradients(
  py: Interpreter,
  gradients: Value,
  grads: Grads,
  use: (gradients: Grads) => void,
  frame: Interpreter["frame"],
): boolean {
  let followed = false;
  const within = () => {
    const given = grads.map((one) => (one ? wrap(py, { ...one, requiresGrad: false, node: undefined }) : null));
    const found = call(py, gradients, [new PyTuple(given)]);
    if (!isSequence(found)) return;
    followed = true;
    use(found.items.map((one) => (one instanceof TensorObject ? one.value : undefined)));
  };
  apart(py, within, frame);
  return followed;
}

/** Runs Python code as a call of its own in a frame, which lets go of all that it made when it ends. What it raises ends it. */
export function apart(py: Interpreter, run: () => void, around = py.frame): void {
  const { frame } = py;
  if (!around) return run();
  const own = { ...around, slots: [], cells: [], temporaries: [], owned: undefined, result: null, back: around };
  py.frame = own;
  try {
    run();
  } catch (error) {
    if (!(error instanceof PyError)) throw error;
  } finally {
    py.frame = frame;
    for (const object of (own.owned ?? []) as TensorObject[]) release(py, object);
  }
}

export function tensorsIn(value: Value): TensorObject[] {
  if (value instanceof TensorObject) return [value];
  if (isSequence(value)) return value.items.flatMap(tensorsIn);
  const { entries } =
    value instanceof PyObject ? (value as PyObject & { entries?: ReadonlyMap<unknown, unknown> }) : {};
  if (!entries) return [];
  return [...entries.values()].flatMap((entry) => (Array.isArray(entry) ? tensorsIn(entry[1] as Value) : []));
}
