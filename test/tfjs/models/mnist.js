import * as tf from "@tensorflow/tfjs";

const IMAGE_WIDTH = 28;
const IMAGE_HEIGHT = 28;

export function getModel() {
  const model = tf.sequential();
  const IMAGE_CHANNELS = 1;
  model.add(
    tf.layers.conv2d({
      inputShape: [IMAGE_WIDTH, IMAGE_HEIGHT, IMAGE_CHANNELS],
      kernelSize: 5,
      filters: 8,
      strides: 1,
      activation: "relu",
      kernelInitializer: "varianceScaling",
    }),
  );
  model.add(tf.layers.maxPooling2d({ poolSize: [2, 2], strides: [2, 2] }));
  model.add(
    tf.layers.conv2d({
      kernelSize: 5,
      filters: 16,
      strides: 1,
      activation: "relu",
      kernelInitializer: "varianceScaling",
    }),
  );
  model.add(tf.layers.maxPooling2d({ poolSize: [2, 2], strides: [2, 2] }));
  model.add(tf.layers.flatten());
  const NUM_OUTPUT_CLASSES = 10;
  model.add(
    tf.layers.dense({ units: NUM_OUTPUT_CLASSES, kernelInitializer: "varianceScaling", activation: "softmax" }),
  );
  const optimizer = tf.train.adam();
  model.compile({ optimizer, loss: "categoricalCrossentropy", metrics: ["accuracy"] });
  return model;
}

export const model = getModel();

export const dense = tf.sequential({
  name: "perceptron",
  layers: [
    tf.layers.flatten({ inputShape: [IMAGE_HEIGHT, IMAGE_WIDTH, 1] }),
    tf.layers.dense({ units: 42, activation: "relu" }),
    tf.layers.dropout({ rate: 0.2 }),
    tf.layers.dense({ units: 10, activation: "softmax" }),
  ],
});
