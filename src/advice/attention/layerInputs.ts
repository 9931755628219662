/** What the layers around attention are given. */
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import type { Operation } from "../../trace/trace.ts";
import type { Subject } from "../subject.ts";
import { attentionCalls } from "./calls.ts";
import { passesOf } from "./sites.ts";

/** By attention's last operation, of all passes: [sequences, positions, features]. */
export function layerInputs(subject: Subject): Map<Operation, Tensor> {
  const found = new Map<Operation, Tensor>();
  for (const trace of passesOf(subject))
    for (const { operation } of attentionCalls(trace)) {
      const { start = 0, end = 0, inputs = [] } = trace.calls[operation.module] ?? {};
      const [note] = inputs;
      if (note?.shape.length !== 3) continue;
      const input = trace.events
        .slice(start, end)
        .flatMap((event) => (event.kind === "operation" ? event.call.args : []))
        .find((arg): arg is Tensor => isTensor(arg) && arg.storage === note.storage && arg.shape.length === 3);
      if (input) found.set(operation, input);
    }
  return found;
}
