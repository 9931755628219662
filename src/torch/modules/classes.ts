/** Dtypes, devices and sizes as Python uses them. */
import { raise } from "../../python/errors.ts";
import { toArray } from "../../python/iteration.ts";
import { define, defineProperty, defineStatic } from "../../python/native.ts";
import { intOf } from "../../python/numbers.ts";
import { getItem } from "../../python/subscripts.ts";
import { type PyClass, PySlice, PyTuple, type Value } from "../../python/values.ts";
import { isComplex, isFloating, itemBytes } from "../../tensor/dtype.ts";
import { productOf, type Size } from "../../tensor/size.ts";
import {
  DeviceObject,
  type DTypeObject,
  deviceClass,
  dtypeClass,
  dtypeObject,
  sizeClass,
  TensorObject,
} from "../tensorObject.ts";

defineProperty(dtypeClass, "is_floating_point", (_py, self: DTypeObject) => isFloating(self.name));
defineProperty(dtypeClass, "is_complex", (_py, self: DTypeObject) => isComplex(self.name));
defineProperty(dtypeClass, "is_signed", (_py, self: DTypeObject) => self.name !== "bool" && self.name !== "uint8");
defineProperty(dtypeClass, "itemsize", (_py, self: DTypeObject) => itemBytes(self.name));
define(dtypeClass, {
  "__repr__(self)": (_py, self: DTypeObject) => `torch.${self.name}`,
  "__str__(self)": (_py, self: DTypeObject) => `torch.${self.name}`,
  "to_real(self)": (_py, self: DTypeObject) =>
    isComplex(self.name) ? dtypeObject(self.name === "complex64" ? "float32" : "float64") : self,
  "to_complex(self)": (_py, self: DTypeObject) =>
    isComplex(self.name) ? self : dtypeObject(self.name === "float64" ? "complex128" : "complex64"),
  "__reduce__(self)": (_py, self: DTypeObject) => self.name,
});

defineProperty(deviceClass, "type", (_py, self: DeviceObject) => self.type);
defineProperty(deviceClass, "index", (_py, self: DeviceObject) => self.index);
defineStatic(
  deviceClass,
  "__new__(cls, type=None, index=None, *, device=None)",
  (_py, _cls: Value, type: Value, index: Value, device: Value) => deviceOf(type ?? device, index),
);
define(deviceClass, {
  "__init__(self, *args, **kwargs)": () => null,
  "__repr__(self)": (_py, self: DeviceObject) =>
    `device(type='${self.type}'${self.index === null ? "" : `, index=${self.index}`})`,
  "__str__(self)": (_py, self: DeviceObject) => self.text,
  "__eq__(self, other)": (_py, self: DeviceObject, other: Value) =>
    other instanceof DeviceObject && other.text === self.text,
  "__ne__(self, other)": (_py, self: DeviceObject, other: Value) =>
    !(other instanceof DeviceObject && other.text === self.text),
  "__hash__(self)": (_py, self: DeviceObject) =>
    [...self.text].reduce((sum, one) => (sum * 31 + one.charCodeAt(0)) % 1_000_003, 7),
  "__enter__(self)": (_py, self: DeviceObject) => self,
  "__exit__(self, *args)": () => null,
});

defineStatic(
  sizeClass,
  "__new__(cls, items=())",
  (py, cls: PyClass, items: Value) =>
    new PyTuple(
      toArray(py, items).map((one) => (one instanceof TensorObject ? (one.value.data?.[0] ?? one) : one)),
      cls,
    ),
  {
    lenient: true,
  },
);
define(
  sizeClass,
  {
    "__getitem__(self, index)": (py, self: PyTuple, index: Value) => {
      const found = getItem(py, new PyTuple(self.items), index);
      return index instanceof PySlice && found instanceof PyTuple ? new PyTuple(found.items, sizeClass) : found;
    },
  },
  { lenient: true },
);
define(sizeClass, {
  "__init__(self, *args)": () => null,
  "numel(self)": (_py, self: PyTuple) => productOf(self.items as readonly Size[]) as Value,
  "__repr__(self)": (_py, self: PyTuple) => `torch.Size([${self.items.map((one) => intOf(one) ?? "?").join(", ")}])`,
});

function deviceOf(type: Value, index: Value): Value {
  if (type instanceof DeviceObject) return type;
  const number = intOf(type ?? null);
  if (number !== undefined && typeof type !== "boolean") return new DeviceObject("cuda", number);
  if (typeof type !== "string") return raise("TypeError", "device() needs the name of a device");
  const [name = "", at] = type.split(":");
  return new DeviceObject(name, intOf(index) ?? (at === undefined ? null : Number(at)));
}
