import type { Expression } from "../../syntax/ast.ts";
import { withKeyword } from "../code/edits.ts";
import { type CallNode, type Code, codeOf, keyword, within } from "../code/tree.ts";
import { isBefore } from "../scripts/bindings.ts";
import { type Loop, trainingLoops, usesGpu } from "../scripts/training.ts";
import type { Rule } from "./rule.ts";

/**
 * A training loop on a GPU that takes its batches from a `DataLoader` with `num_workers=0`, the default.
 *
 * Each batch is then read and put together by the process that asks the GPU for work, which has none meanwhile. Nothing is said of
 * data that lies in memory as tensors, of loaders that take their arguments from elsewhere, and of loops that only evaluate.
 */
const loaderWithoutWorkers: Rule = {
  id: "loader-without-workers",
  price:
    "each worker is a process with a copy of the dataset object, and shuffling draws other orders; pinned memory cannot be swapped out.",

  *read({ file, text }) {
    const code = codeOf(file, text);
    if (!usesGpu(code)) return;
    const loops = trainingLoops(code).map(({ loop }) => loop);
    for (const call of code.calls) {
      if (
        code.dotted(call.func) !== "torch.utils.data.DataLoader" &&
        code.dotted(call.func) !== "torch.utils.data.dataloader.DataLoader"
      )
        continue;
      if (call.keywords.some(({ arg }) => arg === null) || call.args.length > 4) continue;
      const workers = keyword(call, "num_workers")?.value;
      if (workers && !(workers.kind === "Int" && workers.value === 0)) continue;
      const name = boundTo(call, code);
      if (name === undefined || !loops.some((loop) => iterates(loop, name, code))) continue;
      if (isInMemory(call.args[0] ?? keyword(call, "dataset")?.value, code)) continue;
      const pins = keyword(call, "pin_memory") === undefined;
      yield {
        severity: "information",
        at: code.place(call),
        what: `\`${name}\` reads its batches in the training process itself: num_workers is 0.`,
        why: "The GPU has nothing to do while a batch is read and put together. Workers read ahead, and from pinned memory a batch is copied while the GPU computes.",
        fixes: [
          {
            title: pins ? "Read with 4 workers into pinned memory" : "Read with 4 workers",
            edits: pins ? both(call, workers, code) : [withKeyword(call, "num_workers", "4", code)],
          },
        ],
      };
    }
  },
};
export default loaderWithoutWorkers;

function both(call: CallNode, workers: Expression | undefined, code: Code) {
  if (workers) return [withKeyword(call, "num_workers", "4", code), withKeyword(call, "pin_memory", "True", code)];
  const edit = withKeyword(call, "num_workers", "4", code);
  const more = withKeyword(call, "pin_memory", "True", code);
  return [{ ...edit, text: edit.text.includes("\n") ? edit.text + more.text : `${edit.text}${more.text}` }];
}

/** The name or attribute that the loader is put into. */
function boundTo(call: CallNode, code: Code): string | undefined {
  const holder = code.parent(call);
  if (holder?.kind !== "Assign" || holder.targets.length !== 1 || holder.value !== call) return undefined;
  const [target] = holder.targets;
  return target && /^(Name|Attribute)$/.test(target.kind) ? code.text(target) : undefined;
}

/** Whether a loop goes through the loader, itself or counted. */
function iterates(loop: Loop, name: string, code: Code): boolean {
  return (
    loop.kind === "For" &&
    within(loop.iter).some((node) => /^(Name|Attribute)$/.test(node.kind) && code.text(node) === name)
  );
}

/** Whether a dataset is tensors that lie in memory already: workers would only copy them. */
function isInMemory(dataset: Expression | undefined, code: Code): boolean {
  if (!dataset) return true;
  if (dataset.kind === "Call") return /TensorDataset|list|zip|range/.test(code.text(dataset.func));
  if (dataset.kind !== "Name") return dataset.kind === "List";
  const values = code.nodes.flatMap((node) =>
    node.kind === "Assign" &&
    isBefore(node, dataset, code) &&
    node.targets.some((target) => code.text(target) === dataset.id)
      ? [node.value]
      : [],
  );
  return (
    values.length === 0 ||
    values.some(
      (value) =>
        value.kind !== "Call" ||
        /TensorDataset|random_split|Subset|list|zip|range|from_numpy|tensor/i.test(code.text(value.func)),
    )
  );
}
