import { Unknown } from "../../src/base/unknown.ts";
import {
  BoundMethod,
  PyCell,
  PyClass,
  PyDict,
  PyFunction,
  PyInstance,
  PyList,
  PyModule,
  PyObject,
  PySet,
  PyTuple,
  type Value,
} from "../../src/python/values.ts";
import { Complex, Float } from "../../src/tensor/scalar.ts";
import { SymInt } from "../../src/tensor/size.ts";
import type { Storage } from "../../src/tensor/tensor.ts";
import { TensorObject } from "../../src/torch/tensorObject.ts";

/**
 * A value and everything reached from it as text: the order of attributes and keys, what is shared and what only equal,
 * memory by who holds it. Two values with the same text cannot be told apart by a program.
 */
export function graphText(value: Value): string {
  const numbers = new Map<object, number>();
  const storages = new Map<Storage, number>();
  const lines: string[] = [];

  const name = (one: Value | undefined): string => {
    if (one === undefined) return "(none)";
    if (one === null || typeof one !== "object") return typeof one === "string" ? JSON.stringify(one) : String(one);
    if (one instanceof Float) return one.constructor === Float ? `${one.value}f` : "a followed float";
    if (one instanceof SymInt) return one.constructor === SymInt ? `size ${one.hint}` : "a followed int";
    if (one instanceof Complex) return `${one.re}+${one.im}j`;
    if (one instanceof Unknown) return `unknown: ${one.reason}`;
    if (one instanceof PyClass || one instanceof PyModule) return `${one.cls.name} ${one.name}`;
    return `#${place(one)}`;
  };
  const place = (one: PyObject | PyCell): number => {
    const known = numbers.get(one);
    if (known !== undefined) return known;
    const number = numbers.size;
    numbers.set(one, number);
    lines.push("");
    lines[number] = `#${number} ${one instanceof PyCell ? `cell ${name(one.value)}` : describe(one)}`;
    return number;
  };
  const attributes = (one: PyObject) => [...(one.attrs ?? [])].map(([key, inner]) => `${key}=${name(inner)}`).join(" ");
  const describe = (one: PyObject): string => {
    const head = `${one.cls.name} ${one instanceof PyFunction ? one.qualname : attributes(one)}`;
    if (one instanceof TensorObject) return `${head} ${tensor(one)}`;
    if (one instanceof PyList || one instanceof PyTuple) return `${head} [${one.items.map(name).join(", ")}]`;
    if (one instanceof PyDict)
      return `${head} {${[...one.entries].map(([hash, [key, inner]]) => `${hashName(hash)}|${name(key)}: ${name(inner)}`).join(", ")}}`;
    if (one instanceof PySet)
      return `${head} {${[...one.entries].map(([hash, inner]) => `${hashName(hash)}|${name(inner)}`).join(", ")}}`;
    if (one instanceof BoundMethod) return `${head} ${name(one.self)}.${name(one.func)}`;
    if (one instanceof PyFunction)
      return `${head} at ${one.code.span.line} (${one.defaults.map(name).join(", ")}) cells ${one.cells.map((cell) => place(cell)).join(", ")} ${attributes(one)}`;
    if (
      one instanceof PyInstance &&
      (one.payload === null || !(typeof one.payload === "object") || one.payload instanceof PyObject)
    )
      return `${head} payload ${name(one.payload as Value | undefined)}`;
    return head;
  };
  const hashName = (hash: unknown) => (hash instanceof PyObject ? name(hash) : JSON.stringify(hash));
  const tensor = ({ value: one, stored, released, grad }: TensorObject): string => {
    const { storage } = one;
    const number = storages.get(storage) ?? storages.size;
    storages.set(storage, number);
    const memory = `memory ${number} ${String(storage.bytes)} ${storage.role} ${storage.device} ${storage.writer ? "written" : ""}`;
    const data = one.data ? `data ${one.data.join(" ")}` : "";
    return `${one.dtype}[${one.shape.map((size) => name(size as Value)).join(", ")}] strides ${one.strides} ${data} gradient ${one.requiresGrad} ${one.node?.name} ${memory} ${stored} ${released} ${name(grad)}`;
  };
  lines.unshift(`value ${name(value)}`);
  return lines.join("\n");
}
