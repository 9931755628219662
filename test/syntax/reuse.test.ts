import assert from "node:assert/strict";
import { parser } from "./parser.ts";
import { sample } from "./sample.ts";

const nodes = (module: { statements: { node: object }[] }) => module.statements.map(({ node }) => node);

describe("a tree made from a former one", () => {
  it("keeps the objects of unchanged statements, and moves their chunks", () => {
    const text = "import a\n\nclass A:\n    x = 1\n\nb = 2\n";
    const before = parser.parse("model.py", text);
    const [, chunk] = before.statements.map((each) => each.chunk);
    const after = parser.parse("model.py", `import a\n\n\n\n${text.slice(9).replace("b = 2", "b = 3")}`, before);
    assert.deepEqual(
      nodes(after).map((node, index) => node === nodes(before)[index]),
      [true, true, false],
    );
    assert.equal(after.statements[1]?.chunk, chunk);
    assert.equal(chunk?.firstLine, 5);
  });

  it("gives each of several equal statements an object of its own", () => {
    const before = parser.parse("model.py", "f()\n");
    const after = parser.parse("model.py", "f()\nf()\n", before);
    assert.equal(new Set(nodes(after)).size, 2);
    const again = parser.parse("model.py", "f()\nx\nf()\n", after);
    assert.deepEqual([nodes(again)[0], nodes(again)[2]], nodes(after));
    assert.deepEqual(
      again.statements.map(({ chunk }) => chunk.firstLine),
      [0, 1, 2],
    );
  });

  it("keeps statements around a broken one, and a broken one that is not touched", () => {
    const before = parser.parse("model.py", "a = 1\nclass A(\n  def f(self: pass\nb = 2\n");
    assert.ok(before.problems.length > 0);
    const after = parser.parse("model.py", "a = 10\nclass A(\n  def f(self: pass\nb = 2\n", before);
    assert.deepEqual(
      nodes(after).map((node, index) => node === nodes(before)[index]),
      [false, true, true],
    );
    assert.deepEqual(after.problems, before.problems);
  });

  it("keeps nothing of another file", () => {
    const before = parser.parse("a.py", sample);
    const after = parser.parse("b.py", sample, before);
    assert.ok(nodes(after).every((node) => !nodes(before).includes(node)));
    assert.ok(after.statements.every(({ chunk }) => chunk.path === "b.py"));
  });

  it("is the same after its JSON", () => {
    const before = parser.parse("model.py", sample);
    assert.deepEqual(JSON.parse(JSON.stringify(before)), before);
  });
});
