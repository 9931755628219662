/** Calling a module: the trace is told, hooks are run where there are any, and `forward` does the rest. */
import { getAttribute } from "../python/attributes.ts";
import { call } from "../python/calls.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { native } from "../python/native.ts";
import { readAttribute, readAttributes, reading } from "../python/remember/reads.ts";
import {
  type Keywords,
  type NativeFunction,
  PyDict,
  PyInstance,
  PyList,
  PyModule,
  PyTuple,
  type Value,
} from "../python/values.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { userPlace } from "./apply.ts";
import { beginModule, endModule } from "./liveness.ts";
import { beginRemembering, remember, remembered } from "./remember/memory.ts";
import { TensorObject, tracerOf } from "./tensorObject.ts";

/** The tensors inside a value: containers and result objects are looked into. */
export function tensorsIn(value: Value): Tensor[] {
  if (value instanceof TensorObject) return [value.value];
  const found: Tensor[] = [];
  collect(value, found, 0);
  return found;
}

function collect(value: Value, found: Tensor[], depth: number): void {
  if (value instanceof TensorObject) found.push(value.value);
  else if (depth > 6) return;
  else if (value instanceof PyList || value instanceof PyTuple) {
    for (const item of value.items) collect(item, found, depth + 1);
  } else if (value instanceof PyDict) {
    for (const [, item] of value.entries.values()) collect(item, found, depth + 1);
  } else if (value instanceof PyInstance && !value.attrs.has("_modules")) {
    if (reading.now) readAttributes(value);
    for (const item of value.attrs.values()) collect(item, found, depth + 1);
  }
}

const lenient = { lenient: true };

/** `Module.__call__`, and what the call with hooks is written on. */
export function moduleCalls(): Record<string, NativeFunction> {
  return {
    module_call: native(
      "__call__(self, *args, **kwargs)",
      (py, self: Value, args: PyTuple, kwargs: PyDict) => {
        const keywords = namesOf(kwargs);
        if (isHooked(py, self)) return call(py, getAttribute(py, self, "_call_with_hooks"), args.items, keywords);
        beginCall(py, self, args, keywords);
        const before = remembered(py, self, args, kwargs);
        if (before && "again" in before) {
          endModule(py);
          return before.again.result;
        }
        enter(py, self, args, kwargs);
        let result: Value = null;
        let ended = false;
        try {
          result = call(py, getAttribute(py, self, "forward"), args.items, keywords);
          ended = true;
          return result;
        } finally {
          exit(py, result);
          if (before) remember(py, self as PyInstance, before.recording, result, ended);
        }
      },
      lenient,
    ),
    enter_module: native(
      "enter_module(module, args, kwargs)",
      (py, module: Value, args: Value, kwargs: Value) => {
        const given = args instanceof PyTuple ? args : new PyTuple([]);
        beginCall(py, module, given, kwargs instanceof PyDict ? namesOf(kwargs) : null);
        enter(py, module, args, kwargs);
      },
      lenient,
    ),
    exit_module: native(
      "exit_module(module, result)",
      (py, _module: Value, result: Value) => exit(py, result),
      lenient,
    ),
  };
}

/** What comes before a call is entered: its caller lets go of what it holds no more. */
function beginCall(py: Interpreter, module: Value, args: PyTuple, keywords: Keywords): void {
  const tracer = tracerOf(py);
  if (tracer.module === 0) {
    tracer.onRootCall?.(module as object, args.items, keywords ?? new Map());
    beginRemembering(py, module);
  }
  beginModule(py, module, tracer.module === 0);
}

function enter(py: Interpreter, module: Value, args: Value, kwargs: Value): void {
  const given = tensorsIn(args);
  collect(kwargs, given, 0);
  tracerOf(py).enter(module as object, given, userPlace(py));
}

function exit(py: Interpreter, result: Value): void {
  const tracer = tracerOf(py);
  endModule(py);
  tracer.exit(tracer.module, tensorsIn(result));
}

function namesOf({ entries }: PyDict): Keywords {
  if (entries.size === 0) return null;
  return new Map([...entries.values()].map(([name, value]) => [String(name), value]));
}

/** Whether hooks must run: the module's own, or those registered for all modules. */
function isHooked(py: Interpreter, module: Value): boolean {
  if (!(module instanceof PyInstance)) return true;
  const own = module.attrs.get("_hooked") ?? module.cls.lookup("_hooked");
  if (reading.now) readAttribute(module, "_hooked", module.attrs.get("_hooked"));
  return own !== false || hasHooks(py, "_global_forward_hooks") || hasHooks(py, "_global_forward_pre_hooks");
}

/** Whether a register of hooks for all modules holds any. */
export function hasHooks(py: Interpreter, register: string): boolean {
  const hooks = py.modules.get("torch.nn.modules._hooks");
  const found = hooks instanceof PyModule ? hooks.attrs.get(register) : undefined;
  if (reading.now && hooks instanceof PyModule) readAttribute(hooks, register, found);
  return !(found instanceof PyDict) || found.entries.size > 0;
}
