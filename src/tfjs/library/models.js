/** Models: graphs of layers, and layers in a row. */
class Container extends Layer {
  constructor(args) {
    super({ name: isNull(args.name) ? uid("model") : args.name });
    this.inputs = toList(args.inputs);
    this.outputs = toList(args.outputs);
    this.layers = [];
    this.built = true;
    if (this.outputs.length > 0) this.connect();
  }
  getClassName() {
    return this.constructor.className ?? "Model";
  }

  /** Finds the layers and the order in which they run: the farthest from the outputs first. */
  connect() {
    const finished = new Set();
    const order = [];
    const layerIndex = new Map();
    const pending = this.outputs
      .slice()
      .reverse()
      .map((x) => ({ node: x.sourceLayer.inboundNodes[x.nodeIndex], done: false }));
    const running = new Set();
    while (pending.length > 0) {
      const { node, done } = pending.pop();
      if (done) {
        running.delete(node);
        if (!finished.has(node)) order.push(node);
        finished.add(node);
        continue;
      }
      if (finished.has(node) || running.has(node)) continue;
      running.add(node);
      if (!layerIndex.has(node.layer)) layerIndex.set(node.layer, layerIndex.size);
      pending.push({ node, done: true });
      for (const x of node.inputTensors.slice().reverse())
        pending.push({ node: x.sourceLayer.inboundNodes[x.nodeIndex], done: false });
    }
    const depths = new Map();
    const layerDepths = new Map();
    for (const node of order.slice().reverse()) {
      const depth = Math.max(depths.get(node) ?? 0, layerDepths.get(node.layer) ?? 0);
      layerDepths.set(node.layer, depth);
      depths.set(node, depth);
      for (const x of node.inputTensors) {
        const before = x.sourceLayer.inboundNodes[x.nodeIndex];
        depths.set(before, Math.max(depth + 1, depths.get(before) ?? 0));
      }
    }
    this.nodes = order
      .map((node, i) => ({ node, i }))
      .sort((a, b) => depths.get(b.node) - depths.get(a.node) || a.i - b.i)
      .map(({ node }) => node);
    this.layers = [...layerIndex.keys()].sort(
      (a, b) => layerDepths.get(b) - layerDepths.get(a) || layerIndex.get(a) - layerIndex.get(b),
    );
    const known = new Set(this.inputs);
    for (const node of this.nodes) {
      for (const x of node.inputTensors)
        if (!known.has(x))
          assay.refuse(`Graph disconnected: cannot obtain the input ${show(x.shape)} of layer "${node.layer.name}"`);
      if (node.inputTensors.length === 0 && !node.outputTensors.every((x) => known.has(x)))
        assay.refuse(`Graph disconnected: the input layer "${node.layer.name}" is not among the model's inputs`);
      for (const x of node.outputTensors) known.add(x);
    }
    const names = this.layers.map((layer) => layer.name);
    const twice = names.find((name, i) => names.indexOf(name) !== i);
    if (twice !== undefined)
      assay.refuse(`The name "${twice}" is used more than once in the model. All layer names should be unique.`);
    this.inboundNodes = [];
    this.outboundNodes = [];
    const [inputs, outputs] = [this.inputs, this.outputs];
    this.inboundNodes.push({ layer: this, inputTensors: inputs, outputTensors: outputs, kwargs: {}, index: 0 });
  }

  get trainableWeights() {
    return this.trainable ? this.layers.flatMap((layer) => layer.trainableWeights) : [];
  }
  get nonTrainableWeights() {
    const own = this.layers.flatMap((layer) => layer.nonTrainableWeights);
    return this.trainable ? own : this.layers.flatMap((layer) => layer.trainableWeights).concat(own);
  }
  get weights() {
    const seen = new Set();
    return this.layers.flatMap((layer) => layer.weights).filter((w) => !seen.has(w) && seen.add(w));
  }
  get trainable() {
    return this.trainable_;
  }
  set trainable(value) {
    for (const layer of this.layers ?? [])
      for (const w of layer.weights) {
        w.trainable = value;
      }
    this.trainable_ = value;
  }
  getLayer(name, index) {
    if (!isNull(index)) return this.layers[index];
    if (typeof name === "number") return this.layers[name];
    const found = this.layers.find((layer) => layer.name === name);
    if (!found) assay.refuse(`No such layer: ${name}`);
    return found;
  }
  computeOutputShape(inputShape) {
    const given = Array.isArray(inputShape[0]) ? inputShape : [inputShape];
    const shapes = new Map();
    this.inputs.forEach((x, i) => shapes.set(x, given[i]));
    for (const node of this.nodes) {
      if (node.outputTensors.every((x) => shapes.has(x))) continue;
      const out = node.layer.computeOutputShape(single(node.inputTensors.map((x) => shapes.get(x))));
      const list = Array.isArray(out[0]) ? out : [out];
      node.outputTensors.forEach((x, i) => shapes.set(x, list[i]));
    }
    return single(this.outputs.map((x) => shapes.get(x)));
  }
  build() {
    this.built = true;
  }
  call(inputs, kwargs) {
    const list = toList(inputs);
    const values = new Map();
    const uses = new Map();
    for (const node of this.nodes) for (const x of node.inputTensors) uses.set(x, (uses.get(x) ?? 0) + 1);
    for (const x of this.outputs) uses.set(x, (uses.get(x) ?? 0) + 1);
    this.inputs.forEach((x, i) => {
      values.set(x, list[i]);
      uses.set(x, (uses.get(x) ?? 0) + 1);
    });
    for (const node of this.nodes) {
      if (node.outputTensors.every((x) => values.has(x))) continue;
      const args = node.inputTensors.map((x) => values.get(x));
      const { initialState, ...rest } = node.kwargs;
      // The real executor runs a layer once for each of its outputs that somebody reads.
      const wanted = node.outputTensors.filter((x) => uses.get(x) > 0).length;
      for (let time = 0; time < Math.max(1, wanted); ++time) {
        const out = toList(assay.call(node.layer, single(args), { ...rest, ...(kwargs ?? {}) }));
        if (time === 0) node.outputTensors.forEach((x, i) => values.set(x, out[i]));
      }
      if (kwargs && kwargs.training) continue;
      for (const x of node.inputTensors) {
        uses.set(x, uses.get(x) - 1);
        if (uses.get(x) === 0) assay.release(values.get(x));
      }
    }
    return single(this.outputs.map((x) => values.get(x)));
  }
  predict(x) {
    return assay.tidy(() => this.run(x, {}));
  }
  predictOnBatch(x) {
    return this.predict(x);
  }
  run(x, kwargs) {
    const list = toList(x);
    const short = list.filter((one, i) => !isNull(one.shape) && one.shape.length !== this.inputs[i].shape.length);
    if (short.length > 0)
      assay.refuse(`The model takes ${show(this.inputs[0].shape)}, but was given ${show(short[0].shape)}`);
    return this.call(x, kwargs);
  }
  apply(inputs, kwargs) {
    return super.apply(inputs, kwargs);
  }
  compile(args) {
    this.optimizer = (args ?? {}).optimizer;
    this.loss = (args ?? {}).loss;
  }
  async fit() {
    return assay.unknown("what training gives is not known");
  }
  async fitDataset() {
    return assay.unknown("what training gives is not known");
  }
  async trainOnBatch() {
    return assay.unknown("what training gives is not known");
  }
  evaluate() {
    return assay.unknown("what an evaluation gives is not known");
  }
  async save() {
    return assay.unknown("what saving gives is not known");
  }
  summary() {}
  get stateful() {
    return this.layers.some((layer) => layer.stateful);
  }
}

class LayersModel extends Container {
  constructor(args) {
    super(args);
    assay.model(this);
  }
}
LayersModel.className = "Model";

class Sequential extends LayersModel {
  constructor(args) {
    const given = args ?? {};
    super({ inputs: [], outputs: [], name: isNull(given.name) ? uid("sequential_") : given.name });
    this.graph = null;
    for (const layer of given.layers ?? []) this.add(layer);
  }
  add(layer) {
    const isModel = layer instanceof Container;
    if (isModel && (layer.outputs.length !== 1 || layer.inputs.length !== 1))
      assay.refuse("All layers in a Sequential model should have a single input and a single output tensor");
    if (this.outputs.length > 0) {
      const out = layer.apply(this.outputs[0]);
      if (Array.isArray(out))
        assay.refuse("All layers in a Sequential model should have a single output tensor. Use the functional API.");
      this.checkShape(layer);
      this.outputs = [out];
      this.inboundNodes[0].outputTensors = this.outputs;
    } else {
      if (layer.inboundNodes.length === 0) {
        if (isNull(layer.batchInputShape))
          assay.refuse("The first layer in a Sequential model must get an `inputShape` or `batchInputShape` argument.");
        layer.apply(input({ batchShape: layer.batchInputShape, dtype: layer.dtype, name: `${layer.name}_input` }));
      }
      if (isModel) {
        this.outputs = layer.outputs;
        this.inputs = layer.inputs;
      } else {
        if (layer.inboundNodes.length !== 1)
          assay.refuse(
            `A layer added to a Sequential model must not already be connected somewhere else: ${layer.name}`,
          );
        this.checkShape(layer);
        this.outputs = [layer.inboundNodes[0].outputTensors[0]];
        this.inputs = sourceInputs(this.outputs[0]);
      }
      const [inputs, outputs] = [this.inputs, this.outputs];
      this.inboundNodes = [{ layer: this, inputTensors: inputs, outputTensors: outputs, kwargs: {}, index: 0 }];
    }
    this.layers.push(layer);
    this.graph = null;
    assay.grown(this);
  }
  checkShape(layer) {
    const { inputTensors, outputTensors } = layer.inboundNodes[0];
    if (
      outputTensors[0].shape.some((size) => typeof size === "number" && size < 0) &&
      layer.getClassName() !== "RandomWidth"
    )
      assay.refuse(
        `Negative dimension size caused by adding layer ${layer.name} with input shape ${show(inputTensors[0].shape)}`,
      );
  }
  pop() {
    this.layers.pop();
    this.outputs = this.layers.length === 0 ? [] : [this.layers[this.layers.length - 1].output];
    if (this.layers.length === 0) this.inboundNodes = [];
    else this.inboundNodes[0].outputTensors = this.outputs;
    this.graph = null;
  }
  build() {
    if (this.outputs.length === 0)
      assay.refuse("Sequential model cannot be built: model is empty. Add some layers first.");
    if (isNull(this.graph))
      this.graph = new Container({ inputs: this.inputs, outputs: this.outputs[0], name: `${this.name}_model` });
    this.built = true;
  }
  computeOutputShape(inputShape) {
    this.build();
    return this.graph.computeOutputShape(inputShape);
  }
  call(inputs, kwargs) {
    this.build();
    return this.graph.call(inputs, kwargs);
  }
}
Sequential.className = "Sequential";

function sourceInputs(tensor) {
  const found = [];
  const seen = new Set();
  const pending = [tensor];
  while (pending.length > 0) {
    const x = pending.pop();
    const node = x.sourceLayer.inboundNodes[x.nodeIndex];
    if (node.inputTensors.length === 0) {
      for (const one of node.outputTensors) if (!found.includes(one)) found.push(one);
      continue;
    }
    for (const one of node.inputTensors) {
      if (seen.has(one)) continue;
      seen.add(one);
      pending.push(one);
    }
  }
  return found;
}
