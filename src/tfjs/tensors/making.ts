/** Tensors made from numbers and shapes, and what tells of a tensor. */
import { Unknown } from "../../base/unknown.ts";
import type { DType } from "../../tensor/dtype.ts";
import type { Size } from "../../tensor/size.ts";
import { elements } from "../../tensor/tensor.ts";
import { call } from "../language/calls.ts";
import type { Machine } from "../language/machine.ts";
import { Accessor, isNullish, JsFunction, type Native, type Value } from "../language/values.ts";
import { literalShape, NotKnown, numberOf, sizesOf, tensorFunction, tensorOf } from "./arguments.ts";
import { makes } from "./kernels.ts";
import { apply, dispose, dtypeOf, JsTensor, leaf, shapeValue, tensorsIn, tidied } from "./tensorValue.ts";

export function makingFunctions(machine: Machine): Record<string, Native> {
  const found: Record<string, Native> = {};
  const made = (shape: readonly Size[], dtype: DType, name = "fill") => apply(machine, makes(name, shape, dtype), []);
  const on = (name: string, body: (args: readonly Value[]) => Value) => {
    found[name] = tensorFunction(machine, name, body);
  };
  const constant = ([values, shape, dtype]: readonly Value[]): Value => {
    if (values instanceof Unknown && isNullish(shape)) throw new NotKnown(values);
    return made(isNullish(shape) ? literalShape(values) : sizesOf(shape), dtypeOf(dtype), "tensor");
  };
  on("tensor", constant);
  on("tensor1d", ([values, dtype]) => constant([values, undefined, dtype]));
  for (const rank of [2, 3, 4, 5, 6]) on(`tensor${rank}d`, constant);
  on("scalar", ([, dtype]) => made([], dtypeOf(dtype), "tensor"));
  on("zeros", ([shape, dtype]) => made(sizesOf(shape), dtypeOf(dtype)));
  on("ones", ([shape, dtype]) => made(sizesOf(shape), dtypeOf(dtype)));
  on("fill", ([shape, , dtype]) => made(sizesOf(shape), dtypeOf(dtype)));
  for (const name of [
    "randomNormal",
    "truncatedNormal",
    "randomUniform",
    "randomStandardNormal",
    "randomGamma",
    "rand",
  ])
    on(name, ([shape]) => made(sizesOf(shape), "float32", "random"));
  for (const name of ["zerosLike", "onesLike"]) {
    on(name, ([x]) => {
      const { shape, dtype } = tensorOf(machine, x);
      return made(shape, dtype);
    });
  }
  on("eye", ([rows, columns]) => made([numberOf(rows, 1), numberOf(columns, numberOf(rows, 1))], "float32"));
  on("linspace", ([, , count]) => made([numberOf(count, 1)], "float32"));
  on("range", ([start, stop, step, dtype]) => {
    const [from, to, by] = [numberOf(start, 0), numberOf(stop, 0), numberOf(step, 1)];
    return made([Math.max(0, Math.ceil((to - from) / by))], dtypeOf(dtype));
  });
  on("variable", ([x, trainable]) => {
    const { shape, dtype } = tensorOf(machine, x);
    return leaf(machine, shape, dtype, "parameter", trainable !== false);
  });
  const tidy: Native = (_, [first, second]) => {
    const run = first instanceof JsFunction ? first : second;
    return tidied(machine, () => call(machine, run, undefined, []));
  };
  const keep: Native = (_, [x]) => {
    if (x instanceof JsTensor) x.kept = true;
    return x;
  };
  const letGo: Native = (self, [given]) => {
    for (const one of tensorsIn(given ?? self)) dispose(machine, one);
    return undefined;
  };
  return { ...found, tidy, keep, dispose: letGo };
}

/** Properties of tensors, and what asks for their elements, which are not known. */
export function installTensor(machine: Machine): void {
  const { tensor } = machine.prototypes;
  const getter = (name: string, give: (x: JsTensor) => Value) =>
    tensor.props.set(
      name,
      new Accessor(
        machine.native(name, (self) => (self instanceof JsTensor ? give(self) : undefined)),
        undefined,
      ),
    );
  getter("shape", ({ value }) => shapeValue(machine, value.shape));
  getter("rank", ({ value }) => value.shape.length);
  getter("size", ({ value }) => elements(value.shape));
  getter("dtype", ({ value }) => value.dtype);
  getter("isDisposed", ({ disposed }) => disposed);
  const asked = (name: string, promised: boolean) =>
    machine.native(name, () => {
      const value = new Unknown("the elements of a tensor are not known", machine.place, true);
      return promised ? machine.promise(value) : value;
    });
  for (const name of ["data", "array", "bytes", "buffer"]) tensor.props.set(name, asked(name, true));
  for (const name of ["dataSync", "arraySync", "bufferSync", "toString"]) tensor.props.set(name, asked(name, false));
  tensor.props.set(
    "print",
    machine.native("print", () => undefined),
  );
}
