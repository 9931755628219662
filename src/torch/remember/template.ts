/** What building a layer made, written down so that it can be made again: every object with its class and its parts. */
import type { Place } from "../../base/place.ts";
import { Unknown } from "../../base/unknown.ts";
import type { Code } from "../../python/code.ts";
import { type Followed, isFollowed, type Origin, type Source } from "../../python/remember/buildTags.ts";
import {
  BoundMethod,
  PyBytes,
  PyCell,
  type PyClass,
  PyDict,
  PyFunction,
  PyInstance,
  PyList,
  type PyModule,
  PyObject,
  PyRange,
  PySet,
  PyTuple,
  type Value,
} from "../../python/values.ts";
import { Float } from "../../tensor/scalar.ts";
import { denseBytes, type Storage, type Tensor } from "../../tensor/tensor.ts";
import { builtAt } from "../builtAt.ts";
import { DeviceObject, TensorObject } from "../tensorObject.ts";
import { isUniform } from "./followedShape.ts";

/** Another object of the template, by its place in it. */
export class Ref {
  constructor(readonly index: number) {}
}

/** A number that follows from an argument: which one, and how. */
export class Slot {
  constructor(
    readonly argument: number,
    readonly origin: Origin,
    readonly isFloat: boolean,
  ) {}
}

export type Part = Value | Ref | Slot;

type Names = readonly (readonly [string, Part])[] | undefined;

/** One object that was made. */
export type Piece =
  | {
      readonly kind: "instance";
      readonly cls: PyClass;
      readonly names: Names;
      readonly payload: unknown;
      /** Where a layer was built. */
      readonly at: Place | undefined;
    }
  | { readonly kind: "list" | "tuple"; readonly cls: PyClass; readonly names: Names; readonly items: readonly Part[] }
  | {
      readonly kind: "dict";
      readonly cls: PyClass;
      readonly names: Names;
      readonly entries: readonly (readonly [hash: unknown, key: Part, value: Part])[];
    }
  | {
      readonly kind: "set";
      readonly cls: PyClass;
      readonly names: Names;
      readonly entries: readonly (readonly [hash: unknown, value: Part])[];
    }
  | { readonly kind: "method"; readonly self: Part; readonly func: Part }
  | {
      readonly kind: "function";
      readonly code: Code;
      readonly module: PyModule;
      readonly defaults: readonly (Part | undefined)[];
      readonly cells: readonly (Ref | PyCell)[];
      readonly like: PyFunction;
      readonly names: Names;
    }
  | { readonly kind: "cell"; readonly value: Part | undefined }
  | {
      readonly kind: "tensor";
      readonly cls: PyClass;
      readonly names: Names;
      readonly tensor: Tensor;
      /** Its sizes, where some of them follow from an argument. */
      readonly shape: readonly Part[] | undefined;
      readonly storage: number;
      readonly stored: boolean;
    };

/** Where each object that was made stands in the template. */
export type PlacesIn = ReadonlyMap<object, Ref>;

export interface Template {
  /** The first is the layer itself. */
  readonly pieces: readonly Piece[];
  readonly storages: readonly {
    readonly storage: Storage;
    readonly role: Storage["role"];
    readonly base: Tensor | undefined;
  }[];
}

/** Why something that was made cannot be made again. */
export class Unrepeatable {
  constructor(readonly reason: string) {}
}

/** Larger things than this are built anew. */
const mostPieces = 4000;

/**
 * The template of what was made after the serial `start`, reached from the layer; the reason where it cannot be copied.
 * Numbers followed from `sources` become slots.
 */
export function templateOf(
  root: PyObject,
  start: number,
  sources: readonly (Source | undefined)[],
): { template: Template; places: PlacesIn } | Unrepeatable {
  const pieces: Piece[] = [];
  const storages: { storage: Storage; role: Storage["role"]; base: Tensor | undefined }[] = [];
  const places = new Map<object, Ref>();

  const part = (value: Value): Part => {
    if (typeof value !== "object" || value === null) return value;
    if (value instanceof PyObject) return value.born <= start || isFixed(value) ? value : place(value);
    if (value instanceof Unknown) throw new Unrepeatable("something unknown in it");
    return isFollowed(value) ? slot(value) : value;
  };
  const slot = (value: Followed): Slot | Value => {
    const argument = sources.indexOf(value.origin.source);
    // One that was followed by a building that has ended, or by the one around.
    if (argument < 0) throw new Unrepeatable("a number of another building");
    return new Slot(argument, value.origin, value instanceof Float);
  };
  const hash = (key: unknown): unknown => {
    if (key instanceof PyObject) return part(key);
    if (typeof key === "string" && key.startsWith("\u0000") && key.includes("#"))
      throw new Unrepeatable("a key of objects");
    return key;
  };
  const place = (object: PyObject | PyCell): Ref => {
    const known = places.get(object);
    if (known) return known;
    if (pieces.length >= mostPieces) throw new Unrepeatable("too large");
    const ref = new Ref(pieces.length);
    places.set(object, ref);
    // The place is taken before what is inside is looked at.
    pieces.push(undefined as unknown as Piece);
    pieces[ref.index] = object instanceof PyCell ? cellPiece(object) : pieceOf(object);
    return ref;
  };
  const cellPiece = ({ value }: PyCell): Piece => ({
    kind: "cell",
    value: value === undefined ? undefined : part(value),
  });
  const namesOf = (object: PyObject): Names =>
    object.attrs && [...object.attrs].map(([name, value]) => [name, part(value)] as const);

  const pieceOf = (object: PyObject): Piece => {
    const { cls } = object;
    if (cls.born > start) throw new Unrepeatable("a class made on the way");
    if (object instanceof PyInstance) {
      const { payload } = object;
      if (Array.isArray(payload) || (isForeign(payload) && !(payload instanceof PyObject)))
        throw new Unrepeatable(`a ${cls.name}`);
      return { kind: "instance", cls, names: namesOf(object), payload: part(payload as Value), at: builtAt(object) };
    }
    if (object instanceof TensorObject) return tensorPiece(object);
    if (object instanceof PyList || object instanceof PyTuple) {
      const kind = object instanceof PyList ? "list" : "tuple";
      return { kind, cls, names: namesOf(object), items: object.items.map(part) };
    }
    if (object instanceof PyDict) {
      if (Object.getPrototypeOf(object.entries) !== Map.prototype) throw new Unrepeatable("a dict of attributes");
      const entries = [...object.entries].map(([key, [name, value]]) => [hash(key), part(name), part(value)] as const);
      return { kind: "dict", cls, names: namesOf(object), entries };
    }
    if (object instanceof PySet) {
      const entries = [...object.entries].map(([key, value]) => [hash(key), part(value)] as const);
      return { kind: "set", cls, names: namesOf(object), entries };
    }
    if (object instanceof BoundMethod) return { kind: "method", self: part(object.self), func: part(object.func) };
    if (object instanceof PyFunction) {
      const { code, module, defaults, cells } = object;
      return {
        kind: "function",
        code,
        module,
        defaults: defaults.map((one) => (one === undefined ? undefined : part(one))),
        cells: cells.map((cell) => (cell.born <= start ? cell : place(cell))),
        like: object,
        names: namesOf(object),
      };
    }
    throw new Unrepeatable(`a ${cls.name}`);
  };

  const tensorPiece = (object: TensorObject): Piece => {
    const { value, cls, grad, stored, released } = object;
    const { storage, node } = value;
    if (node || storage.writer || grad !== null || released) throw new Unrepeatable("a tensor that was computed");
    let index = storages.findIndex((one) => one.storage === storage);
    if (index < 0) index = storages.push({ storage, role: storage.role, base: storage.base }) - 1;
    const tensor = { ...value, shape: value.shape.map((size) => (isFollowed(size) ? size.origin.now : size)) };
    const shape = value.shape.some(isFollowed) ? value.shape.map((size) => part(size as Value)) : undefined;
    const { base } = storage;
    const isWhole = (one: Tensor) =>
      one.strides === null && isUniform(one) && denseBytes(one.shape, one.dtype) === storage.bytes;
    if (shape && !(isWhole(tensor) && (!base || (isWhole(base) && base.shape.length === shape.length))))
      throw new Unrepeatable("a view of another size");
    return { kind: "tensor", cls, names: namesOf(object), tensor, shape, storage: index, stored };
  };

  try {
    place(root);
    return { template: { pieces, storages }, places };
  } catch (error) {
    if (error instanceof Unrepeatable) return error;
    throw error;
  }
}

/** Whether a native payload is something of its own, that may change. */
function isForeign(payload: unknown): boolean {
  return (
    typeof payload === "object" && payload !== null && !(payload instanceof Unknown) && !(payload instanceof Float)
  );
}

/** Whether a value made on the way may be shared by all that are made like it: nothing can change it. */
function isFixed(value: PyObject): boolean {
  if (value instanceof PyRange) return !isFollowed(value.start) && !isFollowed(value.stop);
  return value instanceof PyBytes || value instanceof DeviceObject;
}
