/** One step of a recurrent network: two products, and the fused kernel that CUDA applies to the gates. */
import { itemBytes } from "../../tensor/dtype.ts";
import { count, floorDivide, type Size, times } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Arg, Made, Op, Saved } from "../op.ts";
import { optionalTensor, tensor, tensors } from "../shared/arguments.ts";
import { oneKernel } from "../shared/gradients.ts";
import { fresh } from "../shared/making.ts";
import { mustEqual } from "../shared/spatial.ts";

/** `aten._thnn_fused_lstm_cell(input_gates, hidden_gates, cx, input_bias, hidden_bias)`: hidden state, cell, and the activated gates. */
const fusedLstm: Op = {
  name: "aten._thnn_fused_lstm_cell",
  work: 8,
  result([gates, , cell]) {
    const [x, c] = [tensor(gates, "input_gates"), tensor(cell, "cx")];
    return [fresh(c.shape, c.dtype), fresh(c.shape, c.dtype), { ...fresh(x.shape, x.dtype), detached: true }];
  },
  saves: (args, [, cell, workspace]) => [...args.slice(0, 5).map(optionalTensor), cell, workspace],
};

/** `aten._thnn_fused_gru_cell(input_gates, hidden_gates, hx, input_bias, hidden_bias)`: hidden state and five values for each of its elements. */
const fusedGru: Op = {
  name: "aten._thnn_fused_gru_cell",
  work: 8,
  result([, , state]) {
    const h = tensor(state, "hx");
    const kept = [h.shape[0] as Size, times(h.shape[1] as Size, 5)];
    return [fresh(h.shape, h.dtype), { ...fresh(kept, h.dtype), detached: true }];
  },
  saves: (args, [, workspace]) => [...args.slice(0, 5).map(optionalTensor), workspace],
};

interface Cell {
  readonly gates: number;
  /** Elements that the fused kernel keeps beside its inputs, in hidden sizes; absent: the plain sum and activation. */
  readonly workspace?: number;
  readonly withCell: boolean;
}

/** `aten.NAME_cell(input, hx, w_ih, w_hh, b_ih=None, b_hh=None)`: an LSTM's `hx` is the pair of hidden state and cell. */
function cell(name: string, kind: Cell): Op {
  return {
    name: `aten.${name}`,
    work: 8,
    result(args) {
      const { h, c, x } = checked(args, kind);
      const made: Made = fresh(h.shape, x.dtype);
      return c ? [made, fresh(c.shape, x.dtype)] : made;
    },
    macs: ([x, , inner, outer]) =>
      count(tensor(x).shape.slice(0, -1)) * (count(tensor(inner).shape) + count(tensor(outer).shape)),
    saves: (args, out, needs) => saved(args, out, needs, kind),
    backward(grads, call) {
      const [rows, inner, outer] = [tensor(call.args[0]).shape.slice(0, -1), call.args[2], call.args[3]];
      const wanted = (...at: number[]) => at.filter((i) => call.needs[i]).length;
      const macs =
        count(rows) * (count(tensor(inner).shape) * wanted(0, 2) + count(tensor(outer).shape) * wanted(1, 3));
      return oneKernel(`aten.${name}_backward`, grads, call, { macs, work: 8 });
    },
  };
}

const cells: readonly Op[] = [
  fusedLstm,
  fusedGru,
  cell("lstm_cell", { gates: 4, workspace: 4, withCell: true }),
  cell("gru_cell", { gates: 3, workspace: 5, withCell: false }),
  cell("rnn_tanh_cell", { gates: 1, withCell: false }),
  cell("rnn_relu_cell", { gates: 1, withCell: false }),
];
export default cells;

function checked([input, state, inner, outer]: readonly Arg[], { gates, withCell }: Cell) {
  const [x, w, u] = [tensor(input), tensor(inner, "w_ih"), tensor(outer, "w_hh")];
  const [h, c] = withCell ? tensors(state) : [tensor(state as Arg, "hx")];
  const hidden = h as Tensor;
  mustEqual(x.shape.at(-1), w.shape[1], (a, b) => `last axis is ${a}, but input_size is ${b}`);
  mustEqual(
    hidden.shape.at(-1),
    floorDivide(u.shape[0] as Size, gates),
    (a, b) => `the state is ${a} wide, but hidden_size is ${b}`,
  );
  mustEqual(x.shape[0], hidden.shape[0], (a, b) => `the input is for ${a} sequences, but the state for ${b}`);
  return { x, w, u, h: hidden, c: withCell ? (c as Tensor) : null };
}

function saved(args: readonly Arg[], out: readonly Tensor[], needs: readonly boolean[], kind: Cell): readonly Saved[] {
  const { x, w, u, h, c } = checked(args, kind);
  const products = [needs[2] && x, needs[0] && w, needs[3] && h, needs[1] && u];
  if (kind.workspace === undefined) return [...products, out[0]];
  const hidden = count(h.shape) * itemBytes(x.dtype);
  const gates = { extraBytes: kind.gates * hidden, what: "gates" };
  const workspace = { extraBytes: kind.workspace * hidden, what: "activated gates" };
  return [
    ...products,
    gates,
    gates,
    kind.withCell ? c : h,
    optionalTensor(args[4]),
    optionalTensor(args[5]),
    out[1],
    workspace,
  ];
}
