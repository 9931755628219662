/** Calls that load a model whose config is in the workspace, and literals as a config would hold them. */
import type { NamedConfig } from "../../configs/named.ts";
import type { Expression } from "../../syntax/ast.ts";
import { type CallNode, type Code, method } from "../code/tree.ts";

/** A call of `from_pretrained` with the config that it reads. */
export interface Loaded {
  readonly call: CallNode;
  readonly config: NamedConfig;
}

/** Every `….from_pretrained("name")` of a model or tokenizer whose config is at hand. */
export function loadedConfigs(code: Code, configOf: (name?: string) => NamedConfig | undefined): Loaded[] {
  return code.calls.flatMap((call) => {
    if (method(call) !== "from_pretrained") return [];
    const [first] = call.args;
    const name = first && literal(first, code);
    const config = typeof name === "string" ? configOf(name) : undefined;
    return config ? [{ call, config }] : [];
  });
}

/** A literal's value; of a name, the literal that the file's top level alone gives it. Types of PyTorch are their names. */
export function literal(node: Expression, code: Code): string | number | boolean | undefined {
  if (node.kind === "Str" || node.kind === "Int") return node.value;
  if (node.kind === "Singleton") return typeof node.value === "boolean" ? node.value : undefined;
  if (node.kind === "Attribute") return /^torch\.(\w+)$/.exec(code.dotted(node) ?? "")?.[1];
  if (node.kind !== "Name") return undefined;
  const values = code.nodes.flatMap((one) =>
    one.kind === "Assign" && one.targets.some((target) => target.kind === "Name" && target.id === node.id)
      ? [one.value]
      : [],
  );
  const [value] = values;
  return values.length === 1 && value && value.kind !== "Name" ? literal(value, code) : undefined;
}
