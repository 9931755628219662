import type { Expression, Statement } from "../../syntax/script/ast.ts";
import { calledName, type ScriptPart, surroundings, walkScript } from "../../syntax/script/walk.ts";
import type { ScriptRule } from "./rule.ts";

/** Functions of `tf` that make no tensor. */
const makesNone =
  /^(tidy|keep|dispose\w*|memory|nextFrame|ready|setBackend|getBackend|env|engine|sequential|model|input|loadLayersModel|loadGraphModel|enableProdMode|registerBackend|time|profile|browser|train|variable)$/;

/**
 * Tensors made in every round of a loop and never let go of: what the GPU holds is not collected as JavaScript's objects are, so
 * that memory grows until the page is out of it. `tf.tidy` lets go of all but what its function gives.
 */
const untidiedLoop: ScriptRule = {
  id: "untidied-loop",
  price: "None: what the function inside gives is kept.",

  *read({ script, placeOf }) {
    const tidy = (around: readonly ScriptPart[]) =>
      around.some((one) => one.kind === "Call" && /^(tidy|variableGrads|grads?|minimize)$/.test(calledName(one) ?? ""));
    const loops = new Map<ScriptPart, { count: number; first: Expression }>();
    walkScript(script.body, (node, around) => {
      if (node.kind !== "Call" || node.callee.kind !== "Member" || tidy(around)) return;
      const { object, property } = node.callee;
      if (object.kind !== "Name" || object.name !== "tf" || typeof property !== "string" || makesNone.test(property))
        return;
      const loop = surroundings(around).loops[0];
      if (!loop) return;
      const entry = loops.get(loop);
      loops.set(loop, { count: (entry?.count ?? 0) + 1, first: entry?.first ?? node });
    });
    for (const [loop, { count, first }] of loops) {
      const text = script.text.slice(loop.start, loop.end);
      if (/\.dispose\(|tf\.dispose|startScope|endScope|\.push\(|tf\.keep/.test(text)) continue;
      yield {
        severity: "warning",
        at: placeOf(first),
        what: `${count === 1 ? "A tensor is" : `At least ${count} tensors are`} made in every round of this loop and never let go of.`,
        why: "What they take is not given back before the page ends: put the round's work into tf.tidy(() => { … }).",
        fixes: wrapped(loop as Statement, script.text, placeOf),
      };
    }
  },
};
export default untidiedLoop;

/** A body whose statements assign nothing outside and wait for nothing can stand in a function of its own. */
function wrapped(
  loop: Statement,
  text: string,
  placeOf: Parameters<NonNullable<ScriptRule["read"]>>[0]["placeOf"],
): { title: string; edits: { span: ReturnType<typeof placeOf>; text: string }[] }[] {
  const body = "body" in loop && !Array.isArray(loop.body) ? (loop.body as Statement) : undefined;
  if (body?.kind !== "Block") return [];
  const inside = text.slice(body.start + 1, body.end - 1);
  if (/\b(await|break|continue|return|yield|var)\b/.test(inside)) return [];
  return [
    {
      title: "Wrap the round in tf.tidy",
      edits: [
        { span: placeOf({ start: body.start, end: body.start + 1 }), text: "{ tf.tidy(() => {" },
        { span: placeOf({ start: body.end - 1, end: body.end }), text: "}); }" },
      ],
    },
  ];
}
