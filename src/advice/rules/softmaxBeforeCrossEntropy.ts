import type { ClassDef, Expression } from "../../syntax/ast.ts";
import { replace } from "../code/edits.ts";
import { methodOf, moduleClasses } from "../code/modules.ts";
import { type CallNode, type Code, codeOf, functionOf, keyword, method, receiver, within } from "../code/tree.ts";
import { assignmentsOf, isBefore } from "../scripts/bindings.ts";
import type { Rule } from "./rule.ts";

/**
 * Cross entropy of what is softmax's output already.
 *
 * `F.cross_entropy` takes logits and does a log-softmax of its own. Of probabilities it makes nearly equal ones again: the loss
 * stays near log(classes), and gradients are small. Of log-probabilities a second log-softmax gives the same numbers, for a pass
 * over the memory more.
 */
const softmaxBeforeCrossEntropy: Rule = {
  id: "softmax-before-cross-entropy",
  price: "the loss and its gradients become larger: a rate that was tuned for them is too high.",

  *read({ file, text }) {
    const code = codeOf(file, text);
    const classes = moduleClasses(code);
    for (const call of code.calls) {
      const given = crossEntropyInput(call, code);
      const found = given && softmaxOf(given, code, classes);
      if (!found) continue;
      const { softmax, isLog, where } = found;
      const inline = softmax !== undefined && softmax === given;
      const on = inline ? inputOf(softmax, code) : undefined;
      const edits = on && inline ? [replace(softmax, code.text(on), code)] : [];
      yield {
        severity: isLog ? "hint" : "warning",
        at: code.place(given),
        what: isLog
          ? `Cross entropy does the log-softmax of ${where} once more.`
          : `Cross entropy is given ${where}, and takes logits.`,
        why: isLog
          ? "It is the same for the numbers, and a pass over the logits' memory more, forward and back."
          : "It does a log-softmax of its own: of numbers between 0 and 1 that leaves every class nearly as likely, and gradients small.",
        ...(isLog && { price: "none: the loss is the same number." }),
        fixes: edits.length > 0 ? [{ title: "Give it the logits", edits }] : [],
      };
    }
  },
};
export default softmaxBeforeCrossEntropy;

/** What a cross entropy is computed of. */
function crossEntropyInput(call: CallNode, code: Code): Expression | undefined {
  const first = call.args[0] ?? keyword(call, "input")?.value;
  if (code.dotted(call.func) === "torch.nn.functional.cross_entropy") return first;
  if (call.func.kind === "Call") return isCrossEntropy(call.func, code) ? first : undefined;
  if (!/^(Name|Attribute)$/.test(call.func.kind)) return undefined;
  const name = code.text(call.func);
  const values = code.nodes.flatMap((node) =>
    node.kind === "Assign" && node.targets.some((target) => code.text(target) === name) ? [node.value] : [],
  );
  // `criterion = nn.CrossEntropyLoss().cuda()` too.
  const made = values.map((value) => within(value).find((one) => one.kind === "Call" && isCrossEntropy(one, code)));
  return values.length > 0 && made.every((one) => one !== undefined) ? first : undefined;
}

const isCrossEntropy = (call: CallNode, code: Code) =>
  /^torch\.nn\.(modules\.loss\.)?CrossEntropyLoss$/.test(code.dotted(call.func) ?? "");

interface Softmaxed {
  /** The call, where it stands in the same function. */
  readonly softmax: Expression | undefined;
  readonly isLog: boolean;
  readonly where: string;
}

function softmaxOf(node: Expression, code: Code, classes: readonly ClassDef[]): Softmaxed | undefined {
  const direct = softmaxCall(node, code);
  if (direct !== undefined)
    return { softmax: node, isLog: direct, where: `the output of \`${code.text((node as CallNode).func)}\`` };
  if (node.kind === "Name") {
    const func = functionOf(node, code);
    const body = func ? func.body : code.nodes.filter((one) => code.parent(one) === undefined);
    const values = assignmentsOf(node.id, body as never).filter((one) => isBefore(one, node, code));
    const last = values.at(-1);
    if (last?.kind !== "Assign" || last.targets[0]?.kind !== "Name" || last.value.kind === "Name") return undefined;
    return softmaxOf(last.value, code, classes);
  }
  if (node.kind !== "Call" || node.func.kind !== "Name") return undefined;
  const model = modelClass(node.func.id, code, classes);
  const isLog = model && endsInSoftmax(model, code);
  return isLog === undefined || !model
    ? undefined
    : { softmax: undefined, isLog, where: `the ${isLog ? "log-" : ""}probabilities that ${model.name} returns` };
}

/** Whether a call is a softmax over classes, and of the logarithm's kind. */
function softmaxCall(node: Expression, code: Code): boolean | undefined {
  if (node.kind !== "Call") return undefined;
  const name = code.dotted(node.func);
  if (name !== undefined) {
    const [, log] = /^torch\.(?:nn\.functional\.)?(log_)?softmax$/.exec(name) ?? [undefined, "-"];
    return log === "-" ? undefined : log !== undefined;
  }
  const called = node.func.kind === "Attribute" ? node.func.attr : "";
  if (called !== "softmax" && called !== "log_softmax") return undefined;
  const on = receiver(node);
  return on?.kind === "Name" && on.id === "self" ? undefined : called === "log_softmax";
}

function inputOf(softmax: Expression, code: Code): Expression | undefined {
  if (softmax.kind !== "Call") return undefined;
  return code.dotted(softmax.func) === undefined && method(softmax) ? receiver(softmax) : softmax.args[0];
}

/** The class of the file that a name is an instance of. */
function modelClass(name: string, code: Code, classes: readonly ClassDef[]): ClassDef | undefined {
  const values = code.nodes.flatMap((node) =>
    node.kind === "Assign" && node.targets.some((target) => target.kind === "Name" && target.id === name)
      ? [node.value]
      : [],
  );
  const [value] = values;
  if (values.length !== 1 || !value) return undefined;
  const made = within(value).find(
    (one) =>
      one.kind === "Call" &&
      one.func.kind === "Name" &&
      classes.some((cls) => cls.name === (one.func as { id?: string }).id),
  );
  return made?.kind === "Call" && made.func.kind === "Name"
    ? classes.find((cls) => cls.name === (made.func as { id?: string }).id)
    : undefined;
}

/** Whether all that a class's forward returns is softmax's output, and of the logarithm's kind. */
function endsInSoftmax(model: ClassDef, code: Code): boolean | undefined {
  const forward = methodOf(model, "forward");
  const returns = forward ? within(forward).filter((node) => node.kind === "Return") : [];
  const kinds = returns.map((node) =>
    node.kind === "Return" && node.value ? lastLayer(node.value, model, code) : undefined,
  );
  const [first] = kinds;
  return first !== undefined && kinds.every((kind) => kind === first) ? first : undefined;
}

function lastLayer(value: Expression, model: ClassDef, code: Code): boolean | undefined {
  const direct = softmaxCall(value, code);
  if (direct !== undefined) return direct;
  if (value.kind === "Name") {
    const forward = functionOf(value, code);
    const last =
      forward &&
      assignmentsOf(value.id, forward.body)
        .filter((one) => isBefore(one, value, code))
        .at(-1);
    return last?.kind === "Assign" && last.value.kind === "Call" ? lastLayer(last.value, model, code) : undefined;
  }
  if (value.kind !== "Call" || value.func.kind !== "Attribute") return undefined;
  const layer = code.text(value.func);
  const made = within(model).flatMap((node) =>
    node.kind === "Assign" && node.targets.some((target) => code.text(target) === layer) ? [node.value] : [],
  );
  const [built] = made;
  if (made.length !== 1 || built?.kind !== "Call") return undefined;
  const last = code.dotted(built.func) === "torch.nn.Sequential" ? built.args.at(-1) : built;
  const name = last?.kind === "Call" ? code.dotted(last.func) : undefined;
  return name === "torch.nn.Softmax" ? false : name === "torch.nn.LogSoftmax" ? true : undefined;
}
