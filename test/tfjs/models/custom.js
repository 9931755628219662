import * as tf from "@tensorflow/tfjs";

class Antirectifier extends tf.layers.Layer {
  constructor() {
    super({});
    this.supportsMasking = true;
  }
  computeOutputShape(inputShape) {
    return [inputShape[0], inputShape[1], inputShape[2], 2 * inputShape[3]];
  }
  call(inputs, kwargs) {
    let input = inputs;
    if (Array.isArray(input)) input = input[0];
    this.invokeCallHook?.(inputs, kwargs);
    const origShape = input.shape;
    const flat = tf.reshape(input, [origShape[0], origShape[1] * origShape[2] * origShape[3]]);
    const centered = tf.sub(flat, tf.mean(flat, 1, true));
    const pos = tf.relu(centered).reshape(origShape);
    const neg = tf.relu(tf.neg(centered)).reshape(origShape);
    return tf.concat([pos, neg], 3);
  }
  static get className() {
    return "Antirectifier";
  }
}
tf.serialization.registerClass(Antirectifier);

export const antirectified = tf.sequential();
antirectified.add(tf.layers.conv2d({ inputShape: [12, 12, 1], filters: 4, kernelSize: 3 }));
antirectified.add(new Antirectifier());
antirectified.add(tf.layers.globalAveragePooling2d({}));

class LowRank extends tf.layers.Layer {
  static className = "LowRank";
  constructor({ units, rank = 4, ...rest }) {
    super(rest);
    this.units = units;
    this.rank = rank;
  }
  build(inputShape) {
    const [size] = inputShape.slice(-1);
    this.down = this.addWeight("down", [size, this.rank], "float32", tf.initializers.glorotNormal());
    this.up = this.addWeight("up", [this.rank, this.units], "float32", tf.initializers.zeros());
    this.scale = this.addWeight("scale", [1], "float32", tf.initializers.ones(), undefined, false);
    this.built = true;
  }
  computeOutputShape(inputShape) {
    return [...inputShape.slice(0, -1), this.units];
  }
  call(inputs) {
    return tf.tidy(() => {
      const x = Array.isArray(inputs) ? inputs[0] : inputs;
      return x.matMul(this.down.read()).matMul(this.up.read()).mul(this.scale.read());
    });
  }
  getConfig() {
    return { ...super.getConfig(), units: this.units, rank: this.rank };
  }
}

const start = tf.input({ shape: [30] });
const end = [32, 16].reduce(
  (x, units, i) => new LowRank({ units, rank: 2 + i, name: `low_rank_${i}` }).apply(x),
  start,
);
export const lowRank = tf.model({ inputs: start, outputs: end });
