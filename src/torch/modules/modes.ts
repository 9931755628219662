/** What Python files of `torch` set and ask of the trace: gradients, autocast, defaults, and nodes of their own in the graph. */

import { resultType } from "../../ops/shared/making.ts";
import { native } from "../../python/native.ts";
import type { Value } from "../../python/values.ts";
import type { StepPart } from "../../trace/trace.ts";
import { toArg } from "../apply.ts";
import { dtypeName } from "../arguments.ts";
import { forgetCasts } from "../autocast.ts";
import { sweep } from "../liveness.ts";
import { dtypeObject, tracerOf } from "../tensorObject.ts";
import { attaching } from "./attaching.ts";
import { savedHooks } from "./savedHooks.ts";
import { slicing } from "./slicing.ts";

export function modes(): Record<string, Value> {
  return {
    set_grad_enabled: native("set_grad_enabled(mode)", (py, mode: Value) => {
      const tracer = tracerOf(py);
      const before = tracer.gradEnabled;
      tracer.gradEnabled = mode === true;
      return before;
    }),
    is_grad_enabled: native("is_grad_enabled()", (py) => tracerOf(py).gradEnabled),
    set_autocast: native("set_autocast(dtype)", (py, dtype: Value) => {
      const tracer = tracerOf(py);
      const before = tracer.autocast;
      tracer.autocast = dtypeName(dtype) ?? null;
      return before ? dtypeObject(before) : null;
    }),
    get_autocast: native("get_autocast()", (py) => {
      const { autocast } = tracerOf(py);
      return autocast ? dtypeObject(autocast) : null;
    }),
    forget_casts: native("forget_casts()", (py) => {
      forgetCasts(py);
      return null;
    }),
    set_default_dtype: native("set_default_dtype(dtype)", (py, dtype: Value) => {
      tracerOf(py).defaultDtype = dtypeName(dtype) ?? tracerOf(py).defaultDtype;
    }),
    get_default_dtype: native("get_default_dtype()", (py) => dtypeObject(tracerOf(py).defaultDtype)),
    result_type: native("result_type(a, b)", (_py, a: Value, b: Value) => dtypeObject(resultType(toArg(a), toArg(b)))),
    ...slicing(),
    part: native("part(name)", (py, name: Value) => {
      sweep(py, []);
      const tracer = tracerOf(py);
      if (name === "loss") tracer.forwardEnd = { events: tracer.events.length, saved: tracer.saved.size };
      tracer.pass = String(name) as StepPart;
      return null;
    }),
    sweep: native("sweep()", (py) => {
      sweep(py, []);
      return null;
    }),
    ...attaching(),
    ...savedHooks(),
  };
}
