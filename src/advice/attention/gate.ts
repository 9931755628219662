/** Gated attention (Quantizable Transformers, arXiv:2306.12929): a gate for each head and token on attention's result. */
import type { Fix } from "../../cost/report.ts";
import { integer, integers } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { behind, statementOf } from "../code/edits.ts";
import { codeOf, functionOf, ownerOf } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import type { Operands } from "./calls.ts";
import type { CallSite } from "./sites.ts";

export type GateKind = "linear" | "mlp" | "all-heads";

/** Parameters of a layer's gate: `h·(d_h + 1)`, `h·(n·(d_h + 2) + 1)` with n = d_h/4, `h·(d + 1)`. */
export function gateParameters(kind: GateKind, heads: number, width: number): number {
  if (kind === "linear") return heads * (width + 1);
  const hidden = width / 4;
  return kind === "mlp" ? heads * (hidden * (width + 2) + 1) : heads * (heads * width + 1);
}

/** A result of attention times its gate, of vectors as wide as all heads. */
export function gated(out: Tensor, kind: GateKind, { query, rewriting, run }: Operands): Tensor {
  const [batch = 1, heads = 1, positions = 1, width = 1] = integers(query.shape);
  const weight = (...shape: number[]) => rewriting.weight(shape, query.dtype, query.requiresGrad);
  let gate: Tensor;
  if (kind === "all-heads") {
    const flat = run("reshape", run("transpose", query, 1, 2), [batch, positions, heads * width]);
    gate = run(
      "unsqueeze",
      run("transpose", run("linear", flat, weight(heads, heads * width), weight(heads)), 1, 2),
      -1,
    );
  } else {
    const hidden = width / 4;
    const input =
      kind === "linear"
        ? query
        : run("relu", run("add", run("matmul", query, weight(heads, width, hidden)), weight(heads, 1, hidden)));
    gate = run("add", run("matmul", input, weight(heads, integer(input.shape.at(-1) ?? 1), 1)), weight(heads, 1, 1));
  }
  return run("mul", out, run("sigmoid", gate));
}

/** A gate over all heads from the layer's input, put behind each call of SDPA that a plain name is given. */
export function gateEdit(
  { file, text, inference }: Subject,
  sites: readonly CallSite[],
): Fix | { readonly reason: string } {
  const code = codeOf(file, text);
  const edits: Fix["edits"][number][] = [];
  for (const { at, calls } of sites) {
    const call = code.calls.find((one) => {
      const span = code.span(one);
      return (
        at?.path === code.path && span.line === at.line && span.column === at.column && span.endColumn === at.endColumn
      );
    });
    const func = call && functionOf(call, code);
    const owner = func && ownerOf(func, code);
    const statement = call && statementOf(call, code);
    const target = statement?.kind === "Assign" && statement.value === call ? statement.targets[0] : undefined;
    const build = owner?.body.find((one) => one.kind === "FunctionDef" && one.name === "__init__");
    const [first] = calls;
    const input = first && inference.calls[first.operation.module]?.inputs[0];
    const given = func?.args[1]?.name;
    if (
      !owner ||
      !statement ||
      target?.kind !== "Name" ||
      build?.kind !== "FunctionDef" ||
      !given ||
      input?.shape.length !== 3
    )
      continue;
    const sequences = integer(input.shape[0] ?? 1);
    const last = build.body.at(-1);
    const made =
      last &&
      behind(last, `self.gate = nn.Linear(${integer(input.shape[2] ?? 1)}, ${(first?.rows ?? 0) / sequences})`, code);
    const used = behind(
      statement,
      `${target.id} = ${target.id} * torch.sigmoid(self.gate(${given})).transpose(1, 2).unsqueeze(-1)`,
      code,
    );
    const hasNames = ["torch", "nn"].every((name) =>
      code.nodes.some(
        (node) =>
          (node.kind === "Import" && node.names.some((one) => (one.asname ?? one.name) === name)) ||
          (node.kind === "ImportFrom" &&
            node.names !== "*" &&
            node.names.some((one) => (one.asname ?? one.name) === name)),
      ),
    );
    if (made && used && hasNames) edits.push(made, used);
  }
  return edits.length > 0
    ? { title: "Gate each head's result", edits }
    : { reason: "no name is given the result of scaled_dot_product_attention in a method that can hold a gate" };
}
