import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { FunctionDef, Module } from "../../src/syntax/ast.ts";
import { deferredBody } from "../../src/syntax/deferred.ts";
import { parser } from "./parser.ts";

const files = (folder: string, ending: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending))
    .map((file) => path.join(folder, file));

/** Trees without the ends of definitions and what holds them: a comment behind a body that was not read belongs to it. */
function text(module: Module): string {
  return JSON.stringify(module.statements, (key, value) =>
    key === "endLine" || key === "endColumn" ? undefined : value,
  );
}

describe("bodies that are lowered when somebody asks", () => {
  for (const file of [
    ...files("src/torch/nn", ".py"),
    ...files("src/libraries", ".py"),
    ...files("test/models", ".py"),
  ])
    it(`${file}: the tree is that of reading all at once`, () => {
      const source = readFileSync(file, "utf8");
      assert.equal(text(parser.parseOnce(file, source)), text(parser.parse(file, source)));
    });

  const tree = (source: string) => parser.parseOnce("a.py", source).statements.map(({ node }) => node);

  it("a body is left until it is asked for", () => {
    const [func] = tree("def f(a, b=1):\n    return a + b\n") as [FunctionDef];
    assert.ok(deferredBody(func));
    assert.equal(func.body[0]?.kind, "Return");
    assert.equal(func.body[0]?.line, 1);
    assert.equal(deferredBody(func), undefined);
  });

  it("what is asked of a body before it is read is found in its text", () => {
    const [one, two] = tree('def f():\n    "text"\n    super()\ndef g():\n    return 1\n') as [
      FunctionDef,
      FunctionDef,
    ];
    assert.deepEqual(deferredBody(one), { mentionsClass: true, hasDoc: true });
    assert.deepEqual(deferredBody(two), { mentionsClass: false, hasDoc: false });
  });

  it("a text that does not parse is read at once", () => {
    const [func] = tree("def f(:\n    return 1\n\nx = (\n");
    assert.ok(func?.kind !== "FunctionDef" || deferredBody(func) === undefined);
  });
});
