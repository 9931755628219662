import * as tf from "@tensorflow/tfjs";

/** Sizes left open. */
const image = tf.input({ shape: [null, null, 3] });
let x = tf.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: "same", activation: "relu" }).apply(image);
x = tf.layers.upSampling2d({ size: [2, 2], interpolation: "bilinear" }).apply(x);
export const anySize = tf.model({ inputs: image, outputs: tf.layers.globalAveragePooling2d({}).apply(x) });

const tokens = tf.input({ shape: [null], dtype: "int32" });
const embedded = tf.layers.embedding({ inputDim: 50, outputDim: 8 }).apply(tokens);
const read = tf.layers
  .lstm({ units: 5, returnSequences: true, goBackwards: true, recurrentActivation: "sigmoid" })
  .apply(embedded);
export const anyLength = tf.model({ inputs: tokens, outputs: tf.layers.dense({ units: 4 }).apply(read) });

export const stateful = tf.sequential({
  layers: [
    tf.layers.simpleRNN({ units: 3, batchInputShape: [4, 6, 2], stateful: true, returnSequences: true }),
    tf.layers.bidirectional({ layer: tf.layers.simpleRNN({ units: 2, returnSequences: true }), mergeMode: "mul" }),
    tf.layers.categoryEncoding ? tf.layers.globalAveragePooling1d() : tf.layers.flatten(),
  ],
});

export const encoded = tf.sequential({
  layers: [tf.layers.categoryEncoding({ numTokens: 6, outputMode: "multiHot", inputShape: [4], inputDType: "int32" })],
});

export const both = (() => {
  const seq = tf.input({ shape: [5, 3] });
  const [forward, backward] = tf.layers
    .bidirectional({ layer: tf.layers.gru({ units: 4, returnSequences: true }), mergeMode: null })
    .apply(seq);
  return tf.model({ inputs: seq, outputs: tf.layers.average().apply([forward, backward]) });
})();

export const cropped = tf.sequential({
  layers: [tf.layers.centerCrop({ height: 5, width: 6, inputShape: [12, 14, 2] }), tf.layers.flatten()],
});
