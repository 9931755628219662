/** Each finding has a page that explains it. */
import rules from "every:rules";
import assert from "node:assert/strict";
import { explained, explanation } from "../../src/advice/explain.ts";

describe("the pages that explain findings", () => {
  for (const id of explained()) {
    it(`${id} has one`, () => {
      const page = explanation(id);
      assert("markdown" in page);
      assert.match(page.markdown, /^# .+\n\n\S/);
      assert.match(page.markdown, new RegExp(`(#|//) assay: ignore\\[${id}\\]`), "it says how to silence it");
      assert.doesNotMatch(page.markdown, /# (warning|information|hint|error): \[/, "promises of tests are left out");
    });
  }

  for (const { record } of rules) {
    it(`${record.id} says why, and shows an example`, () => {
      const page = explanation(record.id);
      assert("markdown" in page);
      assert(page.markdown.split("## Example")[0]!.length > 100, "its comment says why");
      assert(page.markdown.includes("```python"), "an example from its test page");
    });
  }

  it("a name that is nearly right names the one that was meant", () => {
    assert.deepEqual(explanation("unused-layers"), { reason: "no finding is called unused-layers; unused-layer is" });
  });
});
