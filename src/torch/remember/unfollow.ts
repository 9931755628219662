/** Takes followed numbers out of what was built with them. */
import { isFollowed, unfollowed } from "../../python/remember/buildTags.ts";
import {
  BoundMethod,
  PyCell,
  PyDict,
  PyFunction,
  PyInstance,
  PyList,
  PyObject,
  PyRange,
  PySet,
  PyTuple,
  type Value,
} from "../../python/values.ts";
import { Float } from "../../tensor/scalar.ts";
import type { Size } from "../../tensor/size.ts";
import { TensorObject } from "../tensorObject.ts";

/** Puts plain numbers in the place of followed ones, in everything reached from the layer that was made after `start`. */
export function unfollow(root: PyObject, start: number): void {
  const seen = new Set<object>();
  const waiting: (PyObject | PyCell)[] = [root];
  const plain = (value: Value): Value => {
    if (isFollowed(value)) return unfollowed(value, value instanceof Float);
    if (value instanceof PyObject && value.born > start && !seen.has(value)) {
      seen.add(value);
      waiting.push(value);
    }
    return value;
  };
  for (let object = waiting.pop(); object !== undefined; object = waiting.pop()) {
    if (object instanceof PyCell) {
      if (object.value !== undefined) object.value = plain(object.value);
      continue;
    }
    if (object.attrs) for (const [name, value] of object.attrs) replace(object.attrs, name, value, plain(value));
    if (object instanceof PyList || object instanceof PyTuple) inItems(object.items as Value[], plain);
    else if (object instanceof PyDict) {
      for (const [hash, [key, value]] of object.entries) {
        const [name, item] = [plain(key), plain(value)];
        if (name !== key || item !== value) object.entries.set(hash, [name, item]);
      }
    } else if (object instanceof PySet) {
      for (const [hash, value] of object.entries) replace(object.entries, hash, value, plain(value));
    } else if (object instanceof PyInstance) {
      if (object.payload !== undefined && !Array.isArray(object.payload))
        object.payload = plain(object.payload as Value);
    } else if (object instanceof BoundMethod) {
      plain(object.self);
      plain(object.func);
    } else if (object instanceof PyFunction) {
      inItems(object.defaults as Value[], plain);
      for (const cell of object.cells) {
        if (cell.born <= start || seen.has(cell)) continue;
        seen.add(cell);
        waiting.push(cell);
      }
    } else if (object instanceof PyRange) {
      const range = object as { start: Value; stop: Value };
      range.start = plain(range.start);
      range.stop = plain(range.stop);
    } else if (object instanceof TensorObject) {
      const shape = object.value.shape as Size[];
      for (const [i, size] of shape.entries()) if (isFollowed(size)) shape[i] = plain(size) as Size;
    }
  }
}

function replace<K>(map: Map<K, Value>, key: K, before: Value, now: Value): void {
  if (now !== before) map.set(key, now);
}

function inItems(items: Value[], plain: (value: Value) => Value): void {
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (item !== undefined) items[i] = plain(item);
  }
}
