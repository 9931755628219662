const tf = require("@tensorflow/tfjs");

const rnnType = { simple: tf.layers.simpleRNN, gru: tf.layers.gru, lstm: tf.layers.lstm };

function addition(kind, layers, hiddenSize, digits, vocabularySize) {
  const maxLen = digits + 1 + digits;
  const model = tf.sequential();
  model.add(rnnType[kind]({ units: hiddenSize, inputShape: [maxLen, vocabularySize] }));
  model.add(tf.layers.repeatVector({ n: digits + 1 }));
  for (let i = 0; i < layers; ++i) model.add(rnnType[kind]({ units: hiddenSize, returnSequences: true }));
  model.add(tf.layers.timeDistributed({ layer: tf.layers.dense({ units: vocabularySize }) }));
  model.add(tf.layers.activation({ activation: "softmax" }));
  return model;
}

exports.simple = addition("simple", 1, 16, 2, 12);
exports.gru = addition("gru", 2, 24, 3, 12);
exports.lstm = addition("lstm", 1, 32, 2, 12);

exports.sentiment = tf.sequential({
  layers: [
    tf.layers.embedding({ inputDim: 500, outputDim: 16, inputLength: 20, maskZero: true }),
    tf.layers.bidirectional({ layer: tf.layers.lstm({ units: 8, returnSequences: true }), mergeMode: "concat" }),
    tf.layers.bidirectional({ layer: tf.layers.gru({ units: 6 }), mergeMode: "sum" }),
    tf.layers.dense({ units: 1, activation: "sigmoid" }),
  ],
});

/** An encoder whose states start a decoder. */
function seq2seq(inputVocabulary, outputVocabulary, units) {
  const encoderInputs = tf.layers.input({ shape: [null, inputVocabulary], name: "encoder" });
  const encoder = tf.layers.lstm({ units, returnState: true });
  const [, stateH, stateC] = encoder.apply(encoderInputs);
  const decoderInputs = tf.layers.input({ shape: [null, outputVocabulary], name: "decoder" });
  const decoder = tf.layers.lstm({ units, returnSequences: true, returnState: true });
  const [decoded] = decoder.apply([decoderInputs, stateH, stateC]);
  const outputs = tf.layers.dense({ units: outputVocabulary, activation: "softmax" }).apply(decoded);
  return tf.model({ inputs: [encoderInputs, decoderInputs], outputs });
}
exports.translator = seq2seq(70, 90, 24);

exports.stacked = tf.sequential({
  layers: [
    tf.layers.rnn({
      cell: [tf.layers.lstmCell({ units: 8 }), tf.layers.gruCell({ units: 6 }), tf.layers.simpleRNNCell({ units: 4 })],
      returnSequences: true,
      inputShape: [7, 5],
    }),
    tf.layers.rnn({ cell: tf.layers.stackedRNNCells({ cells: [tf.layers.lstmCell({ units: 3 })] }) }),
  ],
});

const video = tf.sequential();
video.add(
  tf.layers.convLstm2d({ filters: 4, kernelSize: 3, padding: "same", returnSequences: true, inputShape: [4, 8, 8, 2] }),
);
video.add(tf.layers.convLstm2d({ filters: 3, kernelSize: [2, 3], strides: 2 }));
video.add(tf.layers.flatten());
video.add(tf.layers.dense({ units: 2 }));
exports.video = video;
