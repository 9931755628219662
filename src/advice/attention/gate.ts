/** Gated attention (Quantizable Transformers, arXiv:2306.12929): a gate for each head and token on attention's result. */
import { integer, integers } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Operation, Trace } from "../../trace/trace.ts";
import type { AttentionCall, Operands } from "./calls.ts";

export type GateKind = "linear" | "mlp" | "all-heads";

/** Parameters of a layer's gate: `h·(d_h + 1)`, `h·(n·(d_h + 2) + 1)` with n = d_h/4, `h·(d + 1)`. */
export function gateParameters(kind: GateKind, heads: number, width: number): number {
  if (kind === "linear") return heads * (width + 1);
  const hidden = width / 4;
  return kind === "mlp" ? heads * (hidden * (width + 2) + 1) : heads * (heads * width + 1);
}

/** A result of attention times its gate, which is computed of the layer's input, or of the queries where that is not known. */
export function gated(
  out: Tensor,
  input: Tensor | undefined,
  kind: GateKind,
  { query, rewriting, run }: Operands,
): Tensor {
  const [batch = 1, heads = 1, positions = 1, width = 1] = integers(query.shape);
  const weight = (...shape: number[]) => rewriting.weight(shape, query.dtype, query.requiresGrad);
  const known = input && rewriting.now(input);
  const given = known && integer(known.shape[2] ?? 1) === heads * width ? known : undefined;
  let gate: Tensor;
  if (kind === "all-heads") {
    const flat = given ?? run("reshape", run("transpose", query, 1, 2), [batch, positions, heads * width]);
    gate = run(
      "unsqueeze",
      run("transpose", run("linear", flat, weight(heads, heads * width), weight(heads)), 1, 2),
      -1,
    );
  } else {
    const hidden = width / 4;
    const split = given ? run("transpose", run("view", given, [batch, positions, heads, width]), 1, 2) : query;
    const inner =
      kind === "linear"
        ? split
        : run("relu", run("add", run("matmul", split, weight(heads, width, hidden)), weight(heads, 1, hidden)));
    gate = run("add", run("matmul", inner, weight(heads, integer(inner.shape.at(-1) ?? 1), 1)), weight(heads, 1, 1));
  }
  return run("mul", out, run("sigmoid", gate));
}

/** Whether what first reads a result of attention multiplies it with a sigmoid's. */
export function isGated({ operation }: AttentionCall, { events }: Trace): boolean {
  const { storage } = operation.call.out[0] as Tensor;
  const sigmoids = new Set(
    events
      .flatMap((event) => (event.kind === "operation" && event.name === "aten.sigmoid" ? event.outputs : []))
      .map((one) => one.storage),
  );
  const reader = events.find(
    (event): event is Operation =>
      event.kind === "operation" &&
      event.index > operation.index &&
      event.inputs.some((one) => one.storage === storage),
  );
  return reader?.name === "aten.mul" && reader.inputs.some((one) => sigmoids.has(one.storage));
}
