/** Makes a layer again from its template: fresh objects with the same structure, fresh memory of the same sizes. */
import type { Unknown } from "../../base/unknown.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import { type Followed, FollowedFloat, FollowedInt, isFollowed, valueOf } from "../../python/remember/buildTags.ts";
import type { Pairs } from "../../python/remember/twins.ts";
import {
  BoundMethod,
  PyCell,
  PyDict,
  PyFunction,
  PyInstance,
  PyList,
  PyObject,
  PySet,
  PyTuple,
  type Value,
} from "../../python/values.ts";
import { Float } from "../../tensor/scalar.ts";
import { count, type Size, type SymInt } from "../../tensor/size.ts";
import { denseBytes, type Storage, type Tensor } from "../../tensor/tensor.ts";
import { noteBuilt } from "../builtAt.ts";
import { tracerOf, wrap } from "../tensorObject.ts";
import { sameElements } from "./followedShape.ts";
import { type Part, type Piece, Ref, Slot, type Template } from "./template.ts";

/**
 * The layer, made from a template. `numbers` are the numeric arguments of this call; `pairs`, where there are any, say
 * what stands here for the older objects that the first one held.
 */
export function cloneOf(
  py: Interpreter,
  { pieces, storages }: Template,
  numbers: readonly (number | Float | SymInt)[],
  pairs: Pairs | undefined,
): { root: PyObject; made: readonly (PyObject | PyCell)[] } {
  const tracer = tracerOf(py);
  const resized = pieces.map((piece) =>
    piece.kind === "tensor" && piece.shape ? tensorOf(piece.tensor, piece.shape, numbers) : undefined,
  );
  const memory = storages.map(({ storage: { bytes, device }, role, base }, i) => {
    const at = pieces.findIndex((piece, k) => resized[k] && piece.kind === "tensor" && piece.storage === i);
    const like = resized[at];
    const storage = tracer.storage(like ? like.bytes : bytes, role, device);
    if (base)
      storage.base = { ...base, ...(like && { shape: like.plain, data: sameElements(base, like.count) }), storage };
    return storage;
  });
  const made = pieces.map((piece, i) => shell(py, piece, memory, resized[i]));
  const value = (part: Part): Value => {
    if (part instanceof Ref) return made[part.index] as PyObject;
    if (part instanceof Slot) return numberIn(part, numbers);
    return pairs && part instanceof PyObject ? ((pairs.get(part) as PyObject | undefined) ?? part) : part;
  };
  const cell = (one: Ref | PyCell): PyCell => {
    if (one instanceof Ref) return made[one.index] as PyCell;
    return (pairs?.get(one) as PyCell | undefined) ?? one;
  };
  for (let i = 0; i < pieces.length; i++) fill(pieces[i] as Piece, made[i] as PyObject | PyCell, value, cell);
  return { root: made[0] as PyObject, made };
}

/** What an argument's number gives in this place. */
function numberIn({ argument, origin: { of }, isFloat }: Slot, numbers: readonly (number | Float | SymInt)[]): Value {
  const given = numbers[argument] as number | Float | SymInt;
  const now = of(valueOf(given));
  if (!isFollowed(given)) return isFloat ? new Float(now) : now;
  const origin = {
    source: given.origin.source,
    of: (number: number) => of((given as Followed).origin.of(number)),
    now,
  };
  return isFloat ? new FollowedFloat(origin) : new FollowedInt(origin);
}

/** A tensor in another size. */
interface Resized {
  readonly shape: readonly Size[];
  readonly plain: readonly Size[];
  readonly count: number;
  readonly bytes: number | Unknown;
}

function tensorOf(tensor: Tensor, parts: readonly Part[], numbers: readonly (number | Float | SymInt)[]): Resized {
  const shape = parts.map((part) => (part instanceof Slot ? numberIn(part, numbers) : part) as Size);
  const plain = shape.map((size) => (isFollowed(size) ? valueOf(size) : size));
  return { shape, plain, count: count(plain), bytes: denseBytes(plain, tensor.dtype) };
}

/** The object without what is in it, so that those that hold each other can be made. */
function shell(
  py: Interpreter,
  piece: Piece,
  memory: readonly Storage[],
  resized: Resized | undefined,
): PyObject | PyCell {
  switch (piece.kind) {
    case "instance": {
      const instance = new PyInstance(piece.cls);
      noteBuilt(instance, piece.at);
      return instance;
    }
    case "list":
      return new PyList([], piece.cls);
    case "tuple":
      return new PyTuple([], piece.cls);
    case "dict":
      return new PyDict(new Map(), piece.cls);
    case "set":
      return new PySet(new Map(), piece.cls);
    case "method":
      return new BoundMethod(null, piece.func as PyObject);
    case "function": {
      const { code, module, like } = piece;
      const func = new PyFunction(code, module, [], [], like.qualname);
      func.name = like.name;
      func.annotate = like.annotate;
      return func;
    }
    case "cell":
      return new PyCell();
    case "tensor": {
      const storage = memory[piece.storage] as Storage;
      const size = resized && { shape: resized.shape, data: sameElements(piece.tensor, resized.count) };
      const object = wrap(py, { ...piece.tensor, ...size, storage }, piece.cls);
      object.stored = piece.stored;
      return object;
    }
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function fill(
  piece: Piece,
  object: PyObject | PyCell,
  value: (part: Part) => Value,
  cell: (one: Ref | PyCell) => PyCell,
): void {
  if (piece.kind === "cell") {
    (object as PyCell).value = piece.value === undefined ? undefined : value(piece.value);
    return;
  }
  if (piece.kind === "method") {
    const method = object as Writable<BoundMethod>;
    method.self = value(piece.self);
    method.func = value(piece.func) as PyObject;
    return;
  }
  const own = object as PyObject;
  if (piece.names) {
    const attrs = own.attrs ?? new Map<string, Value>();
    for (const [name, part] of piece.names) attrs.set(name, value(part));
    own.attrs = attrs;
  }
  switch (piece.kind) {
    case "instance": {
      const { payload } = piece;
      (own as PyInstance).payload = payload === undefined ? undefined : value(payload as Part);
      break;
    }
    case "list":
    case "tuple": {
      const items = (own as PyList).items;
      for (const item of piece.items) items.push(value(item));
      break;
    }
    case "dict": {
      const { entries } = own as PyDict;
      for (const [hash, key, item] of piece.entries)
        entries.set(hash instanceof Ref ? value(hash) : hash, [value(key), value(item)]);
      break;
    }
    case "set": {
      const { entries } = own as PySet;
      for (const [hash, item] of piece.entries) entries.set(hash instanceof Ref ? value(hash) : hash, value(item));
      break;
    }
    case "function": {
      const func = own as Writable<PyFunction>;
      func.defaults = piece.defaults.map((one) => (one === undefined ? undefined : value(one)));
      func.cells = piece.cells.map(cell);
      break;
    }
  }
}
