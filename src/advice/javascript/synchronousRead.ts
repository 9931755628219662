import type { Expression } from "../../syntax/script/ast.ts";
import { calledName, surroundings, walkScript } from "../../syntax/script/walk.ts";
import type { ScriptRule } from "./rule.ts";

const asynchronous: Readonly<Record<string, string>> = { dataSync: "data", arraySync: "array" };

/**
 * A tensor's values read with `dataSync` or `arraySync` in a loop or an asynchronous function: the page stands still until the
 * GPU has done everything that was asked of it. `data()` and `array()` let it go on.
 */
const synchronousRead: ScriptRule = {
  id: "synchronous-read",
  price: "The values come a little later; other code may run in between.",

  *read({ script, placeOf }) {
    const found: { node: Expression; name: string; isAsync: boolean; inLoop: boolean }[] = [];
    walkScript(script.body, (node, around) => {
      if (node.kind !== "Call" || node.args.length > 0 || node.callee.kind !== "Member") return;
      const name = calledName(node);
      if (name === undefined || !(name in asynchronous)) return;
      const { func, loops } = surroundings(around);
      if (func?.isAsync !== true && loops.length === 0) return;
      found.push({ node, name, isAsync: func?.isAsync === true, inLoop: loops.length > 0 });
    });
    for (const { node, name, isAsync, inLoop } of found) {
      const text = script.text.slice(node.start, node.end);
      const goesOn = /^\s*[.[(?]/.test(script.text.slice(node.end));
      const awaited = `await ${text.replace(name, asynchronous[name] ?? name)}`;
      yield {
        severity: "warning",
        at: placeOf(node),
        what: `${name} waits for the GPU${inLoop ? " in every round of the loop" : ""} and stops the page meanwhile.`,
        why: `${asynchronous[name]}() gives the same values without stopping it${isAsync ? ", and this function can await them" : ""}.`,
        fixes: isAsync
          ? [
              {
                title: `Await ${asynchronous[name]}()`,
                edits: [{ span: placeOf(node), text: goesOn ? `(${awaited})` : awaited }],
              },
            ]
          : [],
      };
    }
  },
};
export default synchronousRead;
