/** The methods of `int`, `float`, `complex` and `bool`. */
import { Unknown } from "../../base/unknown.ts";
import { Complex, Float } from "../../tensor/scalar.ts";
import { SymInt } from "../../tensor/size.ts";
import { findAttribute } from "../attributes.ts";
import { call } from "../calls.ts";
import { raise } from "../errors.ts";
import type { Interpreter } from "../interpreter.ts";
import { define, defineClassMethod, defineProperty, defineStatic } from "../native.ts";
import { intOf, numberOf } from "../numbers.ts";
import { truth } from "../operators.ts";
import { format, repr } from "../text.ts";
import { typeOf, types } from "../types.ts";
import { PyBytes, type PyClass, PyInstance, PyTuple, type Value } from "../values.ts";
import { floatOf, integerOf } from "./numberText.ts";
import { float, integerValue, needText, plain, textOf } from "./plain.ts";
import { textHash } from "./str.ts";

const of = (value: Value) => numberOf(value) ?? raise("TypeError", `expected a number, got ${typeOf(value).name}`);
const whole = (value: Value) => intOf(value) ?? raise("TypeError", `expected int, got ${typeOf(value).name}`);

/** An instance of the class: the value itself for a built-in class. */
function instance(cls: PyClass, builtin: PyClass, value: Value): Value {
  return cls === builtin || value instanceof Unknown ? value : new PyInstance(cls, new Map(), value);
}

defineStatic(types.int, "__new__(cls, x=0, base=None)", (py, cls: PyClass, x, base) =>
  instance(cls, types.int, toInt(py, plain(x), base)),
);
defineStatic(types.float, "__new__(cls, x=0)", (py, cls: PyClass, x) =>
  instance(cls, types.float, toFloat(py, plain(x))),
);
defineStatic(types.bool, "__new__(cls, x=False)", (py, _cls: PyClass, x) => truth(py, x), { lenient: true });
defineStatic(types.complex, "__new__(cls, real=0, imag=0)", (_py, _cls: PyClass, real, imag) => {
  if (real instanceof Complex && imag === 0) return real;
  const text = textOf(real);
  if (text !== undefined) return raise("ValueError", "complex() arg is a malformed string");
  const [a, b] = [real, imag].map((one) => (one instanceof Complex ? one : new Complex(of(one), 0))) as [
    Complex,
    Complex,
  ];
  return new Complex(a.re - b.im, a.im + b.re);
});

/** What `int(x)` gives; a size keeps its expression. */
export function toInt(py: Interpreter, x: Value, base: Value = null): Value {
  if (typeof x === "number" || typeof x === "bigint" || x instanceof SymInt) return x;
  if (typeof x === "boolean") return Number(x);
  if (x instanceof Float) {
    if (Number.isNaN(x.value)) raise("ValueError", "cannot convert float NaN to integer");
    if (!Number.isFinite(x.value)) raise("OverflowError", "cannot convert float infinity to integer");
    return integerValue(Math.trunc(x.value) + 0);
  }
  const text = x instanceof PyBytes ? x.text : textOf(x);
  if (text !== undefined) {
    const value = integerOf(text, base === null ? 10 : whole(base));
    return value ?? raise("ValueError", `invalid literal for int() with base ${base ?? 10}: ${repr(py, x)}`);
  }
  for (const name of ["__int__", "__index__", "__trunc__"]) {
    const method = findAttribute(py, x, name);
    if (method !== undefined) return call(py, method, []);
  }
  const { name } = typeOf(x);
  return raise("TypeError", `int() argument must be a string, a bytes-like object or a real number, not '${name}'`);
}

/** What `float(x)` gives. */
export function toFloat(py: Interpreter, x: Value): Value {
  if (x instanceof Float) return x;
  const number = numberOf(x);
  if (number !== undefined) return float(number);
  const text = textOf(x);
  if (text !== undefined) {
    const value = floatOf(text);
    return value === undefined
      ? raise("ValueError", `could not convert string to float: ${repr(py, x)}`)
      : float(value);
  }
  for (const name of ["__float__", "__index__"]) {
    const method = findAttribute(py, x, name);
    if (method === undefined) continue;
    const value = call(py, method, []);
    return value instanceof Unknown ? value : float(of(value));
  }
  return raise("TypeError", `float() argument must be a string or a real number, not '${typeOf(x).name}'`);
}

define(types.int, {
  "bit_length(self)": (_py, self) => BigInt(whole(self)).toString(2).replace("-", "").replace(/^0$/, "").length,
  "bit_count(self)": (_py, self) => BigInt(whole(self)).toString(2).replace(/[^1]/g, "").length,
  "conjugate(self)": (_py, self) => plain(self),
  "is_integer(self)": () => true,
  "as_integer_ratio(self)": (_py, self) => new PyTuple([plain(self), 1]),
  "to_bytes(self, length=1, byteorder='big', *, signed=False)": (_py, self, length, order) => {
    const bytes = Array.from({ length }, (_, i) =>
      String.fromCharCode(Number((BigInt(whole(self)) >> BigInt(8 * i)) & 255n)),
    );
    return new PyBytes((order === "big" ? bytes.reverse() : bytes).join(""));
  },
  "__index__(self)": (_py, self) => plain(self),
  "__int__(self)": (_py, self) => plain(self),
  "__trunc__(self)": (_py, self) => plain(self),
  "__floor__(self)": (_py, self) => plain(self),
  "__ceil__(self)": (_py, self) => plain(self),
  "__float__(self)": (_py, self) => float(whole(self)),
  "__bool__(self)": (_py, self) => whole(self) !== 0,
});
defineClassMethod(
  types.int,
  "from_bytes(cls, bytes, byteorder='big', *, signed=False)",
  (_py, _cls, bytes: PyBytes, order) => {
    const codes = [...bytes.text].map((c) => BigInt(c.charCodeAt(0)));
    return integerValue(
      Number((order === "big" ? codes : codes.reverse()).reduce((sum, code) => sum * 256n + code, 0n)),
    );
  },
);

define(types.float, {
  "is_integer(self)": (_py, self) => Number.isInteger(of(self)),
  "conjugate(self)": (_py, self) => plain(self),
  "as_integer_ratio(self)": (_py, self) => {
    let [top, bottom] = [of(self), 1];
    while (!Number.isInteger(top)) [top, bottom] = [top * 2, bottom * 2];
    return new PyTuple([integerValue(top), integerValue(bottom)]);
  },
  "hex(self)": (py, self) => py.unknown(`float.hex of ${repr(py, plain(self))} is not worked out`),
  "__int__(self)": (py, self) => toInt(py, plain(self)),
  "__trunc__(self)": (py, self) => toInt(py, plain(self)),
  "__floor__(self)": (_py, self) => integerValue(Math.floor(of(self))),
  "__ceil__(self)": (_py, self) => integerValue(Math.ceil(of(self))),
  "__float__(self)": (_py, self) => plain(self),
  "__bool__(self)": (_py, self) => of(self) !== 0,
});
defineClassMethod(types.float, "fromhex(cls, text)", (py) => py.unknown("float.fromhex is not worked out"));

for (const cls of [types.int, types.float]) {
  define(cls, {
    "__hash__(self)": (_py, self) => (Number.isInteger(of(self)) ? of(self) : textHash(String(of(self)))),
    "__repr__(self)": (py, self) => repr(py, plain(self)),
    "__format__(self, spec)": (py, self, spec) => format(py, plain(self), needText(spec)),
  });
  defineProperty(cls, "real", (_py, self) => plain(self));
  defineProperty(cls, "imag", () => (cls === types.int ? 0 : float(0)));
}
defineProperty(types.int, "numerator", (_py, self) => plain(self));
defineProperty(types.int, "denominator", () => 1);

define(types.complex, {
  "conjugate(self)": (_py, self: Complex) => new Complex(self.re, -self.im),
  "__complex__(self)": (_py, self) => self,
});
defineProperty(types.complex, "real", (_py, self: Complex) => float(self.re));
defineProperty(types.complex, "imag", (_py, self: Complex) => float(self.im));
