import { known } from "../../base/unknown.ts";
import type { Expression, FunctionDef } from "../../syntax/ast.ts";
import { elements } from "../../tensor/tensor.ts";
import type { Operation } from "../../trace/trace.ts";
import { flowOf } from "../code/flow.ts";
import {
  type CallNode,
  type Code,
  codeOf,
  functionOf,
  gather,
  isIn,
  method,
  placeKey,
  receiver,
  within,
} from "../code/tree.ts";
import { assignmentsOf } from "../scripts/bindings.ts";
import { isGradientOff, isOccasional, type TrainingLoop, trainingLoops, usesGpu } from "../scripts/training.ts";
import type { Fault, Rule, Weighed } from "./rule.ts";

/**
 * Python that waits for the device: `.item()`, `.cpu()`, `.numpy()`, `.tolist()`, or a branch on a tensor's value, in a forward
 * pass or in each round of a training loop.
 *
 * Operations are put into the device's queue and Python runs ahead. Whoever asks for a value waits until the queue is empty, and
 * the device then waits for Python; `torch.compile` ends its graph there, and CUDA graphs cannot be captured.
 */
const hostSynchronization: Rule = {
  id: "host-synchronization",
  price: "the value is known later, or not at all.",

  *check(model) {
    const code = codeOf(model.file, model.text);
    const byPlace = operationsByPlace(model, code);
    for (const call of code.calls) {
      const name = method(call) ?? "";
      if (!/^(item|tolist|cpu|numpy)$/.test(name) || call.args.length + call.keywords.length > 0) continue;
      const on = receiver(call);
      const operations = on ? madeBy(on, functionOf(call, code), byPlace, code) : [];
      // `.cpu().numpy()` waits once.
      const outer = code.parent(code.parent(call) ?? call);
      const isInner = outer?.kind === "Call" && /^(item|tolist|numpy)$/.test(method(outer) ?? "");
      if (operations.length === 0 || isInner) continue;
      yield fault(call, `\`.${name}()\``, operations.length, code);
    }
    for (const node of code.nodes) {
      if (node.kind !== "If" && node.kind !== "While") continue;
      const operations = decidingOperations(node.test, byPlace, code);
      if (operations.length > 0) yield fault(node.test, `\`${node.kind.toLowerCase()}\``, operations.length, code);
    }
  },

  *read({ file, text }) {
    const code = codeOf(file, text);
    if (!usesGpu(code)) return;
    for (const training of trainingLoops(code)) {
      const waits = waitsIn(training, code);
      const [first] = waits;
      if (!first) continue;
      const lines = [...new Set(waits.map((call) => code.span(call).line + 1))];
      yield {
        severity: "hint",
        at: code.place(first),
        what:
          waits.length === 1
            ? "Each round of this loop waits for the device here."
            : `Each round of this loop waits for the device ${waits.length} times: on ${linesText(lines)}.`,
        why: "Until the value is there Python asks for nothing more, and the device then waits for Python. Keep values as tensors (`.detach()`), and read them every so many steps.",
        fixes: [],
      };
    }
  },
};
export default hostSynchronization;

function fault(node: Expression, what: string, times: number, code: Code): Fault {
  return {
    severity: times > 1 ? "information" : "hint",
    at: code.place(node),
    what: `${what} waits for the device ${times === 1 ? "once" : `${times} times`} in each forward pass.`,
    why: "Python stops until all operations asked for have run, and asks for nothing meanwhile; torch.compile ends its graph here.",
    fixes: [],
  };
}

type ByPlace = ReadonlyMap<string, readonly Operation[]>;

/** The pass's operations in this file, by where they begin and end. */
function operationsByPlace({ inference, figures }: Weighed, code: Code): ByPlace {
  const found = new Map<string, Operation[]>();
  for (const operation of flowOf(inference, figures).operations) {
    const { at } = operation;
    if (at?.path !== code.path) continue;
    const key = placeKey(at);
    gather(found, key, operation);
  }
  return found;
}

/** Operations that gave the value of an expression, or of the name that it is, from what is not known beforehand. */
function madeBy(node: Expression, func: FunctionDef | undefined, byPlace: ByPlace, code: Code): readonly Operation[] {
  const own = operationsAt(node, byPlace, code);
  if (own.length > 0 || node.kind !== "Name" || !func) return own;
  const assigned = assignmentsOf(node.id, func.body).filter(
    (one) => one.kind === "Assign" && one.targets[0]?.kind === "Name",
  );
  return assigned.length === 1 && assigned[0] ? operationsAt(assigned[0].value, byPlace, code) : [];
}

/** Operations that ran for exactly this expression. Values that Python knew beforehand need no waiting. */
function operationsAt(node: Expression, byPlace: ByPlace, code: Code): readonly Operation[] {
  const found = byPlace.get(placeKey(code.span(node))) ?? [];
  return found.filter(
    ({ call, outputs }) =>
      call.out.every(({ data }) => data === undefined) && outputs.some(({ storage }) => storage.device !== "meta"),
  );
}

/** Operations whose one truth value a test is. */
function decidingOperations(test: Expression, byPlace: ByPlace, code: Code): readonly Operation[] {
  const parts =
    test.kind === "BoolOp" ? test.values : test.kind === "UnaryOp" && test.op === "not" ? [test.operand] : [test];
  return parts.flatMap((part) =>
    operationsAt(part, byPlace, code).filter(({ outputs }) =>
      outputs.some(({ dtype, shape }) => dtype === "bool" && known(elements(shape)) === 1),
    ),
  );
}

/** Calls that wait in every round. */
function waitsIn({ loop, backwards }: TrainingLoop, code: Code): CallNode[] {
  const losses = new Set(
    backwards.flatMap((call) => {
      const on = receiver(call);
      return on?.kind === "Name" ? [on.id] : [];
    }),
  );
  const found = within(loop).filter((node): node is CallNode => {
    if (node.kind !== "Call" || isOccasional(node, loop, code) || isGradientOff(node, code)) return false;
    const name = method(node) ?? "";
    if (/^(item|tolist|cpu|numpy)$/.test(name) && node.args.length === 0) return isOfTensor(receiver(node), loop);
    if (code.dotted(node.func) === "torch.cuda.synchronize") return true;
    const isPrinted = node.func.kind === "Name" && /^(print|float)$/.test(node.func.id);
    return (
      isPrinted &&
      node.args.some((arg) => within(arg).some((one) => one.kind === "Name" && losses.has(one.id) && isBare(one, code)))
    );
  });
  return found.filter((call) => !found.some((outer) => outer !== call && isIn(call, outer, code)));
}

/** Whether a value is one of the loop's tensors: not what a data loader hands out on the host, nor a part of it. */
function isOfTensor(on: Expression | undefined, loop: TrainingLoop["loop"]): boolean {
  if (!on || loop.kind !== "For") return on !== undefined;
  const names = (node: Expression) => within(node).flatMap((one) => (one.kind === "Name" ? [one.id] : []));
  const batch = new Set(names(loop.target));
  for (const node of loop.body) {
    if (node.kind !== "Assign" || !/^(Name|Subscript)$/.test(node.value.kind)) continue;
    if (names(node.value).some((name) => batch.has(name)))
      for (const name of node.targets.flatMap(names)) batch.add(name);
  }
  return !(on.kind === "Name" && batch.has(on.id));
}

/** Whether a name stands for itself: no attribute or method of it is asked for. */
function isBare(node: Expression, code: Code): boolean {
  const up = code.parent(node);
  return !(up?.kind === "Attribute" && up.value === node);
}

function linesText(lines: readonly number[]): string {
  if (lines.length === 1) return `line ${lines[0]}`;
  return `lines ${lines.slice(0, -1).join(", ")} and ${lines.at(-1)}`;
}
