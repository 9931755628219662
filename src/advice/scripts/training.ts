/** Training loops of a file, by what they do: a gradient is computed in each round, and an optimizer takes a step. */
import type { Expression, Statement } from "../../syntax/ast.ts";
import type { SyntaxNode } from "../../syntax/walk.ts";
import { around, type CallNode, type Code, functionOf, gather, isIn, method, receiver, within } from "../code/tree.ts";

export type Loop = Extract<Statement, { kind: "For" | "While" }>;

export interface TrainingLoop {
  /** The innermost loop around a call of `backward`. */
  readonly loop: Loop;
  /** Calls of `loss.backward()`, or of what stands for it in accelerate, apex and DeepSpeed. */
  readonly backwards: readonly CallNode[];
  /** Calls of `optimizer.step()`, of `scaler.step(optimizer)` too. */
  readonly steps: readonly CallNode[];
  readonly zeroGrads: readonly CallNode[];
}

const loops = new WeakMap<Code, readonly TrainingLoop[]>();

export function trainingLoops(code: Code): readonly TrainingLoop[] {
  const before = loops.get(code);
  if (before) return before;
  const backwards = code.calls.filter((call) => isBackward(call));
  const found = new Map<Loop, CallNode[]>();
  for (const call of backwards) {
    const loop = loopAround(call, code);
    if (loop) gather(found, loop, call);
  }
  const list = [...found].map(([loop, own]): TrainingLoop => {
    const inside = code.calls.filter((call) => isIn(call, loop, code));
    return {
      loop,
      backwards: own,
      steps: inside.filter((call) => isStep(call, code)),
      zeroGrads: inside.filter((call) => method(call) === "zero_grad"),
    };
  });
  loops.set(code, list);
  return list;
}

/** The loop of the same function around a node. */
export function loopAround(node: SyntaxNode, code: Code): Loop | undefined {
  for (const one of around(node, code)) {
    if (one.kind === "FunctionDef" || one.kind === "Lambda") return undefined;
    if ((one.kind === "For" || one.kind === "While") && one.body.some((statement) => isIn(node, statement, code)))
      return one;
  }
  return undefined;
}

export function isBackward(call: CallNode): boolean {
  return method(call) === "backward";
}

/** A step of an optimizer: what has its gradients set to zero, or was built by a class of `torch.optim`. */
function isStep(call: CallNode, code: Code): boolean {
  if (method(call) !== "step") return false;
  const stepped = call.args[0] ?? receiver(call);
  if (!stepped) return false;
  return optimizers(code).has(code.text(stepped));
}

const optimizersOf = new WeakMap<Code, ReadonlySet<string>>();

/** Expressions that stand for optimizers, as they are written. */
export function optimizers(code: Code): ReadonlySet<string> {
  const before = optimizersOf.get(code);
  if (before) return before;
  const modules = modulesIn(code);
  const found = new Set<string>();
  for (const node of code.nodes) {
    if (node.kind === "Call" && method(node) === "zero_grad") {
      const on = code.text(receiver(node) as Expression);
      if (!modules.has(on)) found.add(on);
    }
    if (
      node.kind === "Assign" &&
      node.value.kind === "Call" &&
      /^torch\.optim\.[A-Z]/.test(code.dotted(node.value.func) ?? "")
    )
      for (const target of node.targets) found.add(code.text(target));
  }
  optimizersOf.set(code, found);
  return found;
}

const modulesOf = new WeakMap<Code, ReadonlySet<string>>();

/** Expressions that stand for modules, as they are written: their parameters, modes or states are asked for. */
export function modulesIn(code: Code): ReadonlySet<string> {
  const before = modulesOf.get(code);
  if (before) return before;
  const found = new Set<string>();
  for (const call of code.calls) {
    const on = receiver(call);
    if (!on || !/^(Name|Attribute)$/.test(on.kind)) continue;
    const name = method(call) ?? "";
    if (/^(parameters|named_parameters|requires_grad_)$/.test(name)) found.add(code.text(on));
    if (/^(eval|train)$/.test(name) && call.args.length < 2 && isMode(call)) found.add(code.text(on));
  }
  modulesOf.set(code, found);
  return found;
}

/** `model.train()` and `model.train(mode)`, not a trainer's `train(data)`. */
function isMode({ args, keywords }: CallNode): boolean {
  const [first] = [...args, ...keywords.map(({ value }) => value)];
  return !first || first.kind === "Singleton" || (first.kind === "UnaryOp" && first.op === "not");
}

/** Whether autograd is off at a node: under `no_grad`, `inference_mode` or `set_grad_enabled(False)`, by a block or a decorator. */
export function isGradientOff(node: SyntaxNode, code: Code): boolean {
  const switches = (one: SyntaxNode): boolean => {
    if (one.kind === "Attribute") return isSwitch(one.attr);
    if (one.kind !== "Name") return false;
    return isSwitch(one.id) || switchesNamed(code).has(one.id);
  };
  for (const one of around(node, code)) {
    if (one.kind === "With" && one.items.some(({ value }) => within(value).some((part) => switches(part)))) return true;
    if (one.kind === "FunctionDef" && one.decorators.some((value) => within(value).some((part) => switches(part))))
      return true;
  }
  return false;
}

const isSwitch = (name: string) => /no_grad|inference_mode|^set_grad_enabled$/.test(name);

/** Names that the file gives to such a block: `context = torch.no_grad()`. */
function switchesNamed(code: Code): ReadonlySet<string> {
  const found = new Set<string>();
  for (const node of code.nodes) {
    if (node.kind !== "Assign") continue;
    const is = within(node.value).some((one) => one.kind === "Attribute" && isSwitch(one.attr));
    if (is) for (const target of node.targets) if (target.kind === "Name") found.add(target.id);
  }
  return found;
}

/** Whether the file moves anything to a GPU. */
export function usesGpu(code: Code): boolean {
  return code.lines.some((line) =>
    /\bcuda\b|["']mps["']|\.to\((self\.)?(args\.)?device\b/.test(line.replace(/#.*/, "")),
  );
}

/** Whether a node runs in some rounds only: behind `if step % 100 == 0`, or any other test inside the loop. */
export function isOccasional(node: SyntaxNode, loop: Loop, code: Code): boolean {
  for (const one of around(node, code)) {
    if (one === loop) return false;
    if (one.kind === "If" || one.kind === "IfExp" || one.kind === "Try") return one.kind !== "Try";
  }
  return false;
}

/** Where a function of this file is called in it, by its name alone. */
export function callsOf(name: string, code: Code): readonly CallNode[] {
  return code.calls.filter(({ func }) =>
    func.kind === "Name" ? func.id === name : func.kind === "Attribute" && func.attr === name,
  );
}

/** Whether both run in the same call of a function. */
export function sameFunction(a: SyntaxNode, b: SyntaxNode, code: Code): boolean {
  return functionOf(a, code) === functionOf(b, code);
}
