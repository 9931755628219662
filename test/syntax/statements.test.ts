import assert from "node:assert/strict";
import { parse } from "./parser.ts";
import { shown } from "./show.ts";

const cases: Record<string, string> = {
  "a = (b,) = c.d = 1": 'Assign(targets=[a, Tuple(elts=[b]), Attribute(value=c attr="d")] value=1)',
  "(a), [b, *c] = d": "Assign(targets=[Tuple(elts=[a, List(elts=[b, Starred(value=c)])])] value=d)",
  "(a) = b": "Assign(targets=[a] value=b)",
  "a //= b": 'AugAssign(target=a op="//" value=b)',
  "a: List[int] = []": "AnnAssign(target=a annotation=Subscript(value=List slice=int) value=List())",
  "self.a: x.T | None":
    'AnnAssign(target=Attribute(value=self attr="a") annotation=BinOp(op="|" left=Attribute(value=x attr="T") right=null))',
  "a = 1; b; pass": "Assign(targets=[a] value=1)\nb\nPass()",
  "a, b": "Tuple(elts=[a, b])",
  "del a, (b, c), d[0]": "Delete(targets=[a, Tuple(elts=[b, c]), Subscript(value=d slice=0)])",
  "assert a, b": "Assert(test=a msg=b)",
  raise: "Raise()",
  "raise A from b": "Raise(exc=A cause=b)",
  "raise A, 'b'": 'Raise(exc=Call(func=A args=[Str(value="b")]))',
  "global a, b": 'Global(names=["a", "b"])',
  "nonlocal a": 'Nonlocal(names=["a"])',
  "import a.b as c, d": 'Import(names=[{name="a.b" asname="c"}, {name="d"}])',
  "from . import a": 'ImportFrom(level=1 names=[{name="a"}])',
  "from ...a.b import (c as d, e,)": 'ImportFrom(module="a.b" level=3 names=[{name="c" asname="d"}, {name="e"}])',
  "from a import *": 'ImportFrom(module="a" level=0 names="*")',
  "from __future__ import annotations": 'ImportFrom(module="__future__" level=0 names=[{name="annotations"}])',
  "if a: b\nelif c: d\nelse: e": "If(test=a body=[b] orelse=[If(test=c body=[d] orelse=[e])])",
  "for a, b in c, d:\n  break\nelse:\n  continue":
    "For(target=Tuple(elts=[a, b]) iter=Tuple(elts=[c, d]) body=[Break()] orelse=[Continue()])",
  "while a: pass\nelse: b": "While(test=a body=[Pass()] orelse=[b])",
  "with a as b, c() as (d, e): pass":
    "With(items=[{value=a target=b}, {value=Call(func=c) target=Tuple(elts=[d, e])}] body=[Pass()])",
  "with (a as b, c,): pass": "With(items=[{value=a target=b}, {value=c}] body=[Pass()])",
  "with (a, b) as c: pass": "With(items=[{value=Tuple(elts=[a, b]) target=c}] body=[Pass()])",
  "try: a\nexcept (B, C) as d: e\nexcept: f\nelse: g\nfinally: h":
    'Try(body=[a] handlers=[{type=Tuple(elts=[B, C]) name="d" body=[e]}, {body=[f]}] orelse=[g] finalbody=[h])',
  "try: a\nexcept* B: c": "Try(body=[a] handlers=[{type=B body=[c]}])",
  "try: a\nexcept B, e: c": 'Try(body=[a] handlers=[{type=B name="e" body=[c]}])',
  "async def f():\n async for a in b: await c\n async with d: return":
    'FunctionDef(name="f" isAsync=true body=[For(target=a iter=b body=[Await(value=c)] isAsync=true), ' +
    "With(items=[{value=d}] body=[Return()] isAsync=true)])",
  "@a.b(1)\n@c\ndef f(a, /, b: int = 1, *c: int, d, e=2, **g) -> 'T': pass":
    'FunctionDef(name="f" args=[positional-only(name="a"), positional(name="b" default=1 annotation=int), ' +
    'var-positional(name="c" annotation=int), keyword-only(name="d"), keyword-only(name="e" default=2), ' +
    'var-keyword(name="g")] decorators=[Call(func=Attribute(value=a attr="b") args=[1]), c] ' +
    'returns=Str(value="T") body=[Pass()])',
  "def f(a, *, b): ...": 'FunctionDef(name="f" args=[positional(name="a"), keyword-only(name="b")] body=[...])',
  "@d\nclass A(nn.Module, B[T], metaclass=M, **k): x = 1":
    'ClassDef(name="A" bases=[Attribute(value=nn attr="Module"), Subscript(value=B slice=T)] ' +
    'keywords=[{arg="metaclass" value=M}, {value=k}] decorators=[d] body=[Assign(targets=[x] value=1)])',
  "def f[T: int, *Ts](x: T): pass": 'FunctionDef(name="f" args=[positional(name="x" annotation=T)] body=[Pass()])',
  "class A[T]: pass": 'ClassDef(name="A" body=[Pass()])',
  "type A = int | str": 'Assign(targets=[A] value=BinOp(op="|" left=int right=str))',
  "type A[T] = list[T]": "Assign(targets=[A] value=BrokenExpression())",
  "print >>f, a, b": 'Call(func=print args=[a, b] keywords=[{arg="file" value=f}])',
  "print 'a' % b": 'Call(func=print args=[BinOp(op="%" left=Str(value="a") right=b)])',
  "exec 'a' in b": 'Call(func=exec args=[Str(value="a"), b])',
};

describe("statements", () => {
  for (const [text, tree] of Object.entries(cases)) {
    it(text, () => {
      const module = parse(`${text}\n`);
      assert.equal(shown(module), tree);
      assert.deepEqual(module.problems, []);
    });
  }
});

const patterns: Record<string, string> = {
  _: "MatchAs()",
  x: 'MatchAs(name="x")',
  "a.B": 'MatchValue(value=Attribute(value=a attr="B"))',
  "None | True": "MatchOr(patterns=[MatchSingleton(), MatchSingleton(value=true)])",
  "-1 | 2.5 | 'a' 'b'":
    'MatchOr(patterns=[MatchValue(value=UnaryOp(op="-" operand=1)), MatchValue(value=Float(value=2.5)), MatchValue(value=Str(value="ab"))])',
  "-3 + 4j": 'MatchValue(value=BinOp(op="+" left=UnaryOp(op="-" operand=3) right=Imaginary(value=4)))',
  "(1 | 2) as n": 'MatchAs(pattern=MatchOr(patterns=[MatchValue(value=1), MatchValue(value=2)]) name="n")',
  "a, *_": 'MatchSequence(patterns=[MatchAs(name="a"), MatchStar()])',
  "(a,)": 'MatchSequence(patterns=[MatchAs(name="a")])',
  "[]": "MatchSequence()",
  "{1: a, 'k': [*b], **r}":
    'MatchMapping(keys=[1, Str(value="k")] patterns=[MatchAs(name="a"), MatchSequence(patterns=[MatchStar(name="b")])] rest="r")',
  "a.C(x, y=-1)":
    'MatchClass(cls=Attribute(value=a attr="C") patterns=[MatchAs(name="x")] ' +
    'keywords=[{name="y" pattern=MatchValue(value=UnaryOp(op="-" operand=1))}])',
};

describe("match", () => {
  for (const [text, tree] of Object.entries(patterns)) {
    it(`case ${text}`, () => {
      const module = parse(`match s:\n  case ${text} if g:\n    pass\n`);
      assert.equal(shown(module), `Match(subject=s cases=[{pattern=${tree} guard=g body=[Pass()]}])`);
      assert.deepEqual(module.problems, []);
    });
  }

  it("takes several subjects as a tuple", () => {
    assert.equal(
      shown(parse("match a, b:\n case 1: c\n")),
      "Match(subject=Tuple(elts=[a, b]) cases=[{pattern=MatchValue(value=1) body=[c]}])",
    );
  });
});
