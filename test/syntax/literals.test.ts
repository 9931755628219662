import assert from "node:assert/strict";
import { parse } from "./parser.ts";
import { shown } from "./show.ts";

const cases: Record<string, string> = {
  "0o17, 0b1_0, 1_000, 0xFF, 00": "Tuple(elts=[15, 2, 1000, 255, 0])",
  "010, 10L": "Tuple(elts=[8, 10])",
  "9007199254740991, 0x20_0000_0000_0000": 'Tuple(elts=[9007199254740991, BigInt(digits="9007199254740992")])',
  "1_0e3, .5, 5., 1E-2": "Tuple(elts=[Float(value=10000), Float(value=0.5), Float(value=5), Float(value=0.01)])",
  "1j, 1.5J": "Tuple(elts=[Imaginary(value=1), Imaginary(value=1.5)])",
  "True, False, None, ...": "Tuple(elts=[true, false, null, ...])",
  "'\\u00e9\\x41\\101\\n\\q\\\\'": String.raw`Str(value="éAA\n\\q\\")`,
  "'\\U0001F600\\0\\a'": String.raw`Str(value="😀\u0000\u0007")`,
  "r'\\n' R\"\\\"\" u'x'": String.raw`Str(value="\\n\\\"x")`,
  "rb'\\x' b\"\\x41\\377\\u0041\"": String.raw`Bytes(value="\\xAÿ\\u0041")`,
  '\'\'\'a\nb\'\'\' """it\'s "quoted" """': String.raw`Str(value="a\nbit's \"quoted\" ")`,
  "'a\\\nb'": 'Str(value="ab")',
  "''": "Str()",
  'f"a" "{b}" f"{{c}}"': 'JoinedStr(values=["a{b}{c}"])',
  'f"{x!r:>{w}.{p}} is {x.shape[1]:.2f}"':
    'JoinedStr(values=[{value=x conversion="r" format=JoinedStr(values=[">", {value=w}, ".", {value=p}])}, " is ", ' +
    '{value=Subscript(value=Attribute(value=x attr="shape") slice=1) format=JoinedStr(values=[".2f"])}])',
  'f"{x = } {y=!s} {z=:3}"':
    'JoinedStr(values=[{value=x conversion="r" debug="x "}, " ", {value=y conversion="s" debug="y"}, " ", ' +
    '{value=z format=JoinedStr(values=["3"]) debug="z"}])',
  'f"{d["key"]}{f"{x}"}"':
    'JoinedStr(values=[{value=Subscript(value=d slice=Str(value="key"))}, {value=JoinedStr(values=[{value=x}])}])',
  'rf"\\d{x}" f"\\t{x,}"': String.raw`JoinedStr(values=["\\d", {value=x}, "\t", {value=Tuple(elts=[x])}])`,
  'f"{x!=y} {(y:=3)}"':
    'JoinedStr(values=[{value=Compare(left=x ops=["!="] comparators=[y])}, " ", {value=NamedExpr(target="y" value=3)}])',
  'f"{x:=5}"': 'JoinedStr(values=[{value=x format=JoinedStr(values=["=5"])}])',
  'print(f"{x:=^9}")': "Call(func=print args=[JoinedStr(values=[{value=BrokenExpression()}])])",
};

describe("literals", () => {
  for (const [text, tree] of Object.entries(cases)) {
    it(text, () => {
      const module = parse(`${text}\n`);
      assert.equal(shown(module), tree);
      assert.deepEqual(module.problems, []);
    });
  }

  it("end their lines with \\n whatever the file does", () => {
    assert.equal(
      shown(parse('x = """a\r\nb"""\r\ny = 1\r\n')),
      'Assign(targets=[x] value=Str(value="a\\nb"))\nAssign(targets=[y] value=1)',
    );
  });
});
