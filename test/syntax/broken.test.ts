import assert from "node:assert/strict";
import { parse } from "./parser.ts";
import { shown } from "./show.ts";

/** A text being typed; what is made of it; and its problems, with the lines on which they begin. */
const cases: [title: string, text: string, tree: string, problems: string[]][] = [
  [
    "an attribute still to be named does not take the next line",
    "x = self.\ny = 3\n",
    "Assign(targets=[x] value=BrokenExpression())\nAssign(targets=[y] value=3)",
    ["0 unfinished statement"],
  ],
  [
    "parameters still open",
    "def f(\nx = 1\n",
    'FunctionDef(name="f")\nAssign(targets=[x] value=1)',
    ["0 missing an indented block", "0 missing )"],
  ],
  [
    "a class header still open keeps its methods",
    'class A(nn.Module\n  """doc"""\n  def f(self, x\n    y = x\n    return y\nb\n',
    'ClassDef(name="A" bases=[Attribute(value=nn attr="Module")] body=[Str(value="doc"), FunctionDef(name="f" ' +
      'args=[positional(name="self"), positional(name="x")] body=[Assign(targets=[y] value=x), Return(value=y)])])\nb',
    ["0 missing )", "2 missing )"],
  ],
  [
    "a call still open in a method",
    "def f(self):\n    self.a = nn.Linear(10,\n    self.b = 2\n",
    'FunctionDef(name="f" args=[positional(name="self")] body=[Assign(targets=[Attribute(value=self attr="a")] ' +
      'value=Call(func=Attribute(value=nn attr="Linear") args=[10])), Assign(targets=[Attribute(value=self attr="b")] value=2)])',
    ["1 missing )"],
  ],
  [
    "a string still open",
    'x = "abc\ny = 2\n',
    'Assign(targets=[x] value=Str(value="abc"))\nAssign(targets=[y] value=2)',
    ['0 missing "'],
  ],
  [
    "a docstring still open ends where a definition stands further left",
    'class A:\n  def f(self):\n    """\n    x = 1\n  def g(self): pass\n',
    'ClassDef(name="A" body=[FunctionDef(name="f" args=[positional(name="self")] body=[Str(), Assign(targets=[x] value=1)]), ' +
      'FunctionDef(name="g" args=[positional(name="self")] body=[Pass()])])',
    ['2 missing """'],
  ],
  ["a colon missing", "if a\n  b\nelse:\n  c\n", "If(test=a body=[b] orelse=[c])", ["0 missing :"]],
  [
    "a comparison without its right side",
    "while a ==\n  b\n",
    'While(test=Compare(left=a ops=["=="] comparators=[BrokenExpression()]) body=[b])',
    ["0 unfinished statement"],
  ],
  [
    "values that make no sense still bind and return",
    "x = = 3\nself.a, b = 1 2\nreturn a b\n",
    'Assign(targets=[x] value=BrokenExpression())\nAssign(targets=[Tuple(elts=[Attribute(value=self attr="a"), b])] ' +
      "value=BrokenExpression())\nReturn(value=BrokenExpression())",
    ["0 cannot be parsed", "1 cannot be parsed", "2 cannot be parsed"],
  ],
  [
    "imports still open bind nothing",
    "import torch.\nfrom a import\nb\n",
    "BrokenStatement()\nBrokenStatement()\nb",
    ["0 cannot be parsed", "1 cannot be parsed"],
  ],
  [
    "parameters that make no sense are known by name",
    "def f(self, x 3, *y=):\n  return x\n",
    'FunctionDef(name="f" args=[positional(name="self"), positional(name="x"), var-positional(name="y")] body=[Return(value=x)])',
    ["0 cannot be parsed"],
  ],
  [
    "bases that make no sense are unknown",
    "class A(3x+:\n  a\n",
    'ClassDef(name="A" bases=[BrokenExpression()] body=[a])',
    ["0 cannot be parsed"],
  ],
  [
    "names still to be typed",
    "def\nclass\nx\n",
    "BrokenStatement()\nBrokenStatement()\nx",
    ["0 cannot be parsed", "1 missing an indented block", "1 unfinished statement"],
  ],
  [
    "wrong indentation stays in the block around it",
    "def f():\n    a\n      b\n    c\n  d\ne\n",
    'FunctionDef(name="f" body=[a, b, c, d])\ne',
    ["2 unexpected indentation", "4 unexpected indentation"],
  ],
  [
    "a body still to be written",
    "def f():\n  # soon\nx\n",
    'FunctionDef(name="f")\nx',
    ["0 missing an indented block"],
  ],
  [
    "an else without an if happens or does not",
    "else:\n  a\n",
    "If(test=BrokenExpression() body=[a])",
    ["0 belongs to no statement"],
  ],
  ["a decorator without a definition", "@a\nx = 1\n", "Assign(targets=[x] value=1)", ["0 decorates nothing"]],
  [
    "a case still open",
    "match a:\n  case 1: b\n  case [1, :\n    c\n",
    "Match(subject=a cases=[{pattern=MatchValue(value=1) body=[b]}, {pattern=MatchAs() guard=BrokenExpression() body=[c]}])",
    ["2 cannot be parsed"],
  ],
  ["a continuation at the end", "x = 1 \\", "Assign(targets=[x] value=1)", ["0 unfinished statement"]],
  [
    "arguments left behind by a call that was cut off",
    "def f():\n  g(\n    h\n    a,\n    b=c,\n  )\n  return d\n",
    'FunctionDef(name="f" body=[Call(func=g args=[h]), Tuple(elts=[a]), ' +
      "Assign(targets=[b] value=Tuple(elts=[c])), BrokenStatement(), Return(value=d)])",
    ["1 missing )", "3 unexpected indentation", "5 cannot be parsed"],
  ],
  ["a bracket too many", "a\nf(x))\nb\n", "a\nBrokenStatement()\nb", ["1 cannot be parsed"]],
];

describe("text that does not parse", () => {
  for (const [title, text, tree, problems] of cases) {
    it(title, () => {
      const module = parse(text);
      assert.equal(shown(module), tree);
      assert.deepEqual(
        module.problems.map(({ message, span }) => `${span.line} ${message}`),
        problems,
      );
    });
  }

  it("keeps the columns that the user wrote in repaired lines", () => {
    const [method] = parse("class A:\n      def f(self, x\n          y = x\n").statements;
    assert.ok(method?.node.kind === "ClassDef" && method.node.body[0]?.kind === "FunctionDef");
    const { nameSpan, body } = method.node.body[0];
    assert.deepEqual([nameSpan.line, nameSpan.column], [1, 10]);
    assert.deepEqual([body[0]?.line, body[0]?.column, body[0]?.endColumn], [2, 10, 15]);
  });

  it("may nest too deeply for us, or be endless", () => {
    const deep = parse(`x = ${"(".repeat(10_000)}1${")".repeat(10_000)}\ny = 2\n`);
    assert.equal(shown(deep), "Assign(targets=[x] value=BrokenExpression())\nAssign(targets=[y] value=2)");
    assert.deepEqual(
      deep.problems.map(({ message }) => message),
      ["nested too deeply"],
    );
    assert.equal(shown(parse(`if x: y\n${"elif x: y\n".repeat(5000)}`)), "BrokenStatement()");
    for (const part of ["(", "{:", "f'{", "not ", "if x:\n ", "[a for ", '"""', "lambda: ", "x.", "\\\n"])
      parse(part.repeat(3000));
  });

  it("is given up where hardly anything is Python, with one problem for the rest", () => {
    const prose = parse("It was the best of times, it was the worst of times.\n".repeat(2000));
    assert.ok(prose.problems.length > 100 && prose.problems.length < 1000);
    assert.equal(prose.problems.at(-1)?.span.endLine, 1999);
    assert.equal(shown(parse("")), "");
    assert.deepEqual(parse("").problems, []);
  });
});
