import { readAttributes, reading, unrepeatable, wrote } from "../remember/reads.ts";
import { stored } from "../stored.ts";
import { type Attributes, PyClass, PyDict, type PyObject, type Value } from "../values.ts";

type Entry = readonly [Value, Value];

/** The dict of an object's attributes (`of`) or of a module's names: what is changed in it is changed there. */
export function liveDict(attributes: Attributes, of?: PyObject): PyDict {
  if (reading.now) {
    if (!of) unrepeatable("a dict of attributes");
    // What a class holds is not read one by one: no class may change.
    else if (!(of instanceof PyClass)) readAttributes(of);
  }
  return new PyDict(new AttributeEntries(attributes, of));
}

/** Puts other attributes in the place of all there are, as `object.__dict__ = …` does. */
export function replaceAttributes(attributes: Attributes, by: PyDict): void {
  const entries = [...by.entries.values()];
  attributes.clear();
  for (const [name, value] of entries) if (typeof name === "string") attributes.set(name, value);
}

class AttributeEntries extends Map<unknown, Entry> {
  constructor(
    private readonly attributes: Attributes,
    private readonly of: PyObject | undefined,
  ) {
    super();
  }

  private change(): Attributes {
    if (this.of && reading.now) wrote(this.of);
    return this.attributes;
  }

  override get size(): number {
    // `Map`'s constructor may ask before the field is there.
    return this.attributes?.size ?? 0;
  }

  override get(key: unknown): Entry | undefined {
    const value = this.attributes.get(key as string);
    return value === undefined ? undefined : [key as string, value];
  }

  override has(key: unknown): boolean {
    return this.attributes.has(key as string);
  }

  override set(key: unknown, [, value]: Entry): this {
    stored(value);
    this.change().set(key as string, value);
    return this;
  }

  override delete(key: unknown): boolean {
    return this.change().delete(key as string);
  }

  override clear(): void {
    this.change().clear();
  }

  override keys(): MapIterator<unknown> {
    return this.attributes.keys();
  }

  override *values(): MapIterator<Entry> {
    for (const [name, value] of this.attributes) yield [name, value];
  }

  override *entries(): MapIterator<[unknown, Entry]> {
    for (const [name, value] of this.attributes) yield [name, [name, value]];
  }

  override [Symbol.iterator](): MapIterator<[unknown, Entry]> {
    return this.entries();
  }

  override forEach(each: (value: Entry, key: unknown, map: Map<unknown, Entry>) => void): void {
    for (const [name, value] of this.attributes) each([name, value], name, this);
  }
}
