import assert from "node:assert/strict";
import { examples } from "./support/example.ts";
import { broken } from "./support/promises.ts";

const markdown = `# Page

\`\`\`settings
{ "a": 1, "b": 1 }
\`\`\`

## First

\`blocks.py\`:

\`\`\`py
# a comment, no heading
z = 1
\`\`\`

\`\`\`py
x = f$0(2)      #: f32[2]
y = g(x)      # error: [shape-mismatch] "last axis" # bug: it should fit
\`\`\`

\`\`\`hover
f32[2]
\`\`\`

### Deeper

\`\`\`settings
{ "b": 2 }
\`\`\`

\`\`\`py
pass
\`\`\`
`;

describe("the fixture reader", () => {
  const [first, deeper] = examples(markdown);

  it("reads files, settings, cursor and snapshots", () => {
    assert.equal(first?.title, "First");
    assert.equal(first.main, "main.py");
    assert.equal(first.files["blocks.py"], "# a comment, no heading\nz = 1\n");
    assert.deepEqual(first.cursor, { file: "main.py", line: 0, column: 5 });
    assert(first.files["main.py"]?.startsWith("x = f(2) "));
    assert.deepEqual(first.snapshots, { hover: "f32[2]\n" });
    assert.equal(deeper?.title, "First: Deeper");
    assert.deepEqual(
      [first.settings, deeper.settings],
      [
        { a: 1, b: 1 },
        { a: 1, b: 2 },
      ],
    );
  });

  it("reads promises with their rule, words and bug", () => {
    assert.deepEqual(first?.promises, [
      { line: 0, kind: "value", text: "f32[2]" },
      { line: 1, kind: "error", rule: "shape-mismatch", text: "last axis", bug: "it should fit" },
    ]);
  });

  const finding = { line: 1, severity: "error" as const, rule: "shape-mismatch", message: "last axis is 2" };
  const faults = (values: [number, string[]][], findings: (typeof finding)[]) =>
    broken(first?.promises ?? [], new Map(values), findings).map((fault) => fault.text);

  it("accepts what was promised", () => {
    assert.deepEqual(faults([[0, ["f32[2]"]]], [finding]), []);
  });

  it("refuses a wrong value, a missing finding and a surplus one", () => {
    assert.match(faults([[0, ["f32[3]"]]], [finding]).join(), /promised f32\[2\], found f32\[3\]/);
    assert.match(faults([[0, ["f32[2]"]]], []).join(), /did not come.*it should fit/);
    assert.match(faults([[0, ["f32[2]"]]], [finding, finding]).join(), /^not promised: # error: \[shape-mismatch\]/);
    assert.match(faults([[0, ["f32[2]"]]], [{ ...finding, line: 0 }]).join(), /did not come/);
  });

  it("refuses a page that breaks its rules", () => {
    assert.throws(() => examples("## A\n```py\nx  # error: words\n```\n"), /not of the form/);
    assert.throws(() => examples("## A\n```py\n```\n```py\n```\n"), /a second text for main.py/);
    assert.throws(() => examples("## A\n```py\n"), /never closed/);
  });
});
