import type { SymbolicTensor } from "@tensorflow/tfjs";
import * as tf from "@tensorflow/tfjs";

interface BlockOptions {
  readonly filters: number;
  readonly stride?: number;
}

type Tensor = SymbolicTensor;

/** A residual block with a projection where the shapes differ. */
function residual(x: Tensor, { filters, stride = 1 }: BlockOptions): Tensor {
  let y = tf.layers
    .conv2d({ filters, kernelSize: 3, strides: stride, padding: "same", useBias: false })
    .apply(x) as Tensor;
  y = tf.layers.batchNormalization({}).apply(y) as Tensor;
  y = tf.layers.reLU().apply(y) as Tensor;
  y = tf.layers.conv2d({ filters, kernelSize: 3, padding: "same", useBias: false }).apply(y) as Tensor;
  y = tf.layers.batchNormalization().apply(y) as Tensor;
  const shortcut =
    stride !== 1 || x.shape[x.shape.length - 1] !== filters
      ? (tf.layers.conv2d({ filters, kernelSize: 1, strides: stride, useBias: false }).apply(x) as Tensor)
      : x;
  const sum = tf.layers.add().apply([y, shortcut]) as Tensor;
  return tf.layers.activation({ activation: "relu" }).apply(sum) as Tensor;
}

export function resnet(classes: number, widths: readonly number[] = [16, 32, 64]): tf.LayersModel {
  const input = tf.input({ shape: [32, 32, 3], name: "image" });
  let x = tf.layers.conv2d({ filters: widths[0]!, kernelSize: 3, padding: "same" }).apply(input) as Tensor;
  widths.forEach((filters, i) => {
    for (let block = 0; block < 2; block++) x = residual(x, { filters, stride: i > 0 && block === 0 ? 2 : 1 });
  });
  x = tf.layers.globalAveragePooling2d({}).apply(x) as Tensor;
  const output = tf.layers.dense({ units: classes, activation: "softmax" }).apply(x) as Tensor;
  return tf.model({ inputs: input, outputs: output, name: "resnet" });
}

export const small = resnet(10);
export const wide = resnet(100, [32, 64, 128, 128]);

enum Width {
  Narrow = 8,
  Broad = 64,
}

/** Two inputs, two outputs and a layer used twice. */
export const siamese = (() => {
  const left = tf.input({ shape: [20] });
  const right = tf.input({ shape: [20] });
  const shared = tf.layers.dense({ units: Width.Broad, activation: "tanh" });
  const a = shared.apply(left) as Tensor;
  const b = shared.apply(right) as Tensor;
  const joined = tf.layers.concatenate().apply([a, b]) as Tensor;
  const first = tf.layers.dense({ units: Width.Narrow }).apply(joined) as Tensor;
  const second = tf.layers.dot({ axes: -1 }).apply([a, b]) as Tensor;
  return tf.model({ inputs: [left, right], outputs: [first, second] });
})();
