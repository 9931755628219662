import { showCount, showShare } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import { integer } from "../../tensor/size.ts";
import { elements, type Storage } from "../../tensor/tensor.ts";
import { constructionOf, flowOf } from "../code/flow.ts";
import { codeOf } from "../code/tree.ts";
import type { Rule } from "./rule.ts";

/**
 * A dense layer on a whole feature map, flattened, that holds most of the model's parameters.
 *
 * Networks since 2014 take the mean over the map first (Lin et al., Network In Network, arXiv:1312.4400): the layer then has
 * height × width times fewer inputs, and takes images of any size.
 */
const flattenedFeatures: Rule = {
  id: "flattened-features",
  price: "where in the image something is can no longer be told by the layer: it has to be trained anew.",

  *check(model) {
    const code = codeOf(model.file, model.text);
    const flow = flowOf(model.inference, model.figures);
    const total = known(model.figures.layers.get("")?.params ?? 0) ?? 0;
    const maps = new Map<Storage, readonly number[]>();
    for (const operation of flow.operations) {
      const { outputs, inputs } = operation;
      for (const { storage, shape } of outputs) {
        const isMap = shape.length === 4 && storage.role === "activation";
        // Dropout and activations between the map and the layer change nothing of this.
        const before = inputs.map((input) => maps.get(input.storage)).find((map) => map !== undefined);
        if (isMap) maps.set(storage, shape.map(integer));
        else if (before && !maps.has(storage) && product(before) === product(shape.map(integer)))
          maps.set(storage, before);
      }
      if (operation.name !== "aten.linear") continue;
      const layer = flow.layer(operation);
      const weight = layer?.parameters.find(({ name }) => name === "weight")?.tensor;
      const map = maps.get(inputs[0]?.storage as Storage);
      const count = weight && known(elements(weight.shape));
      if (!layer || !weight || !map || !count || count < 1e7 || count < 0.5 * total) continue;
      const [, channels = 1, height = 1, width = 1] = map;
      if (height * width < 4 || integer(weight.shape[1] ?? 0) !== channels * height * width) continue;
      const call = constructionOf(layer, code);
      if (!call) continue;
      yield {
        severity: "hint",
        at: code.place(call),
        what: `${layer.path} reads the ${channels} × ${height} × ${width} feature map flat: ${showCount(count)} parameters, ${showShare(count, total)} of the model.`,
        why: `Of the map's mean (nn.AdaptiveAvgPool2d(1)) it would need ${showCount(count / (height * width))}, and the input's size would be free.`,
        fixes: [],
      };
    }
  },
};
export default flattenedFeatures;

const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1);
