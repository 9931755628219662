import * as tf from "@tensorflow/tfjs";

abstract class Network {
  protected model: tf.Sequential | undefined;
  constructor(
    protected readonly units: number,
    private depth = 2,
  ) {}
  abstract head(): tf.layers.Layer;

  build(): tf.Sequential {
    const model = tf.sequential();
    for (let i = 0; i < this.depth; i++) {
      model.add(tf.layers.dense({ units: this.units, activation: "elu", ...(i === 0 && { inputShape: [12] }) }));
      model.add(this.between(i));
    }
    model.add(this.head());
    this.model = model;
    return model;
  }
  protected between(i: number): tf.layers.Layer {
    return tf.layers.dropout({ rate: 0.1 * (i + 1) });
  }
}

class Regressor extends Network {
  static readonly outputs = 3;
  head() {
    return tf.layers.dense({ units: Regressor.outputs });
  }
}

class Classifier extends Network {
  #classes = 7;
  get classes() {
    return this.#classes;
  }
  override head() {
    return tf.layers.dense({ units: this.classes, activation: "softmax" });
  }
  protected override between() {
    return tf.layers.batchNormalization({ axis: -1, scale: false });
  }
}

export const regressor = new Regressor(24).build();
export const classifier = new Classifier(16, 3).build();

class Agent {
  online: tf.LayersModel;
  target: tf.LayersModel;
  constructor(private config: { state: number[]; actions: number }) {
    this.online = this.create("online");
    this.target = this.create("target");
    this.target.trainable = false;
  }
  private create(name: string) {
    const { state, actions } = this.config;
    const input = tf.input({ shape: state });
    const layers: tf.layers.Layer[] = [64, 64].map((units) => tf.layers.dense({ units, activation: "relu" }));
    const hidden = layers.reduce((x, layer) => layer.apply(x) as tf.SymbolicTensor, input);
    const value = tf.layers.dense({ units: 1 }).apply(hidden);
    const advantage = tf.layers.dense({ units: actions }).apply(hidden);
    return tf.model({ inputs: input, outputs: [value, advantage] as tf.SymbolicTensor[], name });
  }
}
const agent = new Agent({ state: [4], actions: 2 });
export const online = agent.online;
export const target = agent.target;
