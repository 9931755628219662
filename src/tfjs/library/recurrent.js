/** Recurrent layers and their cells. */
class RNNCell extends Layer {}

/** Runs a step for each position along axis 1. */
function overTime(step, inputs, states, backwards, wanted) {
  let parts = ops.unstack(inputs, 1);
  if (backwards) parts = parts.slice().reverse();
  let own = states;
  let last = null;
  const outputs = [];
  for (const part of parts) {
    const [output, next] = assay.tidy(() => step(part, own));
    last = output;
    own = next;
    if (wanted) outputs.push(output);
  }
  return [last, wanted ? ops.stack(outputs, 1) : null, own];
}

class RNN extends Layer {
  constructor(args) {
    super(args);
    if (isNull(args.cell)) assay.refuse("cell property is missing for the constructor of RNN");
    this.cell = Array.isArray(args.cell) ? new StackedRNNCells({ cells: args.cell }) : args.cell;
    this.returnSequences = args.returnSequences ?? false;
    this.returnState = args.returnState ?? false;
    this.goBackwards = args.goBackwards ?? false;
    this.stateful = args.stateful ?? false;
    this.supportsMasking = true;
    this.inputSpec = [{ ndim: 3 }];
  }
  get trainableWeights() {
    return this.trainable ? this.cell.trainableWeights : [];
  }
  get nonTrainableWeights() {
    return this.trainable ? this.cell.nonTrainableWeights : this.cell.weights;
  }
  get stateSizes() {
    return toList(this.cell.stateSize);
  }
  build(inputShape) {
    const shape = Array.isArray(inputShape[0]) ? inputShape[0] : inputShape;
    this.cell.build([shape[0]].concat(shape.slice(2)));
    this.cell.built = true;
    if (this.inputSpec && this.inputSpec[0].ndim === 3) this.inputSpec = [{ ndim: 3, axes: { 2: shape[2] } }];
    this.built = true;
  }
  computeOutputShape(inputShape) {
    const shape = Array.isArray(inputShape[0]) ? inputShape[0] : inputShape;
    const sizes = this.stateSizes;
    const out = this.returnSequences ? [shape[0], shape[1], sizes[0]] : [shape[0], sizes[0]];
    return this.returnState ? [out].concat(sizes.map((size) => [shape[0], size])) : out;
  }
  apply(inputs, kwargs) {
    const list = Array.isArray(inputs) ? inputs : [inputs];
    const states = (kwargs ?? {}).initialState ?? (list.length > 1 ? list.slice(1) : null);
    const first = list[0];
    if (isNull(states) || states.length === 0) return super.apply(first, kwargs);
    const spec = this.inputSpec;
    if (!isSymbolic(first)) return super.apply(first, { ...(kwargs ?? {}), initialState: toList(states) });
    this.inputSpec = null;
    const out = super.apply([first].concat(states), { ...(kwargs ?? {}), initialState: toList(states) });
    if (this.inputSpec === null) this.inputSpec = spec;
    return out;
  }
  initialState(x) {
    return this.stateSizes.map((size) => ops.zeros([x.shape[0], size]));
  }
  call(inputs, kwargs) {
    const list = Array.isArray(inputs) ? inputs : [inputs];
    const given = (kwargs ?? {}).initialState;
    const states =
      list.length > 1 ? list.slice(1) : isNull(given) || isSymbolic(given[0]) ? this.initialState(list[0]) : given;
    const step = (x, own) => {
      const outputs = this.cell.call([x].concat(own), kwargs);
      return [outputs[0], outputs.slice(1)];
    };
    const [last, all, end] = overTime(step, list[0], states, this.goBackwards, this.returnSequences);
    const output = this.returnSequences ? all : last;
    return this.returnState ? [output].concat(end) : output;
  }
  getConfig() {
    return { ...this.args_, name: this.name };
  }
}
RNN.className = "RNN";

/** A cell of gates: `gates` products of the input and of the state. */
class GatedCell extends RNNCell {
  constructor(args, gates) {
    super(args);
    this.units = args.units;
    this.gates = gates;
    this.activation = getActivation(args.activation ?? "tanh");
    this.recurrentActivation = getActivation(args.recurrentActivation ?? "hardSigmoid");
    this.useBias = args.useBias ?? true;
    this.stateSize = args.units;
    this.bias = null;
  }
  build(inputShape) {
    const shape = oneShape(inputShape);
    const width = this.units * this.gates;
    this.kernel = this.addWeight("kernel", [shape[shape.length - 1], width], null, null, null, true);
    this.recurrentKernel = this.addWeight("recurrent_kernel", [this.units, width], null, null, null, true);
    if (this.useBias) this.bias = this.addWeight("bias", [width], null, null, null, true);
    this.built = true;
  }
}

class SimpleRNNCell extends GatedCell {
  constructor(args) {
    super(args, 1);
  }
  call(inputs) {
    const [x, state] = inputs;
    const bias = this.bias ? this.bias.read() : null;
    const h = ops.fusedDense(x, this.kernel.read(), bias);
    const output = this.activation.apply(ops.add(h, ops.matMul(state, this.recurrentKernel.read())));
    return [output, output];
  }
}
SimpleRNNCell.className = "SimpleRNNCell";

class GRUCell extends GatedCell {
  constructor(args) {
    if (args.resetAfter) assay.refuse("GRUCell does not support reset_after parameter set to true.");
    super(args, 3);
  }
  call(inputs) {
    const [x, state] = inputs;
    const bias = this.bias ? this.bias.read() : null;
    const u = this.units;
    const product = ops.fusedDense(x, this.kernel.read(), bias);
    const [kernelZR, kernelH] = ops.split(this.recurrentKernel.read(), [2 * u, u], 1);
    const [xz, xr, xh] = ops.split(product, 3, 1);
    const [rz, rr] = ops.split(ops.matMul(state, kernelZR), 2, 1);
    const z = this.recurrentActivation.apply(ops.add(xz, rz));
    const r = this.recurrentActivation.apply(ops.add(xr, rr));
    const candidate = this.activation.apply(ops.add(xh, ops.matMul(ops.mul(r, state), kernelH)));
    const h = ops.add(ops.mul(z, state), ops.mul(ops.add(1, ops.neg(z)), candidate));
    return [h, h];
  }
}
GRUCell.className = "GRUCell";

class LSTMCell extends GatedCell {
  constructor(args) {
    super(args, 4);
    this.stateSize = [this.units, this.units];
  }
  call(inputs) {
    const [x, state, cell] = inputs;
    const bias = this.bias ? this.bias.read() : null;
    const z = ops.add(ops.matMul(x, this.kernel.read()), ops.matMul(state, this.recurrentKernel.read()));
    const [zi, zf, zc, zo] = ops.split(bias ? ops.add(z, bias) : z, 4, 1);
    const i = this.recurrentActivation.apply(zi);
    const f = this.recurrentActivation.apply(zf);
    const c = ops.add(ops.mul(f, cell), ops.mul(i, this.activation.apply(zc)));
    const o = this.recurrentActivation.apply(zo);
    const h = ops.mul(o, this.activation.apply(c));
    return [h, h, c];
  }
}
LSTMCell.className = "LSTMCell";

class StackedRNNCells extends RNNCell {
  constructor(args) {
    super(args);
    this.cells = args.cells;
  }
  get stateSize() {
    const sizes = [];
    for (const cell of this.cells.slice().reverse()) sizes.push(...toList(cell.stateSize));
    return sizes;
  }
  build(inputShape) {
    const shape = Array.isArray(inputShape[0]) ? inputShape[0] : inputShape;
    let width = shape;
    for (const cell of this.cells) {
      cell.build(width);
      cell.built = true;
      width = [shape[0], toList(cell.stateSize)[0]];
    }
    this.built = true;
  }
  get trainableWeights() {
    return this.trainable ? this.cells.flatMap((cell) => cell.trainableWeights) : [];
  }
  get nonTrainableWeights() {
    const own = this.cells.flatMap((cell) => cell.nonTrainableWeights);
    return this.trainable ? own : this.cells.flatMap((cell) => cell.trainableWeights).concat(own);
  }
  call(inputs, kwargs) {
    let states = inputs.slice(1);
    const nested = [];
    for (const cell of this.cells.slice().reverse()) {
      const count = toList(cell.stateSize).length;
      nested.push(states.slice(0, count));
      states = states.slice(count);
    }
    nested.reverse();
    const next = [];
    let values = [inputs[0]];
    this.cells.forEach((cell, i) => {
      values = cell.call([values[0]].concat(nested[i]), kwargs);
      next.push(values.slice(1));
    });
    return [values[0]].concat(...next.slice().reverse());
  }
}
StackedRNNCells.className = "StackedRNNCells";

function recurrentClass(name, makeCell) {
  const cls = class extends RNN {
    constructor(args) {
      super({ ...args, cell: makeCell(args) });
      this.args_ = args;
      this.units = args.units;
    }
  };
  cls.className = name;
  return cls;
}
const inner = (args) => ({ ...args, name: null, inputShape: null, batchInputShape: null });
const SimpleRNN = recurrentClass("SimpleRNN", (args) => new SimpleRNNCell(inner(args)));
const GRU = recurrentClass("GRU", (args) => new GRUCell(inner(args)));
const LSTM = recurrentClass("LSTM", (args) => new LSTMCell(inner(args)));

class ConvLSTM2DCell extends LSTMCell {
  constructor(args) {
    super({ ...args, units: args.filters });
    this.filters = args.filters;
    this.kernelSize = normalized(args.kernelSize, 2, "kernelSize");
    this.strides = normalized(args.strides ?? 1, 2, "strides");
    this.padding = args.padding ?? "valid";
    this.dataFormat = args.dataFormat ?? "channelsLast";
    this.dilationRate = normalized(args.dilationRate ?? 1, 2, "dilationRate");
  }
  build(inputShape) {
    const shape = oneShape(inputShape);
    const channels = shape[this.dataFormat === "channelsFirst" ? 1 : shape.length - 1];
    if (isNull(channels)) assay.refuse("The channel dimension of the input should be defined, but it is null");
    const width = this.filters * 4;
    this.kernel = this.addWeight("kernel", [...this.kernelSize, channels, width], null, null, null, true);
    this.recurrentKernel = this.addWeight(
      "recurrent_kernel",
      [...this.kernelSize, this.filters, width],
      null,
      null,
      null,
      true,
    );
    if (this.useBias) this.bias = this.addWeight("bias", [width], null, null, null, true);
    this.built = true;
  }
  call(inputs) {
    const [x, state, cell] = inputs;
    const from = lastChannels(x, this.dataFormat);
    const held = lastChannels(state, this.dataFormat);
    const first = ops.conv2d(from, this.kernel.read(), this.strides, this.padding, "NHWC", this.dilationRate);
    const second = ops.conv2d(held, this.recurrentKernel.read(), 1, "same", "NHWC");
    const z = ops.add(addBias(first, this.bias ? this.bias.read() : null), second);
    const [zi, zf, zc, zo] = ops.split(
      firstChannels(z, this.dataFormat),
      4,
      this.dataFormat === "channelsFirst" ? 1 : 3,
    );
    const i = this.recurrentActivation.apply(zi);
    const f = this.recurrentActivation.apply(zf);
    const c = ops.add(ops.mul(f, cell), ops.mul(i, this.activation.apply(zc)));
    const h = ops.mul(this.recurrentActivation.apply(zo), this.activation.apply(c));
    return [h, h, c];
  }
}
ConvLSTM2DCell.className = "ConvLSTM2DCell";

class ConvLSTM2D extends RNN {
  constructor(args) {
    super({ ...args, cell: new ConvLSTM2DCell(inner(args)) });
    this.args_ = args;
    this.inputSpec = [{ ndim: 5 }];
  }
  oneStep(shape) {
    const { dataFormat, filters, kernelSize, padding, strides, dilationRate } = this.cell;
    const first = dataFormat === "channelsFirst";
    const at = first ? 3 : 2;
    const space = [0, 1].map((i) => convLength(shape[at + i], kernelSize[i], padding, strides[i], dilationRate[i]));
    return shape.slice(0, 2).concat(first ? [filters, ...space] : [...space, filters]);
  }
  computeOutputShape(inputShape) {
    let out = this.oneStep(inputShape);
    if (!this.returnSequences) out = [out[0], ...out.slice(2)];
    if (!this.returnState) return out;
    const state = [inputShape[0], ...out.slice(-3)];
    return [out, state, state];
  }
  initialState(x) {
    const shape = this.oneStep(x.shape);
    return [0, 1].map(() => ops.zeros([shape[0], ...shape.slice(2)]));
  }
}
ConvLSTM2D.className = "ConvLSTM2D";
