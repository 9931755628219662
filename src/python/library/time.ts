import { native } from "../native.ts";
import { functions, nativeModule, otherNames } from "./nativeModule.ts";

const clocks = [
  "time",
  "perf_counter",
  "monotonic",
  "process_time",
  "thread_time",
  "time_ns",
  "perf_counter_ns",
  "monotonic_ns",
];

export const time = nativeModule("time", () =>
  functions(
    ...clocks.map((name) => native(`${name}()`, (py) => py.unknown("what the clock shows"))),
    native("sleep(seconds)", () => null, { lenient: true }),
    native("strftime(format, *args)", (py) => py.unknown("what the clock shows")),
    native("ctime(*args)", (py) => py.unknown("what the clock shows")),
    native("localtime(*args)", (py) => py.unknown("what the clock shows")),
    native("gmtime(*args)", (py) => py.unknown("what the clock shows")),
    otherNames("time"),
  ),
);
