/** Recurrent networks, their cells, and packed sequences. */
import { Unknown } from "../../base/unknown.ts";
import type { PyTuple, Value } from "../../python/values.ts";
import { isSequence } from "../arguments.ts";
import { defineFunctions, direct, fromPython, planned } from "../table.ts";

direct(`
  t lstm_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None)
  t gru_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None)
  t rnn_tanh_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None)
  t rnn_relu_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None)
`);

for (const name of ["lstm", "gru", "rnn_tanh", "rnn_relu"]) {
  defineFunctions({ [`t ${name}(*args)`]: (_py, star: PyTuple) => planned(name, ...star.items) }, { lenient: true });
}

defineFunctions(
  {
    "t _assume(reason)": (py, reason: string) => py.note("assumption", reason),
    "t _all_known(values)": (_py, values: Value) =>
      isSequence(values) && !values.items.some((one) => one instanceof Unknown),
  },
  { lenient: true },
);

fromPython("torch._packing", "t _pack_padded_sequence _pad_packed_sequence norm_except_dim");
