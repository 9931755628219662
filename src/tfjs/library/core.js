/** Layers of the most general kind. */
class Dense extends Layer {
  constructor(args) {
    super(args);
    if (isNull(args.units) || args.units <= 0) assay.refuse(`units must be a positive integer, but is ${args.units}`);
    if (
      isNull(this.batchInputShape) &&
      isNull(args.batchInputShape) &&
      isNull(args.inputShape) &&
      !isNull(args.inputDim)
    )
      this.batchInputShape = [isNull(args.batchSize) ? null : args.batchSize, args.inputDim];
    if (isNull(this.dtype) && !isNull(this.batchInputShape)) this.dtype = "float32";
    this.units = args.units;
    this.activation = getActivation(args.activation);
    this.useBias = args.useBias ?? true;
    this.supportsMasking = true;
    this.inputSpec = [{ minNDim: 2 }];
  }
  build(inputShape) {
    const shape = oneShape(inputShape);
    const last = shape[shape.length - 1];
    if (isNull(last)) assay.refuse("The last axis of the inputs to Dense should be defined, but it is null");
    this.kernel = this.addWeight("kernel", [last, this.units], null, null, null, true);
    this.bias = this.useBias ? this.addWeight("bias", [this.units], null, null, null, true) : null;
    this.inputSpec = [{ minNDim: 2, axes: { "-1": last } }];
    this.built = true;
  }
  computeOutputShape(inputShape) {
    const shape = oneShape(inputShape).slice();
    shape[shape.length - 1] = this.units;
    return shape;
  }
  call(inputs) {
    const x = oneTensor(inputs);
    const bias = this.bias ? this.bias.read() : null;
    if (this.activation.fused) return ops.fusedDense(x, this.kernel.read(), bias);
    return this.activation.apply(addBias(ops.fusedDense(x, this.kernel.read(), null), bias));
  }
}
Dense.className = "Dense";

class Dropout extends Layer {
  constructor(args) {
    super(args);
    this.rate = Math.max(Math.min(args.rate, 1), 0);
    this.supportsMasking = true;
  }
  call(inputs, kwargs) {
    const x = oneTensor(inputs);
    return kwargs.training && this.rate > 0 ? ops.dropout(x, this.rate) : x;
  }
}
Dropout.className = "Dropout";

class SpatialDropout1D extends Dropout {
  constructor(args) {
    super(args);
    this.inputSpec = [{ ndim: 3 }];
  }
}
SpatialDropout1D.className = "SpatialDropout1D";

class GaussianNoise extends Layer {
  constructor(args) {
    super(args);
    this.supportsMasking = true;
    this.stddev = args.stddev;
  }
  call(inputs, kwargs) {
    const x = oneTensor(inputs);
    return kwargs.training ? ops.add(x, ops.randomNormal(x.shape)) : x;
  }
}
GaussianNoise.className = "GaussianNoise";

class GaussianDropout extends Layer {
  constructor(args) {
    super(args);
    this.supportsMasking = true;
    this.rate = args.rate;
  }
  call(inputs, kwargs) {
    const x = oneTensor(inputs);
    return kwargs.training && this.rate > 0 ? ops.mul(x, ops.randomNormal(x.shape)) : x;
  }
}
GaussianDropout.className = "GaussianDropout";

class AlphaDropout extends GaussianDropout {}
AlphaDropout.className = "AlphaDropout";

class Activation extends Layer {
  constructor(args) {
    super(args);
    this.supportsMasking = true;
    this.activation = getActivation(args.activation);
  }
  call(inputs) {
    return this.activation.apply(oneTensor(inputs));
  }
}
Activation.className = "Activation";

class Flatten extends Layer {
  constructor(args) {
    super(args ?? {});
    this.inputSpec = [{ minNDim: 3 }];
    this.dataFormat = (args ?? {}).dataFormat;
  }
  computeOutputShape(inputShape) {
    const shape = oneShape(inputShape);
    for (const size of shape.slice(1))
      if (isNull(size))
        assay.refuse(`The shape of the input to Flatten is not fully defined (got ${show(shape.slice(1))})`);
    return [shape[0], shape.slice(1).reduce((a, b) => a * b, 1)];
  }
  call(inputs) {
    let x = oneTensor(inputs);
    if (this.dataFormat === "channelsFirst" && x.shape.length > 1) {
      const order = [0];
      for (let i = 2; i < x.shape.length; ++i) order.push(i);
      order.push(1);
      x = ops.transpose(x, order);
    }
    return ops.reshape(x, [x.shape[0], x.shape.slice(1).reduce((a, b) => a * b, 1)]);
  }
}
Flatten.className = "Flatten";

class Reshape extends Layer {
  constructor(args) {
    super(args);
    this.targetShape = args.targetShape.map((size) => (isNull(size) || size < 0 ? null : size));
  }
  computeOutputShape(inputShape) {
    const shape = oneShape(inputShape);
    if (shape.some(isNull)) return [shape[0]].concat(this.targetShape);
    return [shape[0]].concat(this.fixed(shape.slice(1)));
  }
  fixed(shape) {
    const total = shape.reduce((a, b) => a * b, 1);
    let known = 1;
    let open = null;
    this.targetShape.forEach((size, i) => {
      if (size === null) {
        if (open !== null) assay.refuse("Can only specify one unknown dimension in a reshape");
        open = i;
      } else known *= size;
    });
    const target = this.targetShape.slice();
    const fits = open === null ? total === known : known !== 0 && total % known === 0;
    if (!fits)
      assay.refuse(
        `Total size of the new shape ${show(target)} must be unchanged, but ${show(shape)} has ${total} elements`,
      );
    if (open !== null) target[open] = total / known;
    return target;
  }
  call(inputs) {
    const x = oneTensor(inputs);
    return ops.reshape(x, [x.shape[0]].concat(this.fixed(x.shape.slice(1))));
  }
}
Reshape.className = "Reshape";

class Permute extends Layer {
  constructor(args) {
    super(args);
    this.dims = args.dims;
    this.inputSpec = [{ ndim: args.dims.length + 1 }];
  }
  computeOutputShape(inputShape) {
    const shape = oneShape(inputShape);
    const out = shape.slice();
    this.dims.forEach((dim, i) => {
      out[i + 1] = shape[dim];
    });
    return out;
  }
  call(inputs) {
    return ops.transpose(oneTensor(inputs), [0].concat(this.dims));
  }
}
Permute.className = "Permute";

class RepeatVector extends Layer {
  constructor(args) {
    super(args);
    this.n = args.n;
    this.inputSpec = [{ ndim: 2 }];
  }
  computeOutputShape(shape) {
    return [shape[0], this.n, shape[1]];
  }
  call(inputs) {
    return ops.tile(ops.expandDims(oneTensor(inputs), 1), [1, this.n, 1]);
  }
}
RepeatVector.className = "RepeatVector";

class Masking extends Layer {
  constructor(args) {
    super(args ?? {});
    this.supportsMasking = true;
    this.maskValue = (args ?? {}).maskValue ?? 0;
  }
  call(inputs) {
    const x = oneTensor(inputs);
    return ops.mul(x, ops.cast(ops.any(ops.notEqual(x, this.maskValue), -1, true), x.dtype));
  }
}
Masking.className = "Masking";

class Embedding extends Layer {
  constructor(args) {
    super(args);
    if (isNull(args.batchInputShape) && isNull(args.inputShape)) {
      const batch = isNull(args.batchSize) ? null : args.batchSize;
      this.batchInputShape = isNull(args.inputLength) ? [batch, null] : [batch].concat(toList(args.inputLength));
    }
    this.dtype = this.dtype ?? "float32";
    this.inputDim = args.inputDim;
    this.outputDim = args.outputDim;
    this.maskZero = args.maskZero;
    this.inputLength = args.inputLength;
  }
  build() {
    this.embeddings = this.addWeight("embeddings", [this.inputDim, this.outputDim], this.dtype, null, null, true);
    this.built = true;
  }
  computeOutputShape(inputShape) {
    const shape = oneShape(inputShape);
    if (isNull(this.inputLength)) return [...shape, this.outputDim];
    const lengths = toList(this.inputLength);
    if (lengths.length !== shape.length - 1)
      assay.refuse(`inputLength is ${lengths}, but the input has shape ${show(shape)}`);
    const middle = lengths.map((length, i) => {
      const own = shape[i + 1];
      if (!isNull(length) && !isNull(own) && length !== own)
        assay.refuse(`inputLength is ${lengths}, but the input has shape ${show(shape)}`);
      return isNull(length) ? own : length;
    });
    return [shape[0], ...middle, this.outputDim];
  }
  call(inputs) {
    return ops.gather(this.embeddings.read(), ops.cast(oneTensor(inputs), "int32"));
  }
}
Embedding.className = "Embedding";
