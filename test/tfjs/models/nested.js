import * as tf from "@tensorflow/tfjs";
import { LATENT, makeEncoder, default as widths } from "./parts/encoder.js";

/** An autoencoder whose halves are models of their own. */
const encoder = makeEncoder(36);
const decoder = tf.sequential({ name: "decoder" });
for (const [i, units] of [...widths].reverse().entries()) {
  decoder.add(tf.layers.dense({ units, activation: "relu", inputShape: i === 0 ? [LATENT] : undefined }));
}
decoder.add(tf.layers.dense({ units: 36, activation: "sigmoid" }));
const given = tf.input({ shape: [36] });
export const autoencoder = tf.model({
  inputs: given,
  outputs: decoder.apply(encoder.apply(given)),
  name: "autoencoder",
});

const generator = tf.sequential();
generator.add(tf.layers.dense({ units: 3 * 3 * 16, inputShape: [8] }));
generator.add(tf.layers.reshape({ targetShape: [3, 3, 16] }));
generator.add(tf.layers.conv2dTranspose({ filters: 8, kernelSize: 5, strides: 2, padding: "same" }));
generator.add(tf.layers.conv2dTranspose({ filters: 1, kernelSize: 3, activation: "tanh" }));
const discriminator = tf.sequential();
discriminator.add(tf.layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, 1] }));
discriminator.add(tf.layers.flatten());
discriminator.add(tf.layers.dense({ units: 1 }));
discriminator.trainable = false;
const gan = tf.sequential();
gan.add(generator);
gan.add(discriminator);

export { discriminator, gan, generator };

/** The body of one model under the head of another. */
const body = tf.model({ inputs: encoder.inputs, outputs: encoder.layers[1].output });
for (const layer of body.layers) layer.trainable = false;
const head = tf.layers.dense({ units: 2, name: "head" }).apply(body.outputs[0]);
export const transfer = tf.model({ inputs: body.inputs, outputs: head });
