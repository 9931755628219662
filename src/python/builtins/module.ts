/** The class of modules. */
import { define, defineProperty, defineStatic } from "../native.ts";
import { types } from "../types.ts";
import { type PyClass, PyModule, type Value } from "../values.ts";
import { liveDict } from "./liveDict.ts";
import { needText } from "./plain.ts";

defineProperty(types.module, "__dict__", (_py, module: PyModule) => liveDict(module.attrs));
defineStatic(
  types.module,
  "__new__(cls, *args, **kwargs)",
  (_py, cls: PyClass) => new PyModule("", "", new Map(), cls),
  { lenient: true },
);
define(types.module, {
  "__init__(self, name, doc=None)": (_py, self: PyModule, name: Value, doc: Value) => {
    self.name = needText(name);
    self.attrs.set("__name__", needText(name));
    self.attrs.set("__doc__", doc);
  },
});
for (const name of ["__name__", "__doc__", "__file__", "__package__", "__spec__", "__loader__"]) {
  const otherwise = (module: PyModule): Value =>
    name === "__name__" || name === "__package__" ? module.name : name === "__file__" ? module.path : null;
  defineProperty(
    types.module,
    name,
    (_py, module: PyModule) => (module.attrs.has(name) ? (module.attrs.get(name) as Value) : otherwise(module)),
    (_py, module, value) => {
      (module as PyModule).attrs.set(name, value);
    },
  );
}
