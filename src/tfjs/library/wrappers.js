/** Layers around layers, and layers that prepare data. */

/** A layer made anew as it was made, with weights of its own. */
function cloned(layer, changes) {
  const args = { ...layer.args_, ...changes, name: layer.name };
  if (args.cell)
    args.cell = Array.isArray(args.cell) ? args.cell.map((cell) => cloned(cell, {})) : cloned(args.cell, {});
  if (args.cells) args.cells = args.cells.map((cell) => cloned(cell, {}));
  const copy = new layer.constructor(args);
  assay.sameAs(copy, layer);
  return copy;
}

class Wrapper extends Layer {
  constructor(args) {
    super(args);
    this.layer = args.layer;
  }
  build() {
    this.built = true;
  }
  get trainable() {
    return this.layer ? this.layer.trainable : true;
  }
  set trainable(value) {
    if (this.layer) this.layer.trainable = value;
  }
  get trainableWeights() {
    return this.layer.trainableWeights;
  }
  get nonTrainableWeights() {
    return this.layer.nonTrainableWeights;
  }
}

class TimeDistributed extends Wrapper {
  build(inputShape) {
    const shape = oneShape(inputShape);
    if (shape.length < 3)
      assay.refuse(`TimeDistributed layer expects an input shape >= 3D, but received ${show(shape)}`);
    const child = [shape[0]].concat(shape.slice(2));
    if (!this.layer.built) {
      this.layer.build(child);
      this.layer.built = true;
    }
    this.built = true;
  }
  computeOutputShape(inputShape) {
    const shape = oneShape(inputShape);
    const out = this.layer.computeOutputShape([shape[0]].concat(shape.slice(2)));
    assay.applied(this.layer, out);
    return [out[0], shape[1]].concat(out.slice(1));
  }
  call(inputs, kwargs) {
    const step = (x) => [oneTensor(assay.call(this.layer, x, kwargs)), []];
    return overTime(step, oneTensor(inputs), [], false, true)[1];
  }
}
TimeDistributed.className = "TimeDistributed";

class Bidirectional extends Wrapper {
  constructor(args) {
    super(args);
    const { layer } = args;
    this.forwardLayer = cloned(layer, {});
    this.backwardLayer = cloned(layer, { goBackwards: layer.goBackwards !== true });
    this.forwardLayer.name = `forward_${this.forwardLayer.name}`;
    this.backwardLayer.name = `backward_${this.backwardLayer.name}`;
    this.mergeMode = args.mergeMode === undefined ? "concat" : args.mergeMode;
    this.returnSequences = layer.returnSequences;
    this.returnState = layer.returnState;
    this.supportsMasking = true;
    this.inputSpec = layer.inputSpec;
    this.trainableFlag = true;
  }
  get trainable() {
    return this.trainableFlag ?? true;
  }
  set trainable(value) {
    this.trainableFlag = value;
    if (this.forwardLayer) this.forwardLayer.trainable = value;
    if (this.backwardLayer) this.backwardLayer.trainable = value;
  }
  get trainableWeights() {
    return this.forwardLayer.trainableWeights.concat(this.backwardLayer.trainableWeights);
  }
  get nonTrainableWeights() {
    return this.forwardLayer.nonTrainableWeights.concat(this.backwardLayer.nonTrainableWeights);
  }
  build(inputShape) {
    this.forwardLayer.build(inputShape);
    this.backwardLayer.build(inputShape);
    this.built = true;
  }
  computeOutputShape(inputShape) {
    const given = this.forwardLayer.computeOutputShape(inputShape);
    const shapes = Array.isArray(given[0]) ? given : [given];
    const states = this.returnState ? shapes.slice(1) : [];
    const out = shapes[0];
    if (this.mergeMode === "concat") out[out.length - 1] *= 2;
    const outs = isNull(this.mergeMode) ? [out, out.slice()] : [out];
    if (!this.returnState) return single(outs);
    return outs.concat(states).concat(states.slice());
  }
  apply(inputs, kwargs) {
    const list = Array.isArray(inputs) ? inputs : [inputs];
    const states = (kwargs ?? {}).initialState ?? list.slice(1);
    if (states.length === 0) return super.apply(list[0], kwargs);
    this.inputSpec = null;
    return super.apply([list[0]].concat(states), { ...(kwargs ?? {}), initialState: states });
  }
  call(inputs, kwargs) {
    const list = Array.isArray(inputs) ? inputs : [inputs];
    const half = (list.length - 1) / 2;
    let y = assay.call(this.forwardLayer, list.length > 1 ? [list[0], ...list.slice(1, 1 + half)] : list[0], {});
    let back = assay.call(this.backwardLayer, list.length > 1 ? [list[0], ...list.slice(1 + half)] : list[0], {});
    let states = [];
    if (this.returnState) {
      states = y.slice(1).concat(back.slice(1));
      y = y[0];
      back = back[0];
    }
    if (this.returnSequences) back = ops.reverse(back, 1);
    let out = [y, back];
    if (this.mergeMode === "concat") out = [ops.concat([y, back], -1)];
    else if (this.mergeMode === "sum") out = [ops.add(y, back)];
    else if (this.mergeMode === "ave") out = [ops.mul(ops.add(y, back), 0.5)];
    else if (this.mergeMode === "mul") out = [ops.mul(y, back)];
    return single(out.concat(states));
  }
}
Bidirectional.className = "Bidirectional";

class Rescaling extends Layer {
  constructor(args) {
    super(args);
    this.scale = args.scale;
    this.offset = args.offset ?? 0;
  }
  call(inputs) {
    return ops.add(ops.mul(ops.cast(oneTensor(inputs), "float32"), this.scale), this.offset);
  }
}
Rescaling.className = "Rescaling";

class Resizing extends Layer {
  constructor(args) {
    super(args);
    Object.assign(this, { height: args.height, width: args.width, interpolation: args.interpolation ?? "bilinear" });
  }
  computeOutputShape(inputShape) {
    return [this.height, this.width, oneShape(inputShape)[2]];
  }
  call(inputs) {
    const resize = this.interpolation === "nearest" ? ops.resizeNearestNeighbor : ops.resizeBilinear;
    return resize(oneTensor(inputs), [this.height, this.width]);
  }
}
Resizing.className = "Resizing";

class CenterCrop extends Layer {
  constructor(args) {
    super(args);
    Object.assign(this, { height: args.height, width: args.width });
  }
  computeOutputShape(inputShape) {
    const shape = oneShape(inputShape).slice();
    shape[shape.length - 3] = this.height;
    shape[shape.length - 2] = this.width;
    return shape;
  }
  call(inputs) {
    return ops.resizeBilinear(oneTensor(inputs), [this.height, this.width]);
  }
}
CenterCrop.className = "CenterCrop";

class RandomWidth extends Layer {
  constructor(args) {
    super(args);
    this.interpolation = args.interpolation ?? "bilinear";
  }
  computeOutputShape(inputShape) {
    return [this.imgHeight, -1, oneShape(inputShape)[2]];
  }
  call(inputs) {
    return ops.resizeBilinear(oneTensor(inputs), [
      oneTensor(inputs).shape[1],
      assay.unknown("the width is drawn at random"),
    ]);
  }
}
RandomWidth.className = "RandomWidth";

class CategoryEncoding extends Layer {
  constructor(args) {
    super(args);
    this.numTokens = args.numTokens;
    this.outputMode = args.outputMode ?? "multiHot";
  }
  computeOutputShape(inputShape) {
    const shape = oneShape(inputShape).slice();
    if (this.outputMode === "oneHot" && shape[shape.length - 1] !== 1) return [...shape, this.numTokens];
    shape[shape.length - 1] = this.numTokens;
    return shape;
  }
  call(inputs) {
    const x = oneTensor(inputs);
    const hot = ops.oneHot(ops.cast(x, "int32"), this.numTokens);
    return this.outputMode === "oneHot"
      ? ops.reshape(hot, this.computeOutputShape(x.shape))
      : ops.max(hot, x.shape.length - 1);
  }
}
CategoryEncoding.className = "CategoryEncoding";
