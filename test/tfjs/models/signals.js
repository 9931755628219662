import { input, layers, model, sequential } from "@tensorflow/tfjs";

export const audio = sequential();
[8, 16, 32].forEach((filters, i) => {
  audio.add(
    layers.conv1d({
      filters,
      kernelSize: 8 >> i,
      strides: 2,
      padding: i % 2 ? "same" : "valid",
      ...(i === 0 ? { inputShape: [256, 2] } : {}),
    }),
  );
  audio.add(layers.maxPooling1d({ poolSize: 2 }));
});
audio.add(layers.globalAveragePooling1d());
audio.add(layers.dense({ units: 4, activation: "hardSigmoid" }));

export const volumes = sequential({
  layers: [
    layers.conv3d({ filters: 4, kernelSize: 3, inputShape: [8, 10, 12, 1], activation: "relu" }),
    layers.maxPooling3d({ poolSize: [1, 2, 2] }),
    layers.conv3d({ filters: 2, kernelSize: [2, 1, 3], strides: [2, 1, 1], padding: "same" }),
    layers.averagePooling3d({ poolSize: 2, padding: "same" }),
    layers.conv3dTranspose({ filters: 3, kernelSize: 2, strides: 2 }),
    layers.flatten(),
    layers.dense({ units: 3, useBias: false }),
  ],
});

export const attention = (() => {
  const length = 10;
  const width = 16;
  const x = input({ shape: [length, width] });
  const [q, k, v] = ["query", "key", "value"].map((name) => layers.dense({ units: width, name }).apply(x));
  const scores = layers.dot({ axes: [2, 2] }).apply([q, k]);
  const weights = layers.softmax({ axis: -1 }).apply(scores);
  const mixed = layers.dot({ axes: [2, 1] }).apply([weights, v]);
  const added = layers.add().apply([mixed, x]);
  const normal = layers.layerNormalization({ axis: -1 }).apply(added);
  const inner = layers.dense({ units: width * 4, activation: "gelu" }).apply(normal);
  const out = layers
    .layerNormalization()
    .apply(layers.add().apply([layers.dense({ units: width }).apply(inner), normal]));
  return model({ inputs: x, outputs: layers.globalMaxPooling1d().apply(out) });
})();

export const shapes = sequential({
  layers: [
    layers.reshape({ targetShape: [6, -1], inputShape: [4, 9] }),
    layers.permute({ dims: [2, 1] }),
    layers.masking({ maskValue: 0 }),
    layers.spatialDropout1d({ rate: 0.2 }),
    layers.gaussianNoise({ stddev: 0.1 }),
    layers.gaussianDropout({ rate: 0.1 }),
    layers.alphaDropout({ rate: 0.1 }),
    layers.averagePooling1d({ poolSize: 2, strides: 1, padding: "same" }),
    layers.globalMaxPooling1d(),
    layers.rescaling({ scale: 0.5, offset: 1 }),
    layers.repeatVector({ n: 3 }),
    layers.timeDistributed({ layer: layers.dense({ units: 2 }) }),
  ],
});

export const merged = (() => {
  const a = input({ shape: [3, 4] });
  const b = input({ shape: [3, 4] });
  const c = input({ shape: [4] });
  const kinds = [layers.add, layers.multiply, layers.average, layers.maximum, layers.minimum];
  const all = kinds.map((kind) => kind().apply([a, b, c]));
  return model({ inputs: [a, b, c], outputs: layers.concatenate({ axis: 1 }).apply(all) });
})();
