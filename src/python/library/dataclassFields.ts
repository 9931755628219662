import { Unknown } from "../../base/unknown.ts";
import { setAttribute, setPlainAttribute } from "../attributes.ts";
import { call } from "../calls.ts";
import { raise } from "../errors.ts";
import { native } from "../native.ts";
import { PyDict, type PyTuple, type Value } from "../values.ts";
import { functions, nativeModule } from "./nativeModule.ts";

/** What the `__init__` of dataclasses is written on: configurations are made of them by the thousand. */
export const dataclassFields = nativeModule("_dataclasses", () =>
  functions(
    native(
      "bind(title, names, fields, missing, args, kwargs)",
      (py, title: string, names: PyTuple, fields: PyTuple, missing: Value, args: PyTuple, kwargs: PyDict) => {
        // Fields that come from a base class nobody knows, or a name that was computed: so are the values.
        const whole = ([names, fields, args, kwargs] as Value[]).find((one) => one instanceof Unknown);
        const unknown = whole ?? fields.items.find((one) => one instanceof Unknown);
        if (unknown instanceof Unknown) return unknown;
        const values = new PyDict();
        const set = (name: string, value: Value) => values.entries.set(name, [name, value]);
        if (args.items.length > names.items.length) {
          const [most, given] = [names.items.length + 1, args.items.length + 1];
          raise("TypeError", `${title}.__init__() takes ${most} positional arguments but ${given} were given`);
        }
        for (const [i, value] of args.items.entries()) set(names.items[i] as string, value);
        const takes = (word: string) => fields.items.some((field) => isTaken(field as PyTuple, word));
        for (const [name, value] of kwargs.entries.values()) {
          const word = String(name);
          if (values.entries.has(word))
            raise("TypeError", `${title}.__init__() got multiple values for argument '${word}'`);
          if (!takes(word)) raise("TypeError", `${title}.__init__() got an unexpected keyword argument '${word}'`);
          set(word, value);
        }
        for (const field of fields.items) {
          const [name, init, fallback, factory] = (field as PyTuple).items as [string, Value, Value, Value];
          if (values.entries.has(name)) continue;
          if (factory !== missing) set(name, call(py, factory, []));
          else if (fallback !== missing) set(name, fallback);
          else if (init === true)
            raise("TypeError", `${title}.__init__() missing 1 required positional argument: '${name}'`);
        }
        return values;
      },
      { lenient: true },
    ),
    native(
      "assign(self, names, values, frozen)",
      (py, self: Value, names: PyTuple, values: PyDict, frozen: Value) => {
        if ([names, values].some((one) => (one as Value) instanceof Unknown)) return;
        for (const name of names.items) {
          const found = values.entries.get(name);
          if (!found) continue;
          if (frozen === true) setPlainAttribute(py, self, name as string, found[1]);
          else setAttribute(py, self, name as string, found[1]);
        }
      },
      { lenient: true },
    ),
  ),
);

const isTaken = ({ items: [name, init] }: PyTuple, word: string) => name === word && init === true;
