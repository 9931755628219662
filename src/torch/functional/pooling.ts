/** Pooling. */
import type { Interpreter } from "../../python/interpreter.ts";
import { PyTuple, type Value } from "../../python/values.ts";
import { listOf } from "../arguments.ts";
import { defineFunctions, direct, fromPython, run } from "../table.ts";

for (const rank of [1, 2, 3]) {
  const divisor = rank === 1 ? "" : ", divisor_override=None";
  direct(`
    Ft avg_pool${rank}d(input, kernel_size, stride=(), padding=0, ceil_mode=False, count_include_pad=True${divisor})
    F adaptive_avg_pool${rank}d(input, output_size)
    Ft max_pool${rank}d_with_indices(input, kernel_size, stride=(), padding=0, dilation=1, ceil_mode=False, return_indices=True) -> max_pool${rank}d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode)
    F adaptive_max_pool${rank}d_with_indices(input, output_size, return_indices=True) -> adaptive_max_pool${rank}d(input, output_size)
  `);
  const max = "input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False";
  defineFunctions(
    {
      [`F max_pool${rank}d(${max}, return_indices=False)`]: (py, ...args: Value[]) =>
        chosen(maximum(py, rank, args), args[6] === true),
      [`t max_pool${rank}d(${max})`]: (py, ...args: Value[]) => chosen(maximum(py, rank, args), false),
      [`F adaptive_max_pool${rank}d(input, output_size, return_indices=False)`]: (
        py,
        input: Value,
        size: Value,
        indices: Value,
      ) => chosen(run(py, `adaptive_max_pool${rank}d`, input, size), indices === true),
    },
    { lenient: true },
  );
}

direct(`
  t adaptive_avg_pool1d(input, output_size)
  t adaptive_max_pool1d(input, output_size)
`);

fromPython(
  "torch._functional",
  "F lp_pool1d lp_pool2d lp_pool3d max_unpool1d max_unpool2d max_unpool3d fractional_max_pool2d fractional_max_pool3d",
);

function maximum(py: Interpreter, rank: number, [input, kernel, stride, ...rest]: readonly Value[]): Value {
  const [padding, dilation, ceil] = rest;
  return run(
    py,
    `max_pool${rank}d_with_indices`,
    input as Value,
    kernel as Value,
    stride ?? listOf([]),
    padding as Value,
    dilation as Value,
    ceil as Value,
  );
}

/** The values, or the values with their places. */
function chosen(pair: Value, indices: boolean): Value {
  return indices || !(pair instanceof PyTuple) ? pair : (pair.items[0] as Value);
}
