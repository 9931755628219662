/** Models read from a `model.json`, as TensorFlow.js and Keras write it. */
const layerClasses = new Map();

function registered(list) {
  for (const cls of list) layerClasses.set(cls.className, cls);
}

/** Keys and values as TypeScript spells them: `kernel_size` is `kernelSize`. */
function spelled(value, key) {
  if (typeof value === "string") return assay.camel(value);
  if (Array.isArray(value)) {
    const names = ["inboundNodes", "outputLayers", "inputLayers"].includes(key);
    return value.map((item, i) => (names && i === 0 && typeof item === "string" ? item : spelled(item, key)));
  }
  if (isNull(value) || typeof value !== "object") return value;
  const made = {};
  for (const own of Object.keys(value)) {
    const name = assay.camel(own);
    made[name] = own === "name" && typeof value[own] === "string" ? value[own] : spelled(value[own], name);
  }
  return made;
}

const withLayer = ["TimeDistributed", "Bidirectional"];

function deserialize(given) {
  const { className } = given;
  const config = { ...given.config };
  if (className === "Sequential") return sequentialFrom(given.config);
  if (className === "Model" || className === "Functional") return graphFrom(given.config);
  const cls = layerClasses.get(className);
  if (!cls) assay.refuse(`Unknown layer: ${className}`);
  if (withLayer.includes(className)) config.layer = deserialize(config.layer);
  if (config.cell && config.cell.className) config.cell = deserialize(config.cell);
  if (config.cells) config.cells = config.cells.map((cell) => (cell.className ? deserialize(cell) : cell));
  return cls.fromConfig === Layer.fromConfig ? new cls(config) : cls.fromConfig(cls, config);
}

function sequentialFrom(config) {
  const list = Array.isArray(config) ? config : config.layers;
  const model = new Sequential(Array.isArray(config) ? {} : { name: config.name });
  for (const one of list) model.add(deserialize(one));
  return model;
}

function graphFrom(config) {
  const created = new Map();
  const waiting = [];
  for (const one of config.layers) {
    const layer = deserialize(one);
    created.set(one.name, layer);
    for (const node of one.inboundNodes) waiting.push({ layer, node });
  }
  const tensorOf = ([name, node, index]) => {
    const layer = created.get(name);
    const found = layer ? layer.inboundNodes[node] : undefined;
    return found ? found.outputTensors[index] : undefined;
  };
  let left = waiting;
  while (left.length > 0) {
    const later = [];
    const blocked = new Set();
    for (const one of left) {
      const list = one.node.map(tensorOf);
      if (blocked.has(one.layer) || list.some(isNull)) {
        blocked.add(one.layer);
        later.push(one);
      } else if (list.length > 0) one.layer.apply(single(list), one.node[0][3] ?? {});
    }
    if (later.length === left.length) assay.refuse("the model's graph has layers whose inputs are never made");
    left = later;
  }
  const each = (list) => (Array.isArray(list[0]) ? list : [list]).map(tensorOf);
  return new LayersModel({ inputs: each(config.inputLayers), outputs: each(config.outputLayers), name: config.name });
}

function modelFromJson(json) {
  let topology = json.modelTopology ?? json;
  topology = topology.model_config ?? topology.modelConfig ?? topology;
  return deserialize(spelled(topology, ""));
}
