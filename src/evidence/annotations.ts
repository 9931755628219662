/** Shapes that `forward`'s annotations state: `x: Float[Tensor, "batch 3 height width"]`, as jaxtyping writes them. */
import type { Scenario } from "../base/scenario.ts";
import type { Expression, FunctionDef } from "../syntax/ast.ts";
import type { DType } from "../tensor/dtype.ts";
import { type Size, scenarioSize } from "../tensor/size.ts";

export interface AnnotatedShape {
  readonly dtype: DType;
  readonly shape: readonly Size[];
}

const dtypes: Readonly<Record<string, DType>> = {
  Float: "float32",
  Float32: "float32",
  Float64: "float64",
  Float16: "float16",
  BFloat16: "bfloat16",
  Int: "int64",
  Int64: "int64",
  Int32: "int32",
  Integer: "int64",
  Bool: "bool",
  Shaped: "float32",
  Num: "float32",
};

/** The shape of a parameter's annotation; undefined where it states none, or names an axis that the scenario does not know. */
export function annotatedShape(
  node: FunctionDef | undefined,
  parameter: string,
  scenario: Scenario,
): AnnotatedShape | undefined {
  const annotation = node?.args.find(({ name }) => name === parameter)?.annotation;
  if (annotation?.kind !== "Subscript" || annotation.slice.kind !== "Tuple") return undefined;
  const dtype = dtypes[lastName(annotation.value)];
  const [, axes] = annotation.slice.elts;
  if (!dtype || axes?.kind !== "Str") return undefined;
  const shape = axes.value
    .trim()
    .split(/\s+/)
    .map((axis) => sizeOf(axis, scenario));
  return shape.every((size) => size !== undefined) ? { dtype, shape: shape as Size[] } : undefined;
}

function lastName(node: Expression): string {
  if (node.kind === "Name") return node.id;
  return node.kind === "Attribute" ? node.attr : "";
}

/** `3`, `batch`, `c=3`: an axis as a size. */
function sizeOf(axis: string, { batch, sequence, imageSize }: Scenario): Size | undefined {
  const fixed = /^(?:\w+=)?(\d+)$/.exec(axis)?.[1];
  if (fixed !== undefined) return Number(fixed);
  if (/^(b|batch|batch_size|bs)$/i.test(axis)) return scenarioSize("B", batch);
  if (/^(t|s|l|n|seq|seq_len|sequence|length|time|tokens|n_tokens)$/i.test(axis)) return scenarioSize("T", sequence);
  if (/^(h|height)$/i.test(axis)) return scenarioSize("H", imageSize);
  return /^(w|width)$/i.test(axis) ? scenarioSize("W", imageSize) : undefined;
}
