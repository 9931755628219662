import assert from "node:assert/strict";
import { shiftBetween, shifted } from "../../src/surfaces/shifting.ts";
import { enclosingClass, wordAt } from "../../src/surfaces/words.ts";
import { law } from "../support/random.ts";

describe("places after an edit", () => {
  law("a line is where its text is, in both directions", 200, ({ integer, pick }) => {
    const before = Array.from({ length: integer(1, 12) }, (_, index) => `line ${index}`);
    const after = [...before];
    after.splice(
      integer(0, before.length),
      integer(0, 3),
      ...Array.from({ length: integer(0, 3) }, () => pick(["new", "", "line 3"])),
    );
    const { forward, back } = shiftBetween(before.join("\n"), after.join("\n"));
    for (let line = 0; line < before.length; line++) {
      const now = forward(line);
      if (now === undefined) continue;
      assert.equal(after[now], before[line]);
      assert.equal(back(now), line);
    }
  });

  it("lines around an edit keep their places, the edited one has none", () => {
    const { forward } = shiftBetween("a\nb\nc\nd", "a\nx\ny\nc\nd");
    assert.deepEqual([0, 1, 2, 3].map(forward), [0, undefined, 3, 4]);
  });

  it("a span that an edit went through has no place", () => {
    const shift = shiftBetween("a\nb\nc", "a\nx\nb\nc");
    assert.deepEqual(shifted({ line: 1, endLine: 2 }, shift), { line: 2, endLine: 3 });
    assert.equal(shifted({ line: 0, endLine: 1 }, shift), undefined);
  });
});

describe("words", () => {
  const lines = [
    "class A(nn.Module):",
    "    def f(",
    "        self,",
    "    ):",
    "        x = self.h.mlp(x0)",
    "",
    "def g():",
    "    pass",
  ];

  it("a dotted name is read up to the word under the cursor", () => {
    assert.deepEqual(wordAt(lines, 4, 18)?.chain, ["self", "h"]);
    assert.deepEqual(wordAt(lines, 4, 20)?.chain, ["self", "h", "mlp"]);
    assert.equal(wordAt(lines, 4, 11), undefined);
  });

  it("the class around a line is the one whose body holds it", () => {
    assert.equal(enclosingClass(lines, 4)?.name, "A");
    assert.equal(enclosingClass(lines, 7), undefined);
  });
});
