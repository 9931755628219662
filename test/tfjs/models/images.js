import * as tf from "@tensorflow/tfjs";

const { layers, input, model } = tf;

/** A U-Net: what goes down is joined on the way up. */
const unet = (size, base) => {
  const image = input({ shape: [size, size, 3] });
  const twice = (x, filters) => {
    for (const _ of [0, 1]) x = layers.conv2d({ filters, kernelSize: 3, padding: "same", activation: "relu" }).apply(x);
    return x;
  };
  const skips = [];
  let x = image;
  for (let level = 0; level < 3; level++) {
    x = twice(x, base * 2 ** level);
    skips.push(x);
    x = layers.maxPooling2d({ poolSize: 2 }).apply(x);
  }
  x = twice(x, base * 8);
  while (skips.length > 0) {
    const skip = skips.pop();
    const filters = skip.shape[3];
    x = layers.conv2dTranspose({ filters, kernelSize: 2, strides: 2, padding: "same" }).apply(x);
    x = layers.concatenate({ axis: -1 }).apply([x, skip]);
    x = twice(x, filters);
  }
  return model({
    inputs: image,
    outputs: layers.conv2d({ filters: 1, kernelSize: 1, activation: "sigmoid" }).apply(x),
  });
};
export const segmenter = unet(32, 4);

/** MobileNet's blocks. */
function separable(x, filters, strides) {
  const y = layers.depthwiseConv2d({ kernelSize: 3, strides, padding: "same", useBias: false }).apply(x);
  const z = layers.reLU({ maxValue: 6 }).apply(layers.batchNormalization({ epsilon: 1e-3 }).apply(y));
  return layers
    .activation({ activation: "relu6" })
    .apply(layers.batchNormalization().apply(layers.conv2d({ filters, kernelSize: 1, useBias: false }).apply(z)));
}
const picture = input({ shape: [64, 64, 3] });
const stages = [
  [8, 1],
  [16, 2],
  [16, 1],
  [32, 2],
  [32, 1],
];
let features = layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, padding: "same" }).apply(picture);
for (const [filters, strides] of stages) features = separable(features, filters, strides);
export const mobile = model({
  inputs: picture,
  outputs: layers.dense({ units: 5, activation: "softmax" }).apply(layers.globalMaxPooling2d({}).apply(features)),
});

export const xception = tf.sequential({
  layers: [
    layers.separableConv2d({
      filters: 12,
      kernelSize: [3, 3],
      depthMultiplier: 2,
      inputShape: [20, 20, 4],
      activation: "selu",
    }),
    layers.zeroPadding2d({
      padding: [
        [1, 2],
        [3, 4],
      ],
    }),
    layers.cropping2D({
      cropping: [
        [2, 1],
        [1, 1],
      ],
    }),
    layers.upSampling2d({ size: [2, 3] }),
    layers.averagePooling2d({ poolSize: [3, 2], strides: [2, 2], padding: "same" }),
    layers.separableConv2d({ filters: 3, kernelSize: 5, strides: 2, padding: "same", useBias: false }),
    layers.globalAveragePooling2d({}),
  ],
});

export const dilated = tf.sequential({
  layers: [
    layers.conv2d({ filters: 6, kernelSize: 3, dilationRate: 2, inputShape: [24, 24, 1] }),
    layers.conv2d({ filters: 6, kernelSize: [1, 5], dilationRate: [1, 3], padding: "same" }),
    layers.prelu({ sharedAxes: [1, 2] }),
    layers.leakyReLU({ alpha: 0.1 }),
    layers.prelu(),
    layers.thresholdedReLU({ theta: 0.5 }),
    layers.elu(),
    layers.flatten(),
    layers.softmax(),
  ],
});

export const first = tf.sequential({
  layers: [
    layers.conv2d({ filters: 6, kernelSize: 3, dataFormat: "channelsFirst", inputShape: [3, 18, 16] }),
    layers.maxPooling2d({ poolSize: 2, dataFormat: "channelsFirst" }),
    layers.batchNormalization({ axis: 1 }),
    layers.upSampling2d({ dataFormat: "channelsFirst" }),
    layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, dataFormat: "channelsFirst" }),
    layers.flatten({ dataFormat: "channelsFirst" }),
    layers.dense({ units: 2 }),
  ],
});
