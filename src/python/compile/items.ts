/** Items of displays and of calls. */
import { Unknown } from "../../base/unknown.ts";
import type { Expression } from "../../syntax/ast.ts";
import type { Evaluate, Frame } from "../code.ts";
import { iterate } from "../iteration.ts";
import type { Value } from "../values.ts";
import { compileExpression, mayRun } from "./expressions.ts";
import type { Scope } from "./scope.ts";

/**
 * Items of a display or of a call's arguments, `*parts` spread; `first` comes before them where it is given. What is
 * evaluated is held until all is.
 */
export function compileItems(nodes: readonly Expression[], scope: Scope): (f: Frame, first?: Value) => Value[] {
  const parts = nodes.map((node) =>
    node.kind === "Starred"
      ? { spread: true, run: compileExpression(node.value, scope) }
      : { spread: false, run: compileExpression(node, scope) },
  );
  const held = nodes.slice(1).some(mayRun);
  const [first] = parts;
  if (!first) return (_f, before) => (before === undefined ? [] : [before]);
  if (parts.length === 1 && !first.spread) {
    const { run } = first;
    return (f, before) => (before === undefined ? [run(f)] : [before, run(f)]);
  }
  if (!held && parts.every(({ spread }) => !spread)) {
    const runs = parts.map(({ run }) => run);
    return (f, before) => {
      const items: Value[] = before === undefined ? [] : [before];
      for (let i = 0; i < runs.length; i++) items.push((runs[i] as Evaluate)(f));
      return items;
    };
  }
  return (f, before) => {
    const items: Value[] = before === undefined ? [] : [before];
    if (held) f.temporaries.push(items);
    for (const { spread, run } of parts) {
      if (!spread) items.push(run(f));
      else {
        const value = run(f);
        if (value instanceof Unknown) {
          f.py.note("assumption", `*${value.reason}: how many it holds is not known`);
          continue;
        }
        const next = iterate(f.py, value);
        for (let item = next(); item !== undefined; item = next()) items.push(item);
      }
    }
    if (held) f.temporaries.pop();
    return items;
  };
}
