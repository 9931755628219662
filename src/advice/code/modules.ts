/** The file's modules: classes with a forward pass, and the functions that run in it. */
import type { ClassDef, FunctionDef } from "../../syntax/ast.ts";
import { type Code, method, receiver, within } from "./tree.ts";

/** Classes that descend from `nn.Module`, as far as the file shows it. */
export function moduleClasses(code: Code): ClassDef[] {
  const classes = code.nodes.filter((node): node is ClassDef => node.kind === "ClassDef");
  const found = new Set<ClassDef>();
  for (let before = -1; before < found.size; ) {
    before = found.size;
    for (const one of classes) {
      const isModule = one.bases.some((base) => {
        const dotted = code.dotted(base) ?? code.text(base);
        if (/^torch\.nn\.|(^|\.)(Module|PreTrainedModel|LightningModule)$/.test(dotted)) return true;
        return [...found].some(({ name }) => name === dotted);
      });
      if (isModule) found.add(one);
    }
  }
  return [...found];
}

/** A class's `forward`, and methods of it that this calls. */
export function forwardFunctions(owner: ClassDef): FunctionDef[] {
  const methods = owner.body.filter((one): one is FunctionDef => one.kind === "FunctionDef");
  const found = new Set(methods.filter(({ name }) => name === "forward"));
  for (const func of found) {
    for (const node of within(func)) {
      if (node.kind !== "Call") continue;
      const on = receiver(node);
      if (on?.kind !== "Name" || on.id !== "self") continue;
      const called = methods.find(({ name }) => name === method(node));
      if (called && called.name !== "__init__") found.add(called);
    }
  }
  return [...found];
}

/** A class's method by its name. */
export function methodOf(owner: ClassDef, name: string): FunctionDef | undefined {
  return owner.body.find((one): one is FunctionDef => one.kind === "FunctionDef" && one.name === name);
}
