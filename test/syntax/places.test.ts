import assert from "node:assert/strict";
import type { Span } from "../../src/base/place.ts";
import { absolute, nodesAt, walk } from "../../src/syntax/walk.ts";
import { parse } from "./parser.ts";

const text = `# first

@register(
    "net")
class Net(nn.Module):
    def forward(self, x):
        y = self.körper(x)[0]; return (y + 1)

async def main(): f"{net}"
`;
const lines = text.split("\n");

describe("places", () => {
  it("give the text that each node is written as", () => {
    const written: string[] = [];
    for (const { chunk, node } of parse(text).statements) {
      walk(node, (each) => {
        written.push(`${each.kind} ${between(absolute(each, chunk.firstLine))}`);
      });
    }
    assert.deepEqual(
      written.filter((each) => !each.includes("\n")),
      [
        "Name register",
        'Str "net"',
        "Attribute nn.Module",
        "Name nn",
        "Assign y = self.körper(x)[0]",
        "Name y",
        "Subscript self.körper(x)[0]",
        "Call self.körper(x)",
        "Attribute self.körper",
        "Name self",
        "Name x",
        "Int 0",
        "Return return (y + 1)",
        "BinOp y + 1",
        "Name y",
        "Int 1",
        'FunctionDef async def main(): f"{net}"',
        'ExpressionStatement f"{net}"',
        'JoinedStr f"{net}"',
        "Name net",
      ],
    );
  });

  it("count from the first decorator of the top-level statement", () => {
    const [net, main] = parse(text).statements;
    assert.deepEqual(
      [net?.chunk, main?.chunk],
      [
        { path: "model.py", firstLine: 2 },
        { path: "model.py", firstLine: 8 },
      ],
    );
    assert.equal(net?.node.line, 2);
    assert.equal(main?.node.line, 0);
  });

  it("leave decorators out of a definition and name it", () => {
    const net = parse(text).statements[0];
    assert.ok(net?.node.kind === "ClassDef");
    assert.match(between(absolute(net.node, 2)), /^class Net[^]*\(y \+ 1\)$/);
    assert.equal(between(absolute(net.node.nameSpan, 2)), "Net");
    const [forward] = net.node.body;
    assert.ok(forward?.kind === "FunctionDef");
    assert.equal(between(absolute(forward.nameSpan, 2)), "forward");
    assert.deepEqual(
      forward.args.map((each) => between(absolute(each, 2))),
      ["self", "x"],
    );
  });

  it("end a block before the comments that follow it", () => {
    const [found] = parse("if a:\n  b  # why\n  # more\n\nc\n").statements;
    assert.deepEqual([found?.node.endLine, found?.node.endColumn], [1, 3]);
  });
});

describe("nodesAt", () => {
  const at = (line: number, column: number) =>
    nodesAt(parse(text), line, column).map(({ node, span }) => `${node.kind} ${between(span).split("\n")[0]}`);

  it("gives the chain from the top-level statement to the innermost node", () => {
    assert.deepEqual(at(6, lines[6]?.indexOf("rper") as number), [
      "ClassDef class Net(nn.Module):",
      "FunctionDef def forward(self, x):",
      "Assign y = self.körper(x)[0]",
      "Subscript self.körper(x)[0]",
      "Call self.körper(x)",
      "Attribute self.körper",
    ]);
  });

  it("prefers the node that begins at the cursor to the one that ends there", () => {
    assert.equal(at(6, lines[6]?.indexOf("x)") as number).at(-1), "Name x");
    assert.equal(at(6, lines[6]?.indexOf("return") as number).at(-1), "Return return (y + 1)");
  });

  it("finds decorators and what stands in an f-string", () => {
    assert.deepEqual(at(3, 6), ["ClassDef class Net(nn.Module):", "Call @register(".replace("@", ""), 'Str "net"']);
    assert.equal(at(8, lines[8]?.indexOf("net") as number).at(-1), "Name net");
  });

  it("gives nothing between statements and past the end", () => {
    assert.deepEqual([at(0, 3), at(1, 0), at(7, 0), at(99, 0)], [[], [], [], []]);
  });
});

describe("directives", () => {
  it("are comments anywhere, with their places, and no text in strings", () => {
    const found = parse(
      `# assay: A(3)\nx = "# assay: no"  #assay:  B  \ndef f():\n  """\n  # assay: no\n  """\n  #  assay: C\n# essay: D\n`,
    );
    assert.deepEqual(
      found.directives.map((each) => [each.text, each.span]),
      [
        ["A(3)", { line: 0, column: 0, endLine: 0, endColumn: 13 }],
        ["B", { line: 1, column: 19, endLine: 1, endColumn: 31 }],
        ["C", { line: 6, column: 2, endLine: 6, endColumn: 13 }],
      ],
    );
  });

  it("are found in text that does not parse", () => {
    assert.deepEqual(
      parse("x = (\ndef f(:\n  '''\n# assay: A()\n").directives.map((each) => each.text),
      ["A()"],
    );
  });
});

function between({ line, column, endLine, endColumn }: Span): string {
  if (line === endLine) return (lines[line] as string).slice(column, endColumn);
  return [lines[line]?.slice(column), ...lines.slice(line + 1, endLine), lines[endLine]?.slice(0, endColumn)].join(
    "\n",
  );
}
