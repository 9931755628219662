/** Complex numbers: made of two real tensors, read as pairs, taken apart. */
import { type DType, isComplex } from "../../tensor/dtype.ts";
import { sameSize } from "../../tensor/size.ts";
import { stridesOf } from "../../tensor/tensor.ts";
import { type Op, Refused } from "../op.ts";
import { tensor } from "../shared/arguments.ts";
import { partOf } from "../shared/dtypes.ts";
import { iterated } from "../shared/layout.ts";
import { isKnown, resultType, view } from "../shared/making.ts";
import { pointwise } from "../shared/pointwise.ts";
import { kept, savesResult } from "../shared/saving.ts";

/** The complex type whose parts are of a floating type. */
function complexOf(dtype: DType): DType {
  if (dtype === "float32" || dtype === "float64") return dtype === "float32" ? "complex64" : "complex128";
  throw new Refused(`there are no complex numbers of ${dtype}`, "wrong-argument");
}

/** view_as_complex(self): the last axis, of 2, becomes a complex number. */
const viewAsComplex: Op = {
  name: "aten.view_as_complex",
  result([self]) {
    const input = tensor(self);
    const pair = input.shape.at(-1);
    if (pair === undefined || (isKnown(pair) && !sameSize(pair, 2))) {
      throw new Refused(`view_as_complex needs a last axis of 2, not ${String(pair)}`);
    }
    const strides = input.strides?.slice(0, -1).map((step) => step / 2) ?? null;
    return { ...view(input, input.shape.slice(0, -1), strides), dtype: complexOf(input.dtype) };
  },
};

/** view_as_real(self): a last axis of 2, the parts. */
const viewAsReal: Op = {
  name: "aten.view_as_real",
  result([self]) {
    const input = tensor(self);
    if (!isComplex(input.dtype)) throw new Refused("view_as_real takes complex numbers", "wrong-argument");
    const strides = input.strides && [...input.strides.map((step) => step * 2), 1];
    return { ...view(input, [...input.shape, 2], strides), dtype: partOf(input.dtype) };
  },
};

/** real(self) and imag(self): views of every second number. */
function part(name: "real" | "imag"): Op {
  return {
    name: `aten.${name}`,
    result([self]) {
      const input = tensor(self);
      if (!isComplex(input.dtype)) {
        if (name === "real") return view(input, input.shape, input.strides, input.data);
        throw new Refused("imag takes complex numbers", "wrong-argument");
      }
      const strides = stridesOf(input).map((step) => step * 2);
      return { ...view(input, input.shape, strides), dtype: partOf(input.dtype) };
    },
  };
}

/** complex(real, imag) */
const complex: Op = {
  name: "aten.complex",
  result: ([real, imag]) => withParts(pointwise({ name: "complex", operands: 2 }), [tensor(real), tensor(imag)]),
  saves: ([real, imag], _out, [forReal, forImag]) => [forReal && kept(real), forImag && kept(imag)],
};

/** polar(abs, angle) */
const polar: Op = {
  name: "aten.polar",
  result: ([abs, angle]) => withParts(pointwise({ name: "polar", operands: 2 }), [tensor(abs), tensor(angle)]),
  saves: savesResult,
  work: 20,
};

/** conj(self): complex numbers are conjugated when read, so it is a view. */
const conj: Op = {
  name: "aten.conj",
  result: ([self]) => view(tensor(self), tensor(self).shape, tensor(self).strides, tensor(self).data),
};

/** conj_physical(self): the conjugates written out; a real tensor itself. */
const conjPhysical: Op = {
  name: "aten.conj_physical",
  result([self]) {
    const input = tensor(self);
    if (!isComplex(input.dtype)) return view(input, input.shape, input.strides, input.data);
    return iterated(input.shape, [input], input.dtype);
  },
};

const complexNumbers: readonly Op[] = [
  viewAsComplex,
  viewAsReal,
  part("real"),
  part("imag"),
  complex,
  polar,
  conj,
  conjPhysical,
];
export default complexNumbers;

function withParts(rule: Op, parts: Parameters<Op["result"]>[0]): ReturnType<Op["result"]> {
  const made = rule.result(parts);
  return "shape" in made ? { ...made, dtype: complexOf(resultType(...parts)) } : made;
}
