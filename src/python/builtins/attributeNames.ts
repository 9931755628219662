import { readAttributes } from "../remember/reads.ts";
import { typeOf } from "../types.ts";
import { PyClass, PyModule, PyObject, type Value } from "../values.ts";

/** What `dir(value)` lists: the names of its attributes and of its classes', sorted. */
export function attributeNames(value: Value): string[] {
  const names = new Set<string>();
  if (value instanceof PyObject) readAttributes(value);
  if (value instanceof PyObject) for (const name of value.attrs?.keys() ?? []) names.add(name);
  const classes = value instanceof PyClass ? value.mro : value instanceof PyModule ? [] : typeOf(value).mro;
  for (const cls of classes) for (const name of cls.dict.keys()) names.add(name);
  return [...names].sort();
}
