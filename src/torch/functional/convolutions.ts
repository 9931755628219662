/** Convolutions, linear layers, folding and shuffling. */
import { raise } from "../../python/errors.ts";
import type { Interpreter } from "../../python/interpreter.ts";
import { intOf } from "../../python/numbers.ts";
import type { Value } from "../../python/values.ts";
import { floorDivide, integer, minus, type Size, times } from "../../tensor/size.ts";
import { isSequence, listOf, rankOf, sizeArgument, sizeAt } from "../arguments.ts";
import { defineFunctions, direct, planned, run } from "../table.ts";
import { TensorObject } from "../tensorObject.ts";

direct(`
  Ft linear(input, weight, bias=None)
  t convolution(input, weight, bias, stride, padding, dilation, transposed, output_padding, groups)
  Ft pixel_shuffle(input, upscale_factor)
  Ft pixel_unshuffle(input, downscale_factor)
  Ft channel_shuffle(input, groups)
  Ft native_channel_shuffle(input, groups) -> channel_shuffle(input, groups)
`);

for (const rank of [1, 2, 3]) {
  const last = `stride=1, padding=0, dilation=1, groups=1`;
  defineFunctions(
    {
      [`Ft conv${rank}d(input, weight, bias=None, ${last})`]: (py, ...args: Value[]) => convolved(py, rank, args),
      [`Ft conv_transpose${rank}d(input, weight, bias=None, stride=1, padding=0, output_padding=0, groups=1, dilation=1)`]:
        (py, ...[input, weight, bias, stride, padding, extra, groups, dilation]: Value[]) =>
          batched(py, rank, input as Value, (x) =>
            run(
              py,
              "convolution",
              x,
              weight as Value,
              bias as Value,
              each(stride, rank),
              each(padding, rank),
              each(dilation, rank),
              true,
              each(extra, rank),
              groups as Value,
            ),
          ),
    },
    { lenient: true },
  );
}

defineFunctions(
  {
    "F unfold(input, kernel_size, dilation=1, padding=0, stride=1)": (_py, input: Value, ...settings: Value[]) =>
      planned("im2col", input, ...settings.map((one) => each(one, 2))),
    "F fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1)": (
      _py,
      input: Value,
      ...settings: Value[]
    ) => planned("col2im", input, ...settings.map((one) => each(one, 2))),
  },
  { lenient: true },
);

function convolved(
  py: Interpreter,
  rank: number,
  [input, weight, bias, stride, padding, dilation, groups]: readonly Value[],
): Value {
  const steps = each(stride, rank);
  const spread = each(dilation, rank);
  const convolve = (x: Value, pad: Value) =>
    run(
      py,
      "convolution",
      x,
      weight as Value,
      bias as Value,
      steps,
      pad,
      spread,
      false,
      each(0, rank),
      groups as Value,
    );
  return batched(py, rank, input as Value, (x) => {
    if (padding === "valid") return convolve(x, each(0, rank));
    if (padding !== "same") return convolve(x, each(padding, rank));
    return weight instanceof TensorObject ? paddedToSame(py, rank, x, weight, spread, convolve) : (weight as Value);
  });
}

/** Padding that keeps the size: where it is odd, the input is padded by one at its ends first. */
function paddedToSame(
  py: Interpreter,
  rank: number,
  x: Value,
  weight: TensorObject,
  dilation: Value,
  convolve: (x: Value, pad: Value) => Value,
): Value {
  const spread = isSequence(dilation) ? dilation.items.map((one) => sizeArgument(py, one)) : [];
  const totals = spread.map((one, i) => times(one, minus(sizeAt(weight, i + 2), 1)));
  const halves = listOf(totals.map((total) => floorDivide(total, 2)));
  if (totals.every((total) => integer(total) % 2 === 0)) return convolve(x, halves);
  const ends = totals.flatMap((total) => [0, integer(total) % 2]).reverse();
  const pairs: Size[] = [];
  for (let i = 0; i < 2 * rank; i += 2) pairs.push(ends[i + 1] as Size, ends[i] as Size);
  return convolve(run(py, "constant_pad_nd", x, listOf(pairs), 0), halves);
}

/** Runs on a batch of one where the input has no batch axis. */
function batched(py: Interpreter, rank: number, input: Value, convolve: (x: Value) => Value): Value {
  if (!(input instanceof TensorObject) || rankOf(input) === rank + 2) return convolve(input);
  if (rankOf(input) !== rank + 1)
    return raise(
      "RuntimeError",
      `Expected ${rank + 1}D (unbatched) or ${rank + 2}D (batched) input to conv${rank}d, but got input of ${rankOf(input)} axes`,
    );
  return run(py, "squeeze", convolve(run(py, "unsqueeze", input, 0)), 0);
}

/** A setting for each axis: one number stands for all. */
export function each(value: Value | undefined, rank: number): Value {
  if (value === undefined || value === null) return value ?? null;
  if (isSequence(value)) return value.items.length === 1 ? listOf(new Array(rank).fill(value.items[0])) : value;
  return intOf(value) === undefined ? value : listOf(new Array(rank).fill(value));
}
