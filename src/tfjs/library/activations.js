/** Activation functions by name. */
const activationFunctions = {
  linear: (x) => x,
  relu: (x) => ops.relu(x),
  relu6: (x) => ops.relu6(x),
  elu: (x) => ops.elu(x),
  selu: (x) => ops.selu(x),
  sigmoid: (x) => ops.sigmoid(x),
  hardSigmoid: (x) => ops.hardSigmoid(x),
  softplus: (x) => ops.softplus(x),
  softsign: (x) => ops.div(x, ops.add(ops.abs(x), 1)),
  tanh: (x) => ops.tanh(x),
  softmax: (x) => ops.softmax(x, -1),
  logSoftmax: (x) => ops.logSoftmax(x, -1),
  swish: (x) => ops.swish(x),
  mish: (x) => ops.mish(x),
  gelu: (x) => ops.gelu(x),
  geluNew: (x) => ops.gelu(x),
};

/** Kernels of products and convolutions do these themselves. */
const fusedActivations = ["linear", "relu", "elu"];

class ActivationFunction {
  constructor(name) {
    this.name = name;
    this.fused = fusedActivations.includes(name);
  }
  apply(x) {
    return activationFunctions[this.name](x);
  }
}

function getActivation(given) {
  if (isNull(given)) return new ActivationFunction("linear");
  if (given instanceof ActivationFunction) return given;
  const name = assay.camel(typeof given === "string" ? given : (given.className ?? given.name));
  const known = { hardsigmoid: "hardSigmoid", logsoftmax: "logSoftmax", geluNew: "geluNew" };
  const found = known[name] ?? name;
  if (isNull(activationFunctions[found])) assay.refuse(`Unknown activation: ${name}`);
  return new ActivationFunction(found);
}

function addBias(x, bias, dataFormat) {
  if (isNull(bias)) return x;
  if (dataFormat === "channelsFirst" && x.shape.length > 2)
    return ops.add(x, ops.reshape(bias, [1, bias.shape[0]].concat(new Array(x.shape.length - 2).fill(1))));
  return ops.add(x, bias);
}
