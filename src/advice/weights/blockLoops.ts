/** Loops over a model's blocks in the user's code, and the edit that runs the blocks several times. */
import type { Fix } from "../../cost/report.ts";
import type { Expression, Statement } from "../../syntax/ast.ts";
import { replace } from "../code/edits.ts";
import { constructionOf } from "../code/flow.ts";
import { type CallNode, type Code, enclosing } from "../code/tree.ts";
import type { Stack } from "./sharing.ts";

type Loop = Extract<Statement, { kind: "For" }>;

/** The one loop in which the blocks of a stack run; nothing where there is none or are several. */
export function loopOver({ path }: Stack, code: Code): Loop | undefined {
  const name = path.split(".").at(-1);
  const loops = code.nodes.filter((node): node is Loop => node.kind === "For" && listOf(node, name) !== undefined);
  return loops.length === 1 ? loops[0] : undefined;
}

/** `self.h`, also inside `enumerate(self.h)`. */
function listOf({ iter }: Loop, name: string | undefined): Expression | undefined {
  const one = iter.kind === "Call" && iter.func.kind === "Name" && iter.func.id === "enumerate" ? iter.args[0] : iter;
  return one?.kind === "Attribute" && one.attr === name ? one : undefined;
}

/** The `range(n)` of the comprehension that builds the blocks. */
function rangeOf({ blocks }: Stack, code: Code): CallNode | undefined {
  const [first] = blocks;
  const call = first && constructionOf(first, code);
  const list = call && enclosing(call, code, "ListComp", "GeneratorExp");
  const iter = list?.generators[0]?.iter;
  return iter?.kind === "Call" && iter.func.kind === "Name" && iter.func.id === "range" && iter.args.length === 1
    ? iter
    : undefined;
}

/** `for block in self.h:` becomes `for block in list(self.h) * times:`, and the list is built that much shorter. */
export function repeatedBlocks(stack: Stack, times: number, code: Code): Fix | { readonly reason: string } {
  const loop = loopOver(stack, code);
  const list = loop && listOf(loop, stack.path.split(".").at(-1));
  const range = rangeOf(stack, code);
  const count = range?.args[0];
  if (!list || !count)
    return { reason: "no one loop in this file runs blocks that one comprehension over a range builds" };
  const written = code.text(count);
  const plain = /^[\w.]+$/.test(written) ? written : `(${written})`;
  const fewer = count.kind === "Int" ? String(stack.blocks.length / times) : `${plain} // ${times}`;
  return {
    title: `Run ${stack.blocks.length / times} blocks ${times} times`,
    edits: [replace(list, `list(${code.text(list)}) * ${times}`, code), replace(count, fewer, code)],
  };
}

/** The comprehension that builds the blocks, over fewer of them. */
export function fewerBlocks(stack: Stack, kept: number, code: Code): Fix | { readonly reason: string } {
  const count = rangeOf(stack, code)?.args[0];
  if (!count) return { reason: "no comprehension over a range builds its blocks in this file" };
  return { title: `Keep ${kept} of ${stack.blocks.length} blocks`, edits: [replace(count, String(kept), code)] };
}
