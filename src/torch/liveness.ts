/**
 * When tensors die. JavaScript has no destructors, so before each operation and each call of a module the tensors that the
 * calls in progress made or were handed are looked for among what they still hold: their variables, their unfinished
 * expressions, the arguments of natives in progress. Only an operation takes memory, so a release matters by which operation
 * it comes before. What was stored in a container or attribute is looked for everywhere before it dies.
 */
import type { Frame } from "../python/code.ts";
import type { Interpreter, NativeCall } from "../python/interpreter.ts";
import { holders } from "../python/stored.ts";
import {
  BoundMethod,
  PyDict,
  PyFunction,
  PyGenerator,
  PyInstance,
  PyIterator,
  PyList,
  PyObject,
  PyProperty,
  PySet,
  PySuper,
  PyTuple,
  run,
  type Value,
} from "../python/values.ts";
import { TensorObject, tracerOf } from "./tensorObject.ts";

let walks = 0;

/**
 * Whether a model is being run. While it is built the running call alone is looked at: nobody asks when a tensor dies there,
 * and the model that waits is large.
 */
export const passes = { running: false };

/**
 * Releases what the calls in progress hold no more: the running one, and those that wait for it inside the innermost module
 * call. Calls around that were looked at when it began. `args` are the arguments of the operation about to run.
 */
export function sweep(py: Interpreter, args: readonly Value[]): void {
  if (!passes.running && !py.frame?.owned?.length) return;
  const outside = passes.running ? waiting(py).at(-1) : py.frame?.back;
  const walk = { inner: ++walks, everywhere: -1 };
  for (const arg of args) reach(arg, walk.inner);
  for (let frame = py.frame; frame && frame !== outside; frame = frame.back) sweepFrame(py, frame, args, walk);
}

/** A module call begins: what its caller holds no more is released before anything in it. */
export function beginModule(py: Interpreter, module: Value, outermost: boolean): void {
  const frames = waiting(py);
  if (outermost) {
    frames.length = 0;
    settle(module, new Set());
  }
  sweep(py, []);
  if (py.frame) frames.push(py.frame);
}

export function endModule(py: Interpreter): void {
  waiting(py).pop();
}

/** The frames that called the modules in progress, the innermost last. */
function waiting(py: Interpreter): Frame[] {
  const frames = (py.extensions.get("frames that wait for modules") as Frame[] | undefined) ?? [];
  py.extensions.set("frames that wait for modules", frames);
  return frames;
}

/** Numbers of the walks that marked what is held: by the frames looked at so far, and by anything. */
interface Walk {
  readonly inner: number;
  everywhere: number;
}

function sweepFrame(py: Interpreter, frame: Frame, args: readonly Value[], walk: Walk): void {
  reachFrame(frame, walk.inner);
  let outer: NativeCall | undefined;
  for (let native = py.native; native; native = native.back) {
    if (native.frame !== frame) continue;
    for (const arg of native.args) reach(arg, walk.inner);
    outer = native;
  }
  const owned = frame.owned as TensorObject[] | undefined;
  if (!owned || owned.length === 0) return;
  // What a native made since it began may be in its hands.
  const end = outer ? Math.min(outer.mark, owned.length) : owned.length;
  let kept = 0;
  for (let i = 0; i < owned.length; i++) {
    const object = owned[i] as TensorObject;
    if (i < end && object.settled !== run.number && object.seen !== walk.inner && object.seen !== walk.everywhere) {
      if (object.stored && walk.everywhere === -1) walk.everywhere = reachAll(py, args);
      if (object.seen !== walk.everywhere) {
        release(py, object);
        continue;
      }
    }
    owned[kept++] = object;
  }
  if (kept === owned.length) return;
  const gone = owned.length - kept;
  owned.length = kept;
  for (let native = py.native; native; native = native.back)
    if (native.frame === frame) native.mark = Math.max(0, native.mark - gone);
}

/**
 * A script builds its model in the run that calls it. What the model holds when it is first called stays alive to the end of
 * the run, as it does of a model that was built before: so that walks need not go through it at each operation. False for
 * what holds something else than modules, containers, tensors and plain values.
 */
function settle(value: Value, under: Set<PyObject>): boolean {
  if (!(value instanceof PyObject) || value.born < run.number || value.settled === run.number) return true;
  if (under.has(value)) return false;
  under.add(value);
  const inner = settlingParts(value);
  if (!inner) return false;
  let whole = true;
  for (const one of inner) whole = settle(one, under) && whole;
  if (whole) value.settled = run.number;
  return whole;
}

/** What an object holds, where that is all of it; undefined for functions with cells, generators and the like. */
function settlingParts(value: PyObject): readonly Value[] | undefined {
  const attributes = [...(value.attrs?.values() ?? [])];
  if (value instanceof TensorObject) return attributes;
  if (value instanceof PyList || value instanceof PyTuple) return [...value.items, ...attributes];
  if (value instanceof PyDict) return [...[...value.entries.values()].map(([, item]) => item), ...attributes];
  if (value instanceof PySet) return [...value.entries.values(), ...attributes];
  if (value instanceof BoundMethod) return [value.self, ...attributes];
  if (value instanceof PyFunction) return value.cells.length === 0 ? [] : undefined;
  if (value instanceof PyInstance)
    return value.payload instanceof PyObject ? [value.payload, ...attributes] : attributes;
  const isOther = value instanceof PyGenerator || value instanceof PyIterator || value instanceof PySuper;
  return isOther || value instanceof PyProperty ? undefined : attributes;
}

/** What a frame made or was handed and nobody holds any more: the next operation releases it. `also` is held besides. */
export function unheld(py: Interpreter, { owned }: Frame, also: Value): TensorObject[] {
  if (!owned || owned.length === 0) return [];
  const walk = reachAll(py, [also]);
  return (owned as TensorObject[]).filter(({ seen, settled }) => seen !== walk && settled !== run.number);
}

export function release(py: Interpreter, object: TensorObject): void {
  if (object.released) return;
  object.released = true;
  tracerOf(py).letGo(object.value);
}

/** Marks everything reachable from all calls in progress and from older objects that were given something. */
function reachAll(py: Interpreter, args: readonly Value[]): number {
  const walk = ++walks;
  for (let frame = py.frame; frame; frame = frame.back) reachFrame(frame, walk);
  for (let native = py.native; native; native = native.back) for (const arg of native.args) reach(arg, walk);
  for (const arg of args) reach(arg, walk);
  if (holders.of === run.number) for (const holder of holders.all) reach(holder, walk, true);
  return walk;
}

function reachFrame(frame: Frame, walk: number): void {
  for (const value of frame.slots) if (typeof value === "object" && value !== null) reach(value, walk);
  for (const { value } of frame.cells) if (value !== undefined) reach(value, walk);
  for (const held of frame.temporaries) {
    if (Array.isArray(held)) for (const value of held) reach(value, walk);
    else reach(held as Value, walk);
  }
  if (frame.result !== null) reach(frame.result, walk);
}

/** `deep`: into the attributes of an object older than the run, which otherwise hold nothing that can die. */
function reach(value: Value, walk: number, deep = false): void {
  if (!(value instanceof PyObject) || value.seen === walk) return;
  value.seen = walk;
  if (value instanceof TensorObject) {
    if (value.attrs) for (const inner of value.attrs.values()) reach(inner, walk);
    return;
  }
  const isOld = value.born < run.number || value.settled === run.number;
  if (!deep && isOld && !(holders.of === run.number && holders.all.has(value))) {
    // A function made before the run has no cells that the run could fill.
    if (!(value instanceof BoundMethod)) return;
  }
  if (value instanceof PyList || value instanceof PyTuple) for (const item of value.items) reach(item, walk);
  else if (value instanceof PyDict) for (const [, item] of value.entries.values()) reach(item, walk);
  else if (value instanceof PySet) for (const item of value.entries.values()) reach(item, walk);
  else if (value instanceof BoundMethod || value instanceof PySuper) reach(value.self, walk);
  else if (value instanceof PyFunction) {
    for (const cell of value.cells) if (cell.value !== undefined) reach(cell.value, walk);
  } else if (value instanceof PyGenerator) reachFrame(value.frame, walk);
  else if (value instanceof PyIterator) reach(value.over, walk);
  else if (value instanceof PyProperty) return;
  if (value instanceof PyInstance && value.payload instanceof PyObject) reach(value.payload, walk);
  if (value.attrs && !(value instanceof PyFunction)) for (const inner of value.attrs.values()) reach(inner, walk);
}
