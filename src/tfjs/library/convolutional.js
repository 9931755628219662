/** Convolutions and what goes with them. */
function convLength(length, kernel, padding, stride, dilation) {
  if (isNull(length)) return length;
  const reach = kernel + (kernel - 1) * ((dilation ?? 1) - 1);
  const out = padding === "same" ? length : length - reach + 1;
  const positions = Math.floor((out + stride - 1) / stride);
  if (positions <= 0)
    assay.refuse(`The window reaches over ${reach}, but the input has ${length} along that axis: nothing is left`);
  return positions;
}

function deconvLength(length, stride, kernel, padding) {
  if (isNull(length)) return null;
  return padding === "same" ? length * stride : length * stride + Math.max(kernel - stride, 0);
}

function lastChannels(x, dataFormat) {
  if (dataFormat !== "channelsFirst") return x;
  const order = [0];
  for (let i = 2; i < x.shape.length; ++i) order.push(i);
  order.push(1);
  return ops.transpose(x, order);
}

function firstChannels(x, dataFormat) {
  if (dataFormat !== "channelsFirst") return x;
  const order = [0, x.shape.length - 1];
  for (let i = 1; i < x.shape.length - 1; ++i) order.push(i);
  return ops.transpose(x, order);
}

class BaseConv extends Layer {
  constructor(rank, args) {
    super(args);
    if (isNull(args.kernelSize)) assay.refuse("required key 'kernelSize' not in config");
    this.rank = rank;
    this.kernelSize = normalized(args.kernelSize, rank, "kernelSize");
    this.strides = normalized(args.strides ?? 1, rank, "strides");
    this.padding = args.padding ?? "valid";
    this.dataFormat = args.dataFormat ?? "channelsLast";
    this.activation = getActivation(args.activation);
    this.useBias = args.useBias ?? true;
    this.dilationRate = normalized(args.dilationRate ?? 1, rank, "dilationRate");
    this.bias = null;
  }
  channels(inputShape) {
    const axis = this.dataFormat === "channelsFirst" ? 1 : inputShape.length - 1;
    const channels = inputShape[axis];
    if (isNull(channels)) assay.refuse("The channel dimension of the input should be defined, but it is null");
    this.inputSpec = [{ ndim: this.rank + 2, axes: { [axis]: channels } }];
    return channels;
  }
  spatial(shape) {
    return this.dataFormat === "channelsFirst" ? shape.slice(2) : shape.slice(1, shape.length - 1);
  }
  withChannels(batch, space, channels) {
    return this.dataFormat === "channelsFirst" ? [batch, channels, ...space] : [batch, ...space, channels];
  }
  slid(shape) {
    return this.spatial(shape).map((length, i) =>
      convLength(length, this.kernelSize[i], this.padding, this.strides[i], this.dilationRate[i]),
    );
  }
  finished(y) {
    return this.activation.apply(firstChannels(addBias(y, this.bias ? this.bias.read() : null), this.dataFormat));
  }
}

class Conv extends BaseConv {
  constructor(rank, args) {
    super(rank, args);
    if (isNull(args.filters) || args.filters <= 0)
      assay.refuse(`filters must be a positive integer, but is ${args.filters}`);
    this.filters = args.filters;
    this.inputSpec = [{ ndim: rank + 2 }];
  }
  build(inputShape) {
    const channels = this.channels(oneShape(inputShape));
    this.kernel = this.addWeight("kernel", [...this.kernelSize, channels, this.filters], null, null, null, true);
    if (this.useBias) this.bias = this.addWeight("bias", [this.filters], null, null, null, true);
    this.built = true;
  }
  computeOutputShape(inputShape) {
    const shape = oneShape(inputShape);
    return this.withChannels(shape[0], this.slid(shape), this.filters);
  }
  call(inputs) {
    const x = lastChannels(oneTensor(inputs), this.dataFormat);
    const conv = [ops.conv1d, ops.conv2d, ops.conv3d][this.rank - 1];
    const dilation = this.rank === 1 ? this.dilationRate[0] : this.dilationRate;
    const format = this.rank === 1 ? "NWC" : "NHWC";
    if (this.rank === 2 && this.activation.fused) {
      const bias = this.bias ? this.bias.read() : null;
      return firstChannels(
        ops.fusedConv(x, this.kernel.read(), this.strides, this.padding, dilation, bias),
        this.dataFormat,
      );
    }
    return this.finished(conv(x, this.kernel.read(), this.strides, this.padding, format, dilation));
  }
}

class Conv1D extends Conv {
  constructor(args) {
    super(1, args);
  }
}
Conv1D.className = "Conv1D";

class Conv2D extends Conv {
  constructor(args) {
    super(2, args);
  }
}
Conv2D.className = "Conv2D";

class Conv3D extends Conv {
  constructor(args) {
    super(3, args);
  }
}
Conv3D.className = "Conv3D";

class ConvTranspose extends Conv {
  build(inputShape) {
    const channels = this.channels(oneShape(inputShape));
    this.kernel = this.addWeight("kernel", [...this.kernelSize, this.filters, channels], null, null, null, true);
    if (this.useBias) this.bias = this.addWeight("bias", [this.filters], null, null, null, true);
    this.built = true;
  }
  widened(shape) {
    return this.spatial(shape).map((length, i) =>
      deconvLength(length, this.strides[i], this.kernelSize[i], this.padding),
    );
  }
  computeOutputShape(inputShape) {
    const shape = oneShape(inputShape);
    return this.withChannels(shape[0], this.widened(shape), this.filters);
  }
  call(inputs) {
    const given = oneTensor(inputs);
    const x = lastChannels(given, this.dataFormat);
    const conv = [ops.conv1dTranspose, ops.conv2dTranspose, ops.conv3dTranspose][this.rank - 1];
    return this.finished(
      conv(
        x,
        this.kernel.read(),
        [given.shape[0], ...this.widened(given.shape), this.filters],
        this.strides,
        this.padding,
      ),
    );
  }
}

class Conv2DTranspose extends ConvTranspose {
  constructor(args) {
    super(2, args);
  }
}
Conv2DTranspose.className = "Conv2DTranspose";

class Conv3DTranspose extends ConvTranspose {
  constructor(args) {
    super(3, args);
  }
}
Conv3DTranspose.className = "Conv3DTranspose";

class SeparableConv2D extends Conv {
  constructor(args) {
    super(2, args);
    this.depthMultiplier = args.depthMultiplier ?? 1;
  }
  build(inputShape) {
    const channels = this.channels(oneShape(inputShape));
    const depthwise = [...this.kernelSize, channels, this.depthMultiplier];
    const pointwise = [1, 1, channels * this.depthMultiplier, this.filters];
    this.depthwiseKernel = this.addWeight("depthwise_kernel", depthwise, "float32", null, null, true);
    this.pointwiseKernel = this.addWeight("pointwise_kernel", pointwise, "float32", null, null, true);
    if (this.useBias) this.bias = this.addWeight("bias", [this.filters], "float32", null, null, true);
    this.built = true;
  }
  call(inputs) {
    const x = lastChannels(oneTensor(inputs), this.dataFormat);
    const [d, p] = [this.depthwiseKernel.read(), this.pointwiseKernel.read()];
    return this.finished(ops.separableConv2d(x, d, p, this.strides, this.padding, this.dilationRate));
  }
}
SeparableConv2D.className = "SeparableConv2D";

class DepthwiseConv2D extends BaseConv {
  constructor(args) {
    super(2, args);
    this.depthMultiplier = args.depthMultiplier ?? 1;
  }
  build(inputShape) {
    const shape = oneShape(inputShape);
    if (shape.length < 4) assay.refuse(`Inputs to DepthwiseConv2D should have rank 4, but ${show(shape)} was given`);
    const channels = this.channels(shape);
    const kernel = [...this.kernelSize, channels, this.depthMultiplier];
    this.depthwiseKernel = this.addWeight("depthwise_kernel", kernel, null, null, null, true);
    if (this.useBias) this.bias = this.addWeight("bias", [channels * this.depthMultiplier], null, null, null, true);
    this.built = true;
  }
  computeOutputShape(inputShape) {
    const shape = oneShape(inputShape);
    const axis = this.dataFormat === "channelsFirst" ? 1 : 3;
    const space = this.spatial(shape).map((length, i) =>
      convLength(length, this.kernelSize[i], this.padding, this.strides[i]),
    );
    return this.withChannels(shape[0], space, shape[axis] * this.depthMultiplier);
  }
  call(inputs) {
    const x = lastChannels(oneTensor(inputs), this.dataFormat);
    return this.finished(
      ops.depthwiseConv2d(x, this.depthwiseKernel.read(), this.strides, this.padding, "NHWC", this.dilationRate),
    );
  }
}
DepthwiseConv2D.className = "DepthwiseConv2D";
