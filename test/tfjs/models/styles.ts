import * as tf from "@tensorflow/tfjs";

type Spec = { kind: "dense" | "dropout" | "conv"; size: number; act?: "relu" | "tanh" };

const specs: Record<string, Spec[]> = {
  plain: [
    { kind: "dense", size: 8, act: "relu" },
    { kind: "dropout", size: 0.5 },
    { kind: "dense", size: 3 },
  ],
  images: [
    { kind: "conv", size: 4, act: "tanh" },
    { kind: "conv", size: 8 },
    { kind: "dense", size: 2 },
  ],
};

function layerOf(spec: Spec, extra: object): tf.layers.Layer {
  switch (spec.kind) {
    case "conv":
      return tf.layers.conv2d({ filters: spec.size, kernelSize: 3, activation: spec.act, ...extra });
    case "dropout":
      return tf.layers.dropout({ rate: spec.size, ...extra });
    default:
      return tf.layers.dense({ units: spec.size, activation: spec.act, ...extra });
  }
}

const made = new Map<string, tf.Sequential>();
for (const [name, list] of Object.entries(specs)) {
  const model = tf.sequential();
  list.forEach((spec, i) => {
    const shape = name === "images" ? [9, 9, 2] : [5];
    if (spec.kind === "dense" && list[i - 1]?.kind === "conv") model.add(tf.layers.flatten());
    model.add(layerOf(spec, i === 0 ? { inputShape: shape } : {}));
  });
  made.set(name, model);
}
export const plain = made.get("plain")!;
export const images = made.get("images")!;

function* widths(from: number, count: number) {
  for (let i = 0; i < count; i++) yield from * 2 ** i;
}

export const generated = tf.sequential({
  layers: Array.from(widths(4, 4)).map((units, i) =>
    tf.layers.dense({
      units,
      name: `layer${String(i).padStart(2, "0")}`,
      ...(i ? null : { batchInputShape: [null, 6] }),
    }),
  ),
});

const config = JSON.parse('{"input": [7], "hidden": [11, 13], "out": 2}') as {
  input: number[];
  hidden: number[];
  out: number;
};
export const parsed = (({ input, hidden: [first, ...others], out }) => {
  const model = tf.sequential();
  model.add(tf.layers.dense({ units: first ?? 1, inputShape: input }));
  others.forEach((units) => void model.add(tf.layers.dense({ units })));
  model.add(tf.layers.dense({ units: out }));
  return model;
})(config);

export const chained = (() => {
  const apply =
    (...list: tf.layers.Layer[]) =>
    (x: tf.SymbolicTensor) =>
      list.reduce((y, layer) => layer.apply(y) as tf.SymbolicTensor, x);
  const x = tf.input({ batchShape: [null, 16] });
  const left = apply(tf.layers.dense({ units: 8 }), tf.layers.activation({ activation: "swish" }))(x);
  const right = apply(tf.layers.dense({ units: 8, activation: "softplus" }))(x);
  let i = 0;
  do {
    i += 1;
  } while (i < 5);
  label: for (let a = 0; ; a++) {
    for (let b = 0; b < 3; b++) if (a * b === 4) break label;
    i = a;
  }
  return tf.model({
    inputs: x,
    outputs: tf.layers
      .dense({ units: i ** 2 + 1 })
      .apply(tf.layers.multiply().apply([left, right])) as tf.SymbolicTensor,
  });
})();
