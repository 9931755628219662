/** MemoryFormer's layers: tables that hashed inputs look rows up in, in place of matrices (arXiv:2411.12992). */

import { known } from "../../base/unknown.ts";
import type { Op } from "../../ops/op.ts";
import { fresh } from "../../ops/shared/making.ts";
import { itemBytes } from "../../tensor/dtype.ts";
import { count, integer } from "../../tensor/size.ts";
import { elements, type Tensor } from "../../tensor/tensor.ts";
import type { Operation, Trace } from "../../trace/trace.ts";
import { attentionCalls } from "../attention/calls.ts";
import { flowOf } from "../code/flow.ts";
import type { Subject } from "../subject.ts";
import type { ProductWeight } from "./products.ts";

/** What becomes of a matrix of a block. */
export type Part = "table" | "expanding" | "contracting" | "left out";

export interface TableForm {
  /** Inputs hashed together: tables have 2^bits rows. */
  readonly bits: number;
  readonly tables: number;
  readonly outputs: number;
}

/** K·2^τ rows of the outputs' width. */
export function tableElements({ bits, tables, outputs }: TableForm): number {
  return tables * 2 ** bits * outputs;
}

/** Multiply-adds of a token: K·(τ + h), the hash and the weighted sum of K rows. */
export function tableMacs({ bits, tables, outputs }: TableForm): number {
  return tables * (bits + outputs);
}

/** Elements of a block's tables: three of queries, keys and values, and the two of the feed-forward part. */
export function blockTableElements(width: number, bits: number, extra: number): number {
  const tables = Math.floor(width / bits);
  const hidden = (bits + extra) * tables;
  return (
    3 * tableElements({ bits, tables, outputs: width }) +
    tableElements({ bits, tables, outputs: hidden }) +
    tableElements({ bits: bits + extra, tables, outputs: width })
  );
}

export function formOf(part: Part, weight: ProductWeight, width: number, bits: number, extra: number): TableForm {
  const tables = Math.floor(width / bits);
  if (part === "contracting") return { bits: bits + extra, tables, outputs: weight.outputs };
  return { bits, tables, outputs: part === "expanding" ? (bits + extra) * tables : weight.outputs };
}

/** Looks rows up: for each token and table one row is read. Backward keeps a code and a score for each. */
export function memoryLayer(form: TableForm): Op {
  const tokens = (x: Tensor) => count(x.shape) / integer(x.shape.at(-1) ?? 1);
  return {
    name: "memoryformer.memory_layer",
    result: ([input]) => {
      const x = input as Tensor;
      return fresh([...x.shape.slice(0, -1), form.outputs], x.dtype);
    },
    macs: ([input]) => tokens(input as Tensor) * tableMacs(form),
    saves: ([input]) => [
      input as Tensor,
      { extraBytes: 8 * form.tables * tokens(input as Tensor), what: "codes and scores" },
    ],
    traffic([input]) {
      const x = input as Tensor;
      const [own, item] = [known(elements(x.shape)) ?? 0, itemBytes(x.dtype)];
      const rows = tokens(x) * form.tables * form.outputs;
      return { read: (own + rows) * item, written: tokens(x) * form.outputs * item };
    },
  };
}

/** A block's matrices by what becomes of them, from where they stand to its attention; nothing where that is not clear. */
export function partsOf(
  weights: readonly ProductWeight[],
  { pass, figures }: Pick<Subject, "pass" | "figures">,
): Map<ProductWeight, Part> | undefined {
  const { readers } = flowOf(pass, figures);
  const first = (one: ProductWeight): Operation | undefined =>
    readers(one.tensor.storage).find(({ macs }) => macs !== 0);
  const positions = weights.map((one) => first(one)?.index ?? -1);
  const [from, to] = [Math.min(...positions), Math.max(...positions)];
  const attention = attentionIn(pass).find((index) => index > from && index < to);
  if (attention === undefined) return undefined;
  const parts = new Map<ProductWeight, Part>();
  let behind = 0;
  for (const [i, one] of weights.entries()) {
    if ((positions[i] as number) < attention) parts.set(one, "table");
    else if (behind++ === 0) {
      if (one.inputs !== one.outputs) return undefined;
      parts.set(one, "left out");
    } else if (one.outputs > one.inputs) parts.set(one, "expanding");
    else if (one.inputs > one.outputs) parts.set(one, "contracting");
    else return undefined;
  }
  return [...parts.values()].includes("contracting") ? parts : undefined;
}

function attentionIn(pass: Trace): number[] {
  return attentionCalls(pass).map(({ operation }) => operation.index);
}
