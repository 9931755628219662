import * as tf from "@tensorflow/tfjs";

const model = tf.sequential();
model.add(tf.layers.conv2d({ inputShape: [28, 28, 1], kernelSize: 5, filters: 8 }));
model.add(tf.layers.flatten());
model.add(tf.layers.dense({ units: 10 }));

const left = tf.input({ shape: [4, 8] });
const right = tf.input({ shape: [4, 6] });
const sum = tf.layers.add().apply([left, right]);
