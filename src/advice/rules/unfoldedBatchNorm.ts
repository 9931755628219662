import { showShare } from "../../base/units.ts";
import type { Operation } from "../../trace/trace.ts";
import { flowOf, trafficOf } from "../code/flow.ts";
import { codeOf } from "../code/tree.ts";
import type { Rule } from "./rule.ts";

/**
 * In inference, a batch normalization behind a convolution: it is a factor and an addend for each channel, which the
 * convolution's own weights can hold.
 *
 * `torch.nn.utils.fusion.fuse_conv_bn_eval` folds one pair, `torch.compile` with freezing and inference runtimes fold all. The
 * normalization's pass over memory is then gone. One finding for a model.
 */
const unfoldedBatchNorm: Rule = {
  id: "unfolded-batch-norm",
  price: "the folded model cannot be trained on; outputs differ by rounding.",

  *check(model) {
    if (model.scenario.phase === "train" || !model.complete.flops) return;
    const code = codeOf(model.file, model.text);
    const at = model.figures.tree.classAt;
    const flow = flowOf(model.inference, model.figures);
    const foldable = flow.operations.filter((operation) => isFoldable(operation, flow.operations, flow.readers));
    const traffic = foldable.reduce((sum, operation) => sum + trafficOf(operation), 0);
    if (at?.path !== code.path || traffic === 0 || traffic < 0.1 * flow.trafficBytes) return;
    yield {
      severity: "hint",
      at,
      what:
        foldable.length === 1
          ? "A batch normalization stands behind a convolution whose weights could hold it."
          : `${foldable.length} batch normalizations stand behind convolutions whose weights could hold them.`,
      why: `In inference that is ${showShare(traffic, flow.trafficBytes)} of the memory traffic, for what a factor and an addend in the convolution would do.`,
      fixes: [],
    };
  },
};
export default unfoldedBatchNorm;

type Readers = ReturnType<typeof flowOf>["readers"];

/** A batch normalization by its running statistics, of what a convolution made for it alone. */
function isFoldable({ name, call, inputs }: Operation, operations: readonly Operation[], readers: Readers): boolean {
  if (!/^aten\.(native_|cudnn_)?batch_norm$/.test(name) || call.args[5] !== false) return false;
  const storage = inputs[0]?.storage;
  const maker = storage && operations.find(({ made }) => made.includes(storage));
  return storage !== undefined && maker?.name === "aten.convolution" && readers(storage).length === 1;
}
