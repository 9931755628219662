/** Trained modules of a training loop whose output reaches the loss through a block without gradients alone. */
import type { Statement } from "../../syntax/ast.ts";
import { type CallNode, type Code, isIn, receiver, within } from "../code/tree.ts";
import { boundIn, readIn } from "./bindings.ts";
import { isGradientOff, modulesIn, type TrainingLoop } from "./training.ts";

type With = Extract<Statement, { kind: "With" }>;

export interface Cut {
  readonly block: With;
  /** The module that learns nothing: `mapper`. */
  readonly trained: string;
  /** What is called in the block with its output: `lm`. */
  readonly frozen: string;
}

export function cutsIn({ loop, backwards }: TrainingLoop, code: Code): Cut[] {
  const trained = trainedModules(code);
  const inside = within(loop);
  const blocks = inside.filter(
    (node): node is With =>
      node.kind === "With" && node.items.some(({ value }) => /no_grad|inference_mode/.test(code.text(value))),
  );
  const assignments = inside.filter((node) => node.kind === "Assign");
  const open = assignments.filter((node) => !isGradientOff(node, code));
  const reached = reaching(
    backwards.flatMap((call) => [...readIn(receiver(call) ?? call)]),
    open,
  );
  return blocks.flatMap((block) => {
    const results = boundIn(block);
    if (![...results].some((name) => reached.has(name))) return [];
    for (const made of open) {
      if (made.kind !== "Assign") continue;
      const maker = within(made.value).find(
        (one): one is CallNode => one.kind === "Call" && trained.has(code.text(one.func)),
      );
      const names = boundIn(made);
      if (!maker || [...names].some((name) => reached.has(name))) continue;
      const given = new Set([...names].flatMap((name) => [...leadingOn(name, assignments)]));
      const taker = within(block).find(
        (one): one is CallNode =>
          one.kind === "Call" &&
          modulesIn(code).has(code.text(one.func)) &&
          [...readIn(one)].some((name) => given.has(name)),
      );
      if (taker && !isIn(made, block, code))
        return [{ block, trained: code.text(maker.func), frozen: code.text(taker.func) }];
    }
    return [];
  });
}

/** Modules whose parameters an optimizer is given. */
function trainedModules(code: Code): ReadonlySet<string> {
  const found = new Set<string>();
  for (const call of code.calls) {
    if (!/^torch\.optim\.[A-Z]/.test(code.dotted(call.func) ?? "")) continue;
    for (const one of within(call))
      if (one.kind === "Call" && one.func.kind === "Attribute" && /^(named_)?parameters$/.test(one.func.attr))
        found.add(code.text(one.func.value));
  }
  return found;
}

/** Names from which values flow into some others by assignments, those included. */
function reaching(names: readonly string[], assignments: readonly { kind: string }[]): Set<string> {
  const found = new Set(names);
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const one of assignments as readonly Extract<Statement, { kind: "Assign" }>[])
      if ([...boundIn(one)].some((name) => found.has(name))) for (const name of readIn(one.value)) found.add(name);
  }
  return found;
}

/** Names to which the value of one flows on by assignments, itself included. */
function leadingOn(name: string, assignments: readonly { kind: string }[]): Set<string> {
  const found = new Set([name]);
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const one of assignments as readonly Extract<Statement, { kind: "Assign" }>[])
      if ([...readIn(one.value)].some((read) => found.has(read))) for (const bound of boundIn(one)) found.add(bound);
  }
  return found;
}
