/** Whole recurrent networks as cuDNN runs them: one operation for all steps, layers and directions. */
import { itemBytes } from "../../tensor/dtype.ts";
import { count, floorDivide, integer, integers, type Size, times } from "../../tensor/size.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Arg, type BackwardCall, type Extra, type Made, type Op, Refused, type Saved } from "../op.ts";
import { flag, size, tensor, tensors } from "../shared/arguments.ts";
import { numberOf } from "../shared/folding.ts";
import { oneKernel } from "../shared/gradients.ts";
import { fresh, isKnown } from "../shared/making.ts";
import { mustEqual } from "../shared/spatial.ts";

interface Kind {
  readonly gates: number;
  readonly cell: boolean;
  /** Hidden-sized values that cuDNN reserves for each step of each sequence: gates, and for an LSTM the cell. */
  readonly reserved: number;
}

/**
 * `aten.lstm(input, hx, params, has_biases, num_layers, dropout, train, bidirectional, batch_first)` and its kin, or with
 * packed sequences `(data, batch_sizes, hx, params, has_biases, num_layers, dropout, train, bidirectional)`.
 *
 * Multiply-adds are every weight at every step of every sequence; torch's counter has no formula for cuDNN's networks.
 */
function network(name: string, kind: Kind): Op {
  return {
    name: `aten.${name}`,
    work: 6,
    result: (args) => results(read(args, kind), kind),
    macs(args) {
      const { rows, cells } = read(args, kind);
      return (
        count(rows) * cells.flat().reduce((total, one) => total + (one.shape.length > 1 ? count(one.shape) : 0), 0)
      );
    },
    saves(args, [output]) {
      const net = read(args, kind);
      return [net.input, ...net.states, ...net.cells.flat(), output, reserve(net, kind), dropoutState(net)];
    },
    backward: (grads, call) =>
      oneKernel("aten._cudnn_rnn_backward", grads, call, { macs: macsBack(call, kind), work: 6 }),
  };
}

/**
 * Every weight's gradient and every input's, at every step of every sequence; not that of the input or of the states before
 * the first step, where those need none.
 */
function macsBack(call: BackwardCall, kind: Kind): number {
  const { rows, cells, batch, directions } = read(call.args, kind);
  const packed = Array.isArray(call.args[3]);
  return cells.reduce((total, weights, i) => {
    const [inner, outer] = weights.map((one) => (one.shape.length > 1 ? count(one.shape) : 0)) as [number, number];
    const rest = weights.slice(2).reduce((sum, one) => sum + (one.shape.length > 1 ? count(one.shape) : 0), 0);
    const all = count(rows) * 2 * (inner + outer + rest);
    const noInput = i < directions && !call.needs[0] ? count(rows) * inner : 0;
    const noState = call.needs[packed ? 2 : 1] ? 0 : count([batch]) * outer;
    return total + all - noInput - noState;
  }, 0);
}

const networks: readonly Op[] = [
  network("lstm", { gates: 4, cell: true, reserved: 5 }),
  network("gru", { gates: 3, cell: false, reserved: 6 }),
  network("rnn_tanh", { gates: 1, cell: false, reserved: 1 }),
  network("rnn_relu", { gates: 1, cell: false, reserved: 1 }),
];
export default networks;

interface Network {
  readonly input: Tensor;
  readonly states: readonly Tensor[];
  /** The weights of each layer and direction. */
  readonly cells: readonly (readonly Tensor[])[];
  readonly layers: Size;
  readonly directions: number;
  readonly dropout: number;
  readonly train: boolean;
  readonly batchFirst: boolean;
  readonly packed: boolean;
  /** Steps and sequences; of packed sequences their sum. */
  readonly rows: readonly Size[];
  readonly batch: Size;
  readonly hidden: Size;
  /** Width of a step's result: the hidden size, or that of its projection. */
  readonly out: Size;
}

function read(given: readonly Arg[], kind: Kind): Network {
  const packed = Array.isArray(given[3]);
  const args = packed ? given.toSpliced(1, 1) : given;
  const input = tensor(args[0]);
  if (input.shape.length !== (packed ? 2 : 3)) {
    throw new Refused(
      `a recurrent network takes an input of 3 axes (batch, steps, features), but it has ${input.shape.length}`,
    );
  }
  const states = (Array.isArray(args[1]) ? tensors(args[1]) : [tensor(args[1] as Arg, "hx")]) as readonly Tensor[];
  const weights = tensors(args[2]);
  const [inner, outer] = [weights[0], weights[1]];
  if (!inner || !outer) throw new Refused("a recurrent network needs its weights", "wrong-argument");
  const directions = flag(args[7]) ? 2 : 1;
  const layers = size(args[4], "num_layers");
  const each = weights.length / (integer(layers) * directions);
  const batchFirst = !packed && flag(args[8]);
  mustEqual(input.shape.at(-1), inner.shape[1], (a, b) => `last axis is ${a}, but input_size is ${b}`);
  const batch = packed ? (states[0]?.shape[1] as Size) : (input.shape[batchFirst ? 0 : 1] as Size);
  const net: Network = {
    input,
    states,
    cells: [...Array(integer(layers) * directions).keys()].map((i) => weights.slice(i * each, (i + 1) * each)),
    layers,
    directions,
    dropout: numberOf(args[5]) ?? 0,
    train: flag(args[6]),
    batchFirst,
    packed,
    rows: input.shape.slice(0, -1),
    batch,
    hidden: floorDivide(outer.shape[0] as Size, kind.gates),
    out: outer.shape[1] as Size,
  };
  mustFitStates(net);
  return net;
}

function mustFitStates({ states, layers, directions, batch, out, hidden }: Network): void {
  states.forEach((state, i) => {
    const expected = [times(layers, directions), batch, i === 0 ? out : hidden];
    if (state.shape.length !== 3) throw new Refused(`a state must have 3 axes, but it has ${state.shape.length}`);
    expected.forEach((n, d) => {
      mustEqual(state.shape[d], n, (a, b) => `axis ${d} of state ${i} is ${a}, but the network needs ${b}`);
    });
  });
}

function results(net: Network, { cell }: Kind): Made[] {
  const { rows, input, layers, directions, batch, out, hidden, batchFirst } = net;
  const width = times(out, directions);
  const shape = [...rows, width];
  const all = times(layers, directions);
  const known = batchFirst && shape.every(isKnown);
  const [sequences = 0, , features = 0] = known ? integers(shape) : [];
  // cuDNN writes one step after the other; with batch_first the result is a transposed view of that.
  const output = { ...fresh(shape, input.dtype), strides: known ? [features, sequences * features, 1] : null };
  return [output, fresh([all, batch, out], input.dtype), ...(cell ? [fresh([all, batch, hidden], input.dtype)] : [])];
}

/**
 * What cuDNN writes for its backward pass, derived from `cudnnGetRNNTempSpaceSizes` on an H200 and exact there: for every
 * step and direction the gates (and cell), between layers their outputs with a bit an element for dropout, and 256 bytes.
 */
function reserve(
  { rows, hidden, out, layers, directions, dropout, train, input }: Network,
  { reserved }: Kind,
): Extra | null {
  if (!train) return null;
  const [steps, width, depth, bytes] = [count(rows), integer(hidden), integer(layers), itemBytes(input.dtype)];
  const projected = integer(out) === width ? 0 : width + integer(out);
  const between = (depth - 1) * directions;
  const masked = dropout > 0 ? between * Math.ceil((steps * directions * integer(out)) / 8 / 32) * 32 : 0;
  const values = steps * (depth * directions * (reserved * width + projected) + between * width);
  return { extraBytes: values * bytes + masked + 256, what: "cuDNN's reserve of gates" };
}

/** Random states for each of the 132 multiprocessors of an H200, 48 KiB each; every network of a process shares them. */
function dropoutState({ dropout, train }: Network): Saved {
  return dropout > 0 && train && { extraBytes: 132 * 49152, what: "cuDNN's random states" };
}
