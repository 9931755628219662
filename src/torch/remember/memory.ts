/** Which calls of modules are worth remembering, and those that are remembered, for one run. */
import type { Interpreter } from "../../python/interpreter.ts";
import { type PyDict, PyInstance, type PyTuple, run, type Value } from "../../python/values.ts";
import { tracerOf } from "../tensorObject.ts";
import { beginRecording, endRecording, type Recording, type Remembered, recall } from "./calls.ts";
import { noted } from "./followed.ts";
import { type Kind, kindsOf } from "./kinds.ts";

interface Memory {
  /** The run that it is of. */
  readonly run: number;
  readonly kinds: Map<PyInstance, Kind>;
  /** How often layers without their like were called in this run. */
  readonly called: Map<PyInstance, number>;
  readonly known: Map<Kind | PyInstance, Known>;
  /** Whether a call is being recorded. */
  recording: boolean;
}

/** What is known of the calls of one kind of layer. */
export interface Known {
  readonly name: string;
  readonly calls: Remembered[];
  recorded: number;
  failed: number;
  matched: number;
  /** Calls that no record was like. */
  missed: number;
  /** Why the last one could not be remembered. */
  reason: string;
}

/** As many layers alike, or calls of one layer, are worth a record: fewer take less time than it does. */
const fewest = 4;
/** More records than this of one kind are not kept: the newest are likelier to fit. */
const mostRecords = 4;
/** No more calls of a kind are recorded after so many more than twins that could not be remembered, or that nothing was like. */
const mostFailures = 2;
const mostUnmatched = 2;
/** A kind is looked at no more after so many calls without a twin. */
const mostMissed = 3;
/** Calls of fewer events take no longer than their records. */
const fewestEvents = 3;

/** A model is called: its layers tell which calls may have twins. */
export function beginRemembering(py: Interpreter, model: Value): void {
  if (py.budget.limits.forgetful || !(model instanceof PyInstance)) return;
  const { kinds } = memoryOf(py);
  for (const [layer, kind] of kindsOf(model)) kinds.set(layer, kind);
}

function memoryOf(py: Interpreter): Memory {
  const before = py.extensions.get("remembered calls") as Memory | undefined;
  if (before?.run === run.number) return before;
  const memory: Memory = { run: run.number, kinds: new Map(), called: new Map(), known: new Map(), recording: false };
  py.extensions.set("remembered calls", memory);
  tracerOf(py).madeStorages = undefined;
  return memory;
}

/** A call's twin done again, or the recording that was begun; nothing where the call is too small or has no twin. */
export function remembered(
  py: Interpreter,
  module: Value,
  args: PyTuple,
  kwargs: PyDict,
): { readonly again: { readonly result: Value } } | { readonly recording: Recording } | undefined {
  const tracer = tracerOf(py);
  if (tracer.module === 0 || tracer.pass !== "forward" || !(module instanceof PyInstance)) return undefined;
  if (py.budget.limits.forgetful || module.born >= run.number) return undefined;
  const memory = memoryOf(py);
  const known = knownOf(memory, module);
  if (!known || (known.matched === 0 && known.missed >= mostMissed)) return undefined;
  for (const one of known.calls) {
    const result = recall(py, one, [module, args, kwargs]);
    if (!result) continue;
    known.matched++;
    return { again: result };
  }
  if (known.calls.length > 0) known.missed++;
  // What is inside a call or a round that is being recorded comes again with it.
  if (memory.recording || noted.arguments || isHopeless(known)) return undefined;
  memory.recording = true;
  return { recording: beginRecording(py, module, args, kwargs) };
}

/** What is known of the layer's kind: of those like it, or of itself where it is called again. */
function knownOf(memory: Memory, module: PyInstance): Known | undefined {
  const kind = memory.kinds.get(module);
  if (!kind) return undefined;
  const key = kind.count >= fewest ? kind : module;
  if (key === module) {
    const calls = memory.called.get(module) ?? 0;
    memory.called.set(module, calls + 1);
    if (calls < fewest - 1) return undefined;
  }
  const before = memory.known.get(key);
  if (before) return before;
  const fresh: Known = { name: module.cls.name, calls: [], recorded: 0, failed: 0, matched: 0, missed: 0, reason: "" };
  memory.known.set(key, fresh);
  return fresh;
}

function isHopeless({ recorded, failed, matched }: Known): boolean {
  return failed >= mostFailures + matched || recorded >= mostUnmatched + matched;
}

/** Ends a recording that `remembered` began. `ended`: the call came to its end. */
export function remember(
  py: Interpreter,
  module: PyInstance,
  recording: Recording,
  result: Value,
  ended: boolean,
): void {
  const memory = memoryOf(py);
  const { kinds, known: all } = memory;
  memory.recording = false;
  const known = all.get(kinds.get(module) as Kind) ?? all.get(module);
  const made = endRecording(py, recording, result, ended);
  if (!known) return;
  if (typeof made === "string") {
    known.failed++;
    known.reason = made;
    return;
  }
  if (made.piece.events.length < fewestEvents) {
    known.missed = mostMissed;
    return;
  }
  known.recorded++;
  known.calls.unshift(made);
  known.calls.length = Math.min(known.calls.length, mostRecords);
}
