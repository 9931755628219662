/** Layers that are alike: of the same class, with parameters of the same shapes, and so are their parts. */
import { Unknown } from "../../base/unknown.ts";
import { type PyClass, PyDict, PyFunction, PyInstance, type Value } from "../../python/values.ts";
import { TensorObject } from "../tensorObject.ts";

/** What may be remembered of a model's layers: those that are alike share one kind. */
export type Kinds = ReadonlyMap<PyInstance, Kind>;

export interface Kind {
  /** How many layers of the model are of it. */
  count: number;
}

const known = new WeakMap<PyInstance, Kinds>();

/** The kinds of the layers of a model whose calls take more than looking whether they are remembered. */
export function kindsOf(model: PyInstance): Kinds {
  const before = known.get(model);
  if (before) return before;
  const kinds = new Map<PyInstance, Kind>();
  const names = new Map<string | PyClass, { readonly number: number; readonly kind: Kind }>();
  const named = (key: string | PyClass) => {
    const found = names.get(key) ?? { number: names.size, kind: { count: 0 } };
    names.set(key, found);
    return found;
  };
  const numbers = new Map<PyInstance, number>();
  const add = (value: Value): number => {
    if (!(value instanceof PyInstance)) return -1;
    const seen = numbers.get(value);
    if (seen !== undefined) return seen;
    numbers.set(value, -1);
    const parts = [
      named(value.cls).number,
      ...entriesOf(value, "_parameters").map(([name, one]) => `${name}${shapeOf(one)}`),
      ...entriesOf(value, "_modules").map(([name, one]) => `${name}:${add(one)}`),
    ];
    const { number, kind } = named(parts.join());
    kind.count++;
    numbers.set(value, number);
    if (isLarge(value)) kinds.set(value, kind);
    return number;
  };
  add(model);
  known.set(model, kinds);
  return kinds;
}

function entriesOf({ attrs }: PyInstance, register: string): (readonly [string, Value])[] {
  const dict = attrs.get(register);
  return dict instanceof PyDict
    ? [...dict.entries.values()].map(([name, value]) => [String(name), value] as const)
    : [];
}

function shapeOf(value: Value): string {
  if (!(value instanceof TensorObject)) return "";
  const { shape, dtype, requiresGrad } = value.value;
  const sizes = shape.map((size) => (size instanceof Unknown ? "?" : typeof size === "number" ? size : size.hint));
  return `${dtype}${requiresGrad}[${sizes}]`;
}

/** A layer of layers, or one that is not PyTorch's own. */
function isLarge(module: PyInstance): boolean {
  const forward = module.cls.lookup("forward");
  if (!(forward instanceof PyFunction)) return false;
  return entriesOf(module, "_modules").length > 0 || !forward.code.chunk.path.startsWith("assay:/");
}
