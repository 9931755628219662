/** What layers are made of: symbolic tensors, weights, and the base of every layer. */
const counts = new Map();

function uid(prefix) {
  const next = (counts.get(prefix) ?? 0) + 1;
  counts.set(prefix, next);
  return prefix + String(next);
}

function toList(x) {
  return Array.isArray(x) ? x : [x];
}

function single(list) {
  return Array.isArray(list) && list.length === 1 ? list[0] : list;
}

function isNull(x) {
  return x === null || x === undefined;
}

/** One shape out of a list that must hold one. */
function oneShape(shape) {
  if (!Array.isArray(shape) || !Array.isArray(shape[0])) return shape;
  if (shape.length !== 1) assay.refuse(`Expected exactly 1 shape; got ${shape.length}`);
  return shape[0];
}

function oneTensor(x) {
  if (!Array.isArray(x)) return x;
  if (x.length !== 1) assay.refuse(`Expected exactly 1 tensor; got ${x.length}`);
  return x[0];
}

/** A setting for each of some axes. */
function normalized(value, n, name) {
  if (typeof value === "number") return new Array(n).fill(value);
  if (Array.isArray(value) && value.length === 1 && n > 1) return new Array(n).fill(value[0]);
  if (Array.isArray(value) && value.length !== n)
    assay.refuse(`${name} must be a number or a list of ${n}, but it has ${value.length}`);
  return value;
}

function show(shape) {
  return `[${shape.map((size) => (isNull(size) ? "null" : size)).join(", ")}]`;
}

class SymbolicTensor {
  constructor(dtype, shape, sourceLayer, inputs, name) {
    this.dtype = dtype;
    this.shape = shape;
    this.sourceLayer = sourceLayer;
    this.inputs = inputs;
    this.name = name;
    this.rank = shape.length;
    this.nodeIndex = 0;
    this.tensorIndex = 0;
  }
}

function isSymbolic(x) {
  return x instanceof SymbolicTensor;
}

class LayerVariable {
  constructor(shape, dtype, name, trainable) {
    this.shape = shape;
    this.dtype = dtype;
    this.name = name;
    this.trainable = trainable;
    this.val = assay.weight(shape, dtype, trainable);
  }
  read() {
    return this.val;
  }
  write() {
    return this;
  }
}

class Layer {
  constructor(args) {
    const given = args ?? {};
    this.args_ = given;
    this.inboundNodes = [];
    this.outboundNodes = [];
    this._trainableWeights = [];
    this._nonTrainableWeights = [];
    this.inputSpec = null;
    this.built = false;
    this.supportsMasking = false;
    this.trainable_ = isNull(given.trainable) ? true : given.trainable;
    const kind = this.getClassName();
    this.name = isNull(given.name) || given.name === "" ? `${assay.snake(kind)}_${uid(kind)}` : given.name;
    if (!isNull(given.batchInputShape) || !isNull(given.inputShape)) {
      const batch = isNull(given.batchSize) ? null : given.batchSize;
      this.batchInputShape = isNull(given.batchInputShape) ? [batch].concat(given.inputShape) : given.batchInputShape;
      this.dtype = given.dtype ?? given.inputDType ?? "float32";
    }
    assay.made(this);
  }

  getClassName() {
    return this.constructor.className ?? this.constructor.name;
  }
  get trainable() {
    return this.trainable_;
  }
  set trainable(value) {
    this._trainableWeights.forEach((w) => {
      w.trainable = value;
    });
    this.trainable_ = value;
  }
  get trainableWeights() {
    return this.trainable_ ? this._trainableWeights.filter((w) => w.trainable) : [];
  }
  get nonTrainableWeights() {
    if (!this.trainable) return this._trainableWeights.concat(this._nonTrainableWeights);
    return this._trainableWeights.filter((w) => !w.trainable).concat(this._nonTrainableWeights);
  }
  get weights() {
    return this.trainableWeights.concat(this.nonTrainableWeights);
  }
  get input() {
    return single(this.inboundNodes[0].inputTensors);
  }
  get output() {
    return single(this.inboundNodes[0].outputTensors);
  }
  get inputShape() {
    return single(this.inboundNodes[0].inputTensors.map((x) => x.shape));
  }
  get outputShape() {
    return single(this.inboundNodes[0].outputTensors.map((x) => x.shape));
  }
  getOutputAt(index) {
    return single(this.inboundNodes[index].outputTensors);
  }
  getInputAt(index) {
    return single(this.inboundNodes[index].inputTensors);
  }

  addWeight(name, shape, dtype, _initializer, _regularizer, trainable) {
    const weight = new LayerVariable(shape, dtype ?? "float32", name, trainable ?? true);
    if (trainable === false) this._nonTrainableWeights.push(weight);
    else this._trainableWeights.push(weight);
    return weight;
  }
  build() {
    this.built = true;
  }
  call(inputs) {
    return inputs;
  }
  computeOutputShape(inputShape) {
    return inputShape;
  }
  computeMask() {
    return null;
  }
  getConfig() {
    return { ...this.args_, name: this.name, trainable: this.trainable_ };
  }
  static fromConfig(cls, config) {
    return new cls(config);
  }
  countParams() {
    return this.weights.reduce((total, w) => total + w.shape.reduce((a, b) => a * b, 1), 0);
  }
  getWeights() {
    return this.weights.map((w) => w.read());
  }
  setWeights() {}
  dispose() {}
  resetStates() {}
  addLoss() {}

  assertInputCompatibility(inputs) {
    if (isNull(this.inputSpec)) return;
    const specs = toList(this.inputSpec);
    const list = toList(inputs);
    if (specs.length === 0) return;
    if (list.length !== specs.length)
      assay.refuse(`Layer ${this.name} expects ${specs.length} inputs, but it received ${list.length}`);
    list.forEach((x, i) => {
      const spec = specs[i];
      if (!isNull(spec)) checkSpec(this, x, spec);
    });
  }

  apply(inputs, kwargs) {
    const list = toList(inputs);
    if (list.some(assay.isUnknown)) return assay.unknown(`what ${this.name} is applied to is not known`);
    const symbolic = list.every(isSymbolic);
    if (!symbolic && list.some(isSymbolic))
      assay.refuse("Arguments to apply() must be all SymbolicTensors or all Tensors");
    if (!this.built) {
      this.assertInputCompatibility(inputs);
      this.build(single(list.map((x) => x.shape)));
      this.built = true;
    }
    this.assertInputCompatibility(inputs);
    if (!symbolic) return assay.call(this, inputs, kwargs ?? {});
    const shape = this.computeOutputShape(single(list.map((x) => x.shape)));
    const several = Array.isArray(shape) && Array.isArray(shape[0]);
    const dtype = this.outputDtype(list[0].dtype);
    const outputs = (several ? shape : [shape]).map((one) => new SymbolicTensor(dtype, one, this, list, this.name));
    addNode(this, list, outputs, kwargs ?? {});
    assay.applied(this, shape);
    return several ? outputs : outputs[0];
  }
  outputDtype() {
    return "float32";
  }
}
Layer.className = undefined;

function addNode(layer, inputs, outputs, kwargs) {
  const node = { layer, inputTensors: inputs, outputTensors: outputs, kwargs, index: layer.inboundNodes.length };
  outputs.forEach((x, i) => {
    x.nodeIndex = node.index;
    x.tensorIndex = i;
  });
  layer.inboundNodes.push(node);
  inputs.forEach((x) => {
    if (x.sourceLayer) x.sourceLayer.outboundNodes.push(node);
  });
  return node;
}

function checkSpec(layer, x, spec) {
  const rank = x.shape.length;
  if (!isNull(spec.ndim) && rank !== spec.ndim)
    assay.refuse(`Layer ${layer.name} takes ${spec.ndim} axes, but its input ${show(x.shape)} has ${rank}`);
  if (!isNull(spec.minNDim) && rank < spec.minNDim)
    assay.refuse(`Layer ${layer.name} takes at least ${spec.minNDim} axes, but its input ${show(x.shape)} has ${rank}`);
  if (!isNull(spec.maxNDim) && rank > spec.maxNDim)
    assay.refuse(`Layer ${layer.name} takes at most ${spec.maxNDim} axes, but its input ${show(x.shape)} has ${rank}`);
  if (isNull(spec.axes)) return;
  for (const key of Object.keys(spec.axes)) {
    const axis = Number(key) >= 0 ? Number(key) : rank + Number(key);
    const wanted = spec.axes[key];
    const own = x.shape[axis];
    if (!isNull(wanted) && !isNull(own) && own !== wanted)
      assay.refuse(`Layer ${layer.name} takes ${wanted} along axis ${axis}, but its input ${show(x.shape)} has ${own}`);
  }
}

class InputSpec {
  constructor(args) {
    Object.assign(this, args);
  }
}

class InputLayer extends Layer {
  constructor(args) {
    super({ name: isNull(args.name) ? uid("input") : args.name, dtype: args.dtype });
    const batch = isNull(args.batchSize) ? null : args.batchSize;
    const shape = args.batchInputShape ?? args.batchShape ?? [batch].concat(args.inputShape ?? args.shape);
    if (isNull(args.batchInputShape) && isNull(args.batchShape) && isNull(args.inputShape) && isNull(args.shape))
      assay.refuse("An InputLayer should be passed either a batchInputShape or an inputShape");
    this.dtype = args.dtype ?? "float32";
    this.batchInputShape = shape;
    this.built = true;
    const tensor = new SymbolicTensor(this.dtype, shape, this, [], this.name);
    addNode(this, [], [tensor], {});
  }
}
InputLayer.className = "InputLayer";

function input(config) {
  if (isNull(config.batchShape) && isNull(config.shape))
    assay.refuse("Please provide to Input either a shape or a batchShape");
  return new InputLayer(config).inboundNodes[0].outputTensors[0];
}

/** The same, asked for by a program. */
function givenInput(config) {
  const tensor = input(config);
  assay.applied(tensor.sourceLayer, tensor.shape);
  return tensor;
}
