/** The methods of `bytes`: enough for models that name files and hashes. */
import { raise } from "../errors.ts";
import { toArray } from "../iteration.ts";
import { define, defineStatic } from "../native.ts";
import { asIndex, intOf } from "../numbers.ts";
import { types } from "../types.ts";
import { PyBytes, type PyClass, PyList, type Value } from "../values.ts";
import { textOf } from "./plain.ts";
import { splitText } from "./splitting.ts";
import { utf8 } from "./str.ts";

for (const cls of [types.bytes, types.bytearray]) {
  defineStatic(cls, "__new__(cls, source=None, encoding=None, errors=None)", (py, _cls: PyClass, source: Value) => {
    if (source === null) return new PyBytes("");
    if (source instanceof PyBytes) return source;
    const text = textOf(source);
    if (text !== undefined) return new PyBytes(utf8(text));
    const length = intOf(source);
    if (length !== undefined) {
      py.budget.allocate(length);
      return new PyBytes("\0".repeat(length));
    }
    return new PyBytes(String.fromCharCode(...toArray(py, source).map((byte) => asIndex(py, byte) & 255)));
  });
}

const part = (value: Value) =>
  value instanceof PyBytes ? value.text : raise("TypeError", "a bytes-like object is required");

define(types.bytes, {
  "decode(self, encoding='utf-8', errors='strict')": (_py, self: PyBytes) =>
    new TextDecoder().decode(Uint8Array.from(self.text, (char) => char.charCodeAt(0))),
  "hex(self)": (_py, self: PyBytes) =>
    [...self.text].map((char) => char.charCodeAt(0).toString(16).padStart(2, "0")).join(""),
  "startswith(self, prefix)": (_py, self: PyBytes, prefix) => self.text.startsWith(part(prefix)),
  "endswith(self, suffix)": (_py, self: PyBytes, suffix) => self.text.endsWith(part(suffix)),
  "split(self, sep=None, maxsplit=-1)": (_py, self: PyBytes, separator, most) =>
    new PyList(
      splitText(self.text, separator === null ? null : part(separator), most, false).map((one) => new PyBytes(one)),
    ),
  "strip(self)": (_py, self: PyBytes) => new PyBytes(self.text.trim()),
  "replace(self, old, new)": (_py, self: PyBytes, old, by) => new PyBytes(self.text.replaceAll(part(old), part(by))),
  "find(self, part)": (_py, self: PyBytes, wanted) => self.text.indexOf(part(wanted)),
  "__len__(self)": (_py, self: PyBytes) => self.text.length,
});
