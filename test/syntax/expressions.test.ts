import assert from "node:assert/strict";
import { parse } from "./parser.ts";
import { shown } from "./show.ts";

const cases: Record<string, string> = {
  "a < b <= c is not d not in e": 'Compare(left=a ops=["<", "<=", "is not", "not in"] comparators=[b, c, d, e])',
  "a <> b": 'Compare(left=a ops=["!="] comparators=[b])',
  "a and b and c or d": 'BoolOp(op="or" values=[BoolOp(op="and" values=[a, b, c]), d])',
  "a and (b and c)": 'BoolOp(op="and" values=[a, BoolOp(op="and" values=[b, c])])',
  "not a in b": 'UnaryOp(op="not" operand=Compare(left=a ops=["in"] comparators=[b]))',
  "-x ** -y": 'UnaryOp(op="-" operand=BinOp(op="**" left=x right=UnaryOp(op="-" operand=y)))',
  "a @ b // c - ~d":
    'BinOp(op="-" left=BinOp(op="//" left=BinOp(op="@" left=a right=b) right=c) right=UnaryOp(op="~" operand=d))',
  "await x ** 2": 'BinOp(op="**" left=Await(value=x) right=2)',
  "await a.b(c)": 'Await(value=Call(func=Attribute(value=a attr="b") args=[c]))',
  "a if b else c if d else e": "IfExp(body=a test=b orelse=IfExp(body=c test=d orelse=e))",
  "(n := len(x)) > 1": 'Compare(left=NamedExpr(target="n" value=Call(func=len args=[x])) ops=[">"] comparators=[1])',
  "x[1:2, ::3, ..., None]": "Subscript(value=x slice=Tuple(elts=[Slice(lower=1 upper=2), Slice(step=3), ..., null]))",
  "x[a,]": "Subscript(value=x slice=Tuple(elts=[a]))",
  "x[:, *b]": "Subscript(value=x slice=Tuple(elts=[Slice(), Starred(value=b)]))",
  "f(a, *b, c=1, **d)(e)":
    'Call(func=Call(func=f args=[a, Starred(value=b)] keywords=[{arg="c" value=1}, {value=d}]) args=[e])',
  "f(a for a in b)": "Call(func=f args=[GeneratorExp(elt=a generators=[{target=a iter=b}])])",
  "f(*a.b(c) or d)":
    'Call(func=f args=[Starred(value=BoolOp(op="or" values=[Call(func=Attribute(value=a attr="b") args=[c]), d]))])',
  "[*a, (b), (c,), ()]": "List(elts=[Starred(value=a), b, Tuple(elts=[c]), Tuple()])",
  "{a, *b}": "Set(elts=[a, Starred(value=b)])",
  "{**a, b: c, 1: 2}": "Dict(keys=[null, b, 1] values=[a, c, 2])",
  "[a for a, b in c if d if e for f in g, h]":
    "ListComp(elt=a generators=[{target=Tuple(elts=[a, b]) iter=c ifs=[d, e]}, {target=f iter=Tuple(elts=[g, h])}])",
  "{a: b async for a in c}": "DictComp(key=a value=b generators=[{target=a iter=c isAsync=true}])",
  "{a for b in c}": "SetComp(elt=a generators=[{target=b iter=c}])",
  "lambda: 0": "Lambda(body=0)",
  "lambda a, /, b=1, *c, d, **e: (yield)":
    'Lambda(args=[positional-only(name="a"), positional(name="b" default=1), var-positional(name="c"), ' +
    'keyword-only(name="d"), var-keyword(name="e")] body=Yield())',
  "x = yield a, b": "Assign(targets=[x] value=Yield(value=Tuple(elts=[a, b])))",
  "x = yield from a": "Assign(targets=[x] value=YieldFrom(value=a))",
  "x = *a, *[b]": "Assign(targets=[x] value=Tuple(elts=[Starred(value=a), Starred(value=List(elts=[b]))]))",
  "return *self.decode(x), True":
    'Return(value=Tuple(elts=[Starred(value=Call(func=Attribute(value=self attr="decode") args=[x])), true]))',
  "print(match[0], type(case), print)":
    "Call(func=print args=[Subscript(value=match slice=0), Call(func=type args=[case]), print])",
};

describe("expressions", () => {
  for (const [text, tree] of Object.entries(cases)) {
    it(text, () => {
      const module = parse(`${text}\n`);
      assert.equal(shown(module), tree);
      assert.deepEqual(module.problems, []);
    });
  }

  it("continue over lines by brackets and backslashes", () => {
    assert.equal(shown(parse("x = a \\\n  + (b\n# why\n + c)\n")), shown(parse("x = a + (b + c)\n")));
    assert.equal(shown(parse("assert a, \\\n  b\n")), "Assert(test=a msg=b)");
  });
});
