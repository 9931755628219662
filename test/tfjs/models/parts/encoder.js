import * as tf from "@tensorflow/tfjs";

const widths = [24, 16];
export const LATENT = 6;
export default widths;

export function makeEncoder(size) {
  const model = tf.sequential({ name: "encoder" });
  widths.forEach((units, i) => {
    const first = i === 0 ? { inputShape: [size] } : {};
    model.add(tf.layers.dense(Object.assign({ units, activation: "relu" }, first)));
  });
  model.add(tf.layers.dense({ units: LATENT }));
  return model;
}
