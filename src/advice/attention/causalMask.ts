/** Whether a mask is the causal one: by what made it in the trace, by its elements, or by the code that made it in the model. */
import { numberOf } from "../../ops/shared/folding.ts";
import { integers } from "../../tensor/size.ts";
import { isTensor, type Tensor } from "../../tensor/tensor.ts";
import { codeOf } from "../code/tree.ts";
import type { Subject } from "../subject.ts";
import type { AttentionCall } from "./calls.ts";
import { scopesOf } from "./code.ts";
import { dataflowOf } from "./dataflow.ts";
import { passesOf } from "./sites.ts";
import { isCausalBias, triangleOf } from "./triangles.ts";

export function causalMaskOf(mask: Tensor, call: AttentionCall, subject: Subject): boolean {
  return byElements(mask) ?? (byMakers(mask, subject) || byCode(mask, call, subject));
}

/** Flags of what is kept, or numbers that are minus infinity behind the diagonal. */
function byElements({ data, shape, dtype }: Tensor): boolean | undefined {
  if (!data) return undefined;
  const [rows = 1, columns = 1] = integers(shape.slice(-2));
  return data.every((value, i) => {
    const isSeen = i % columns <= Math.floor(i / columns) % rows;
    return dtype === "bool" ? (value !== 0) === isSeen : isSeen ? value === 0 : value <= -1e4;
  });
}

/** A triangle of ones as flags, by way of views and casts. */
function byMakers(mask: Tensor, subject: Subject): boolean {
  for (const pass of passesOf(subject)) {
    const flow = dataflowOf(pass);
    let isTurned = false;
    let now = mask;
    for (let maker = flow.maker(now); maker; maker = flow.maker(now)) {
      const [source, diagonal] = maker.call.args;
      if (!isTensor(source)) break;
      if (maker.name === "aten.logical_not" || maker.name === "aten.bitwise_not") isTurned = !isTurned;
      else if (maker.name === "aten.tril" || maker.name === "aten.triu") {
        const from = numberOf(diagonal) ?? 0;
        const isOnes = flow.maker(source)?.name === "aten.ones";
        return (
          mask.dtype === "bool" &&
          isOnes &&
          (maker.name === "aten.tril" ? !isTurned && from === 0 : isTurned && from === 1)
        );
      } else if (!/^aten\.(view|unsqueeze|expand|_to_copy|contiguous|clone|slice)$/.test(maker.name)) break;
      now = source;
    }
  }
  return false;
}

/** The expression that the call is given as its mask. */
function byCode({ dtype }: Tensor, { at }: AttentionCall, { file, text }: Subject): boolean {
  if (at?.path !== file.path) return false;
  const code = codeOf(file, text);
  const call = code.calls.find((one) => {
    const span = code.span(one);
    return span.line === at.line && span.column === at.column && span.endColumn === at.endColumn;
  });
  const mask = call?.keywords.find(({ arg }) => arg === "attn_mask")?.value ?? call?.args[3];
  const scope =
    call &&
    scopesOf(file, text)
      .filter(({ func, firstLine }) => firstLine + func.line <= at.line && at.line <= firstLine + func.endLine)
      .at(-1);
  if (!mask || !scope) return false;
  return dtype === "bool" ? triangleOf(mask, scope) === "lower" : isCausalBias(mask, scope);
}
