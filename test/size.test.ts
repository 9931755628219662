import assert from "node:assert/strict";
import path from "node:path";
import { sourceFiles } from "./support/sources.ts";

const longest = 300;
/** Words that name nothing. Whole words of a camelCase name, so that `database` and `information` stay free. */
const banned = new Set(
  "Manager Helper Helpers Util Utils Provider Providers Service Services Impl Handler Handlers Ctx".split(" "),
);
/** Words that name nothing in a type, and something in a value: PyTorch's tensors have `data`. */
const bannedInTypes = new Set(["Info", "Data"]);
/** Names that Python gave. */
const foreign = new Set(["ExceptHandler"]);

describe("house style", () => {
  for (const { file, text } of [...sourceFiles("src"), ...sourceFiles("test")]) {
    it(`${file} is small and plainly named`, () => {
      const lines = text.split("\n").length - 1;
      assert(lines <= longest, `${lines} lines; ${longest} is the limit`);
      const names = [path.basename(file, path.extname(file)), ...exportedNames(text)];
      assert.deepEqual(names.filter(isBanned), []);
    });
  }
});

function exportedNames(text: string): string[] {
  const declared = text.matchAll(
    /^export (?:default )?(?:async )?(?:function\*?|const|let|class|interface|type) (\w+)/gm,
  );
  return [...declared].map(([, name]) => name!);
}

function isBanned(name: string): boolean {
  if (foreign.has(name)) return false;
  const words = name.split(/(?=[A-Z])|[-_.]/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const isType = /^[A-Z]/.test(name);
  return words.some((word) => banned.has(word) || (isType && bannedInTypes.has(word))) || /^I[A-Z][a-z]/.test(name);
}
