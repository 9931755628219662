import assert from "node:assert/strict";
import { commentFixes, completions } from "../../src/surfaces/directives.ts";
import { analyzed } from "../support/analysis.ts";

const text = `import torch.nn as nn

class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.a = nn.Linear(4, width)

    def forward(self, x):
        return self.a(x)
`;

describe("assay comments", () => {
  const report = analyzed("net.py", text);

  it("what was inferred can be written down, and is what is weighed then", () => {
    const [fix] = commentFixes(report, { line: 2, column: 0, endLine: 2, endColumn: 0 });
    assert.deepEqual(fix?.edits, [
      { span: { line: 2, column: 0, endLine: 2, endColumn: 0 }, text: "# assay: Net()(float32[B, T, 4])\n" },
    ]);
    const lines = text.split("\n");
    lines.splice(2, 0, "# assay: Net()(float32[B, T, 4])");
    const [model] = analyzed("net.py", lines.join("\n")).models;
    assert.equal(model?.evidence.kind, "comment");
    assert.equal(model?.root.flops, report.models[0]?.root.flops);
    assert.deepEqual(
      commentFixes(analyzed("net.py", lines.join("\n")), { line: 3, column: 0, endLine: 3, endColumn: 0 }),
      [],
    );
  });

  it("nothing is offered away from the class", () => {
    assert.deepEqual(commentFixes(report, { line: 5, column: 0, endLine: 5, endColumn: 0 }), []);
  });

  it("behind the colon stand the models as they are weighed", () => {
    assert.deepEqual(
      completions(report, "# assay: ", 9).map(({ insert }) => insert),
      ["Net()(float32[B, T, 4])", "ignore[", "ignore-file["],
    );
  });

  it("in the second call stand tensors, in their brackets sizes", () => {
    assert.ok(completions(report, "# assay: Net()(", 15).some(({ insert }) => insert === "int64[B, "));
    assert.deepEqual(
      completions(report, "# assay: Net()(float32[", 23).map(({ label }) => label),
      ["B", "T", "H", "W"],
    );
  });

  it("other lines get nothing", () => {
    assert.deepEqual(completions(report, "x = 1  # a comment", 18), []);
  });
});
