/** Triangles and diagonals: tril, triu, diag, diag_embed, trace. */
import { integer, largest, plus, type Size, smallest } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Made, type Op, Refused } from "../op.ts";
import { axis, size, tensor } from "../shared/arguments.ts";
import { integerOf } from "../shared/dtypes.ts";
import { isKnown } from "../shared/making.ts";
import { looseStrides } from "../shared/viewing.ts";

/** tril(self, diagonal=0), triu(self, diagonal=0): zero above or below a diagonal of the last two axes. */
function triangle(name: string, stays: (aboveBy: number) => boolean): Op {
  return {
    name: `aten.${name}`,
    result([self, diagonal]) {
      const input = tensor(self);
      if (input.shape.length < 2) throw new Refused(`${name} takes at least 2 axes, not ${input.shape.length}`);
      const shift = shiftOf(diagonal);
      const [rows, columns] = input.shape.slice(-2) as [Size, Size];
      const data = input.data?.map((value, i) => {
        const row = Math.floor(i / integer(columns)) % integer(rows);
        return stays((i % integer(columns)) - row - shift) ? value : 0;
      });
      return { shape: input.shape, dtype: input.dtype, data };
    },
  };
}

/** diag_embed(self, offset=0, dim1=-2, dim2=-1): the last axis laid along a diagonal. */
const diagEmbed: Op = {
  name: "aten.diag_embed",
  result([self, offset, dim1, dim2]) {
    const input = tensor(self);
    const rank = input.shape.length + 1;
    const [a, b] = [axis(dim1 ?? -2, rank), axis(dim2 ?? -1, rank)];
    if (a === b) throw new Refused("diag_embed needs two different axes");
    return embedded(input, shiftOf(offset), a, b);
  },
};

/** diag(self, diagonal=0): a matrix of a vector, or the diagonal of a matrix, copied. */
const diag: Op = {
  name: "aten.diag",
  result([self, diagonal]) {
    const input = tensor(self);
    const shift = shiftOf(diagonal);
    if (input.shape.length === 1) return embedded(input, shift, 0, 1);
    if (input.shape.length !== 2) throw new Refused(`diag takes 1 or 2 axes, not ${input.shape.length}`);
    const [rows, columns] = input.shape as [Size, Size];
    const length = largest(smallest(plus(rows, Math.min(shift, 0)), plus(columns, -Math.max(shift, 0))), 0);
    const step = isKnown(columns) ? integer(columns) : Number.NaN;
    const start = shift > 0 ? shift : -shift * step;
    const data =
      input.data && [...Array(integer(length)).keys()].map((i) => input.data?.[start + i * (step + 1)] as number);
    return { shape: [length], dtype: input.dtype, data };
  },
};

/** trace(self): the sum of a matrix's diagonal. */
const trace: Op = {
  name: "aten.trace",
  result([self]) {
    const input = tensor(self);
    if (input.shape.length !== 2) throw new Refused(`trace takes a matrix, not ${input.shape.length} axes`);
    return { shape: [], dtype: integerOf(input.dtype) };
  },
};

const triangles: readonly Op[] = [
  triangle("tril", (aboveBy) => aboveBy <= 0),
  triangle("triu", (aboveBy) => aboveBy >= 0),
  diagEmbed,
  diag,
  trace,
];
export default triangles;

function shiftOf(offset: Parameters<typeof size>[0]): number {
  return offset === null || offset === undefined ? 0 : integer(size(offset, "offset"));
}

function embedded(input: Tensor, shift: number, a: number, b: number): Made {
  const last = input.shape.at(-1);
  if (last === undefined) throw new Refused("a tensor of no axes has no diagonal to fill");
  const side = plus(last, Math.abs(shift));
  const rest = input.shape.slice(0, -1);
  const shape = input.shape.concat(side).map((_, i) => (i === a || i === b ? side : (rest.shift() as Size)));
  const made = { shape, dtype: input.dtype };
  if (!input.data || input.shape.length !== 1) return made;
  const width = integer(side);
  if (width * width > 4096) return made;
  const steps = looseStrides(shape);
  const start = shift > 0 ? shift * (steps[b] as number) : -shift * (steps[a] as number);
  const data = new Array<number>(width * width).fill(0);
  input.data.forEach((value, i) => {
    data[start + i * ((steps[a] as number) + (steps[b] as number))] = value;
  });
  return { ...made, data };
}
