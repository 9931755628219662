/** Layers of several inputs, normalization and activations of their own. */
function broadcast(a, b) {
  if (isNull(a) || isNull(b)) return null;
  if (a.length < b.length) return broadcast(b, a);
  if (b.length === 0) return a;
  const out = a.slice(0, a.length - b.length);
  b.forEach((j, k) => {
    const i = a[a.length - b.length + k];
    if (isNull(i) || isNull(j) || i < 0 || j < 0) out.push(null);
    else if (i === 1) out.push(j);
    else if (j === 1 || i === j) out.push(i);
    else
      assay.refuse(`Operands could not be broadcast together with shapes ${show(a)} and ${show(b)}: ${i} against ${j}`);
  });
  return out;
}

class Merge extends Layer {
  constructor(args) {
    super(args ?? {});
    this.supportsMasking = true;
  }
  build(inputShape) {
    const shapes = Array.isArray(inputShape[0]) ? inputShape : [inputShape];
    if (shapes.length < 2)
      assay.refuse(`A merge layer should be called on an Array of at least 2 inputs. Got ${shapes.length} input(s).`);
    let out = shapes[0].slice(1);
    for (const shape of shapes.slice(1)) out = broadcast(out, shape.slice(1));
    this.built = true;
  }
  computeOutputShape(inputShape) {
    let out = inputShape[0].slice(1);
    for (const shape of inputShape.slice(1)) out = broadcast(out, shape.slice(1));
    const batches = [...new Set(inputShape.map((shape) => shape[0]).filter((size) => !isNull(size)))];
    return (batches.length === 1 ? batches : [null]).concat(out);
  }
  call(inputs) {
    const rank = Math.max(...inputs.map((x) => x.shape.length));
    const list = inputs.map((x) => {
      let wide = x;
      for (let i = x.shape.length; i < rank; ++i) wide = ops.expandDims(wide, 1);
      return wide;
    });
    return this.mergeFunction(list);
  }
  mergeFunction(inputs) {
    return inputs.reduce((a, b) => this.pair(a, b));
  }
}

function mergeClass(name, pair, last) {
  const cls = class extends Merge {
    pair(a, b) {
      return pair(a, b);
    }
    mergeFunction(inputs) {
      const out = super.mergeFunction(inputs);
      return last ? last(out, inputs.length) : out;
    }
  };
  cls.className = name;
  return cls;
}
const Add = mergeClass("Add", (a, b) => ops.add(a, b));
const Multiply = mergeClass("Multiply", (a, b) => ops.mul(a, b));
const Average = mergeClass(
  "Average",
  (a, b) => ops.add(a, b),
  (x, n) => ops.mul(x, 1 / n),
);
const Maximum = mergeClass("Maximum", (a, b) => ops.maximum(a, b));
const Minimum = mergeClass("Minimum", (a, b) => ops.minimum(a, b));

class Concatenate extends Merge {
  constructor(args) {
    super(args);
    this.axis = (args ?? {}).axis ?? -1;
  }
  build(inputShape) {
    if (!Array.isArray(inputShape) || !Array.isArray(inputShape[0]) || inputShape.length === 1)
      assay.refuse("A `Concatenate` layer should be called on a list of at least 2 inputs");
    const rest = (shape) => {
      const axis = this.axis < 0 ? shape.length + this.axis : this.axis;
      return shape.filter((_, i) => i !== axis);
    };
    const first = rest(inputShape[0]);
    for (const shape of inputShape.slice(1)) {
      const own = rest(shape);
      if (own.length !== first.length || own.some((size, i) => size !== first[i]))
        assay.refuse(
          `A Concatenate layer takes inputs with matching shapes except for the concat axis ${this.axis}, but got ${inputShape.map(show).join(" and ")}`,
        );
    }
    this.built = true;
  }
  computeOutputShape(inputShape) {
    const out = inputShape[0].slice();
    const axis = this.axis < 0 ? out.length + this.axis : this.axis;
    for (const shape of inputShape.slice(1)) {
      if (isNull(out[axis]) || isNull(shape[axis])) {
        out[axis] = null;
        break;
      }
      out[axis] += shape[axis];
    }
    return out;
  }
  call(inputs) {
    return ops.concat(inputs, this.axis);
  }
}
Concatenate.className = "Concatenate";

class Dot extends Merge {
  constructor(args) {
    super(args);
    this.axes = args.axes;
    this.normalize = args.normalize ?? false;
  }
  axesOf(a, b) {
    if (Array.isArray(this.axes)) return this.axes;
    const at = (rank) => (this.axes < 0 ? this.axes + rank : this.axes);
    return [at(a.length), at(b.length)];
  }
  build(inputShape) {
    const [a, b] = inputShape;
    const axes = this.axesOf(a, b);
    if (a[axes[0]] !== b[axes[1]]) assay.refuse(`Dimension incompatibility: ${a[axes[0]]} !== ${b[axes[1]]}`);
    this.built = true;
  }
  computeOutputShape(inputShape) {
    const a = inputShape[0].slice();
    const b = inputShape[1].slice();
    const axes = this.axesOf(a, b);
    a.splice(axes[0], 1);
    b.splice(axes[1], 1);
    b.splice(0, 1);
    const out = a.concat(b);
    if (out.length === 1) out.push(1);
    return out;
  }
  call(inputs) {
    let [a, b] = inputs;
    const axes = this.axesOf(a.shape, b.shape).map((axis, i) => (axis < 0 ? axis + inputs[i].shape.length : axis));
    if (a.shape.length === 2 && b.shape.length === 2) return ops.sum(ops.mul(a, b), axes[0], true);
    const shape = this.computeOutputShape([a.shape, b.shape]);
    if (a.shape.length === 2) a = ops.expandDims(a, axes[0] === 1 ? 1 : 2);
    if (b.shape.length === 2) b = ops.expandDims(b, 2);
    return ops.reshape(
      ops.matMul(a, b, axes[0] !== a.shape.length - 1, axes[1] === b.shape.length - 1 && axes[1] === 2),
      shape,
    );
  }
}
Dot.className = "Dot";

class BatchNormalization extends Layer {
  constructor(args) {
    super(args ?? {});
    const given = args ?? {};
    this.supportsMasking = true;
    this.axis = given.axis ?? -1;
    this.center = given.center ?? true;
    this.scale = given.scale ?? true;
  }
  build(inputShape) {
    const shape = oneShape(inputShape);
    const axis = this.axis >= 0 ? this.axis : this.axis + shape.length;
    const dim = shape[axis];
    if (isNull(dim))
      assay.refuse(`Axis ${axis} of input tensor should have a defined dimension, but it is ${show(shape)}`);
    this.inputSpec = [{ ndim: shape.length, axes: { [axis]: dim } }];
    if (this.scale) this.gamma = this.addWeight("gamma", [dim], null, null, null, true);
    if (this.center) this.beta = this.addWeight("beta", [dim], null, null, null, true);
    this.movingMean = this.addWeight("moving_mean", [dim], null, null, null, false);
    this.movingVariance = this.addWeight("moving_variance", [dim], null, null, null, false);
    this.built = true;
  }
  call(inputs, kwargs) {
    const x = oneTensor(inputs);
    const axis = this.axis >= 0 ? this.axis : this.axis + x.shape.length;
    const read = (weight) => {
      if (!weight) return null;
      if (axis === x.shape.length - 1) return weight.read();
      return ops.reshape(
        weight.read(),
        x.shape.map((size, i) => (i === axis ? size : 1)),
      );
    };
    let [mean, variance] = [read(this.movingMean), read(this.movingVariance)];
    if (kwargs.training) {
      const own = ops.moments(
        x,
        x.shape.map((_, i) => i).filter((i) => i !== axis),
        true,
      );
      mean = own.mean;
      variance = own.variance;
    }
    return ops.batchNorm(x, mean, variance, read(this.beta), read(this.gamma));
  }
}
BatchNormalization.className = "BatchNormalization";

class LayerNormalization extends Layer {
  constructor(args) {
    super(args ?? {});
    const given = args ?? {};
    this.axis = given.axis ?? -1;
    this.center = given.center ?? true;
    this.scale = given.scale ?? true;
    this.supportsMasking = true;
  }
  build(inputShape) {
    const shape = oneShape(inputShape);
    this.axis = toList(this.axis).map((axis) => (axis < 0 ? axis + shape.length : axis));
    const own = this.axis.map((axis) => shape[axis]);
    this.gamma = this.scale ? this.addWeight("gamma", own, "float32", null, null, true) : null;
    this.beta = this.center ? this.addWeight("beta", own, "float32", null, null, true) : null;
    this.built = true;
  }
  call(inputs) {
    const x = oneTensor(inputs);
    const { mean, variance } = ops.moments(x, this.axis, true);
    const wide = (weight) =>
      weight
        ? ops.reshape(
            weight.read(),
            x.shape.map((size, i) => (this.axis.includes(i) ? size : 1)),
          )
        : null;
    return ops.batchNorm(x, mean, variance, wide(this.beta), wide(this.gamma));
  }
}
LayerNormalization.className = "LayerNormalization";

function activationClass(name, run) {
  const cls = class extends Layer {
    constructor(args) {
      super(args ?? {});
      Object.assign(this, { maxValue: null, alpha: null, theta: null }, args ?? {}, { name: this.name });
    }
    call(inputs) {
      return run(oneTensor(inputs), this);
    }
  };
  cls.className = name;
  return cls;
}
const ReLU = activationClass("ReLU", (x, layer) =>
  isNull(layer.maxValue) ? ops.relu(x) : ops.clipByValue(ops.relu(x), 0, layer.maxValue),
);
const LeakyReLU = activationClass("LeakyReLU", (x, layer) => ops.leakyRelu(x, layer.alpha ?? 0.3));
const ELU = activationClass("ELU", (x) => ops.elu(x));
const ThresholdedReLU = activationClass("ThresholdedReLU", (x, layer) =>
  ops.mul(x, ops.cast(ops.greater(x, layer.theta ?? 1), "float32")),
);
const Softmax = activationClass("Softmax", (x, layer) => ops.softmax(x, layer.axis ?? -1));

class PReLU extends Layer {
  constructor(args) {
    super(args ?? {});
    this.supportsMasking = true;
    const axes = (args ?? {}).sharedAxes;
    this.sharedAxes = isNull(axes) ? null : toList(axes);
  }
  build(inputShape) {
    const shape = oneShape(inputShape).slice(1);
    if (this.sharedAxes)
      for (const i of this.sharedAxes) {
        shape[i - 1] = 1;
      }
    this.alpha = this.addWeight("alpha", shape, "float32", null, null, true);
    this.built = true;
  }
  call(inputs) {
    return ops.prelu(oneTensor(inputs), this.alpha.read());
  }
}
PReLU.className = "PReLU";
