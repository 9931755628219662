/** The checkpoint beside a config: what its headers store, and where that is not what the config's model holds. */
import { showBytes, showCount } from "../base/units.ts";
import { known } from "../base/unknown.ts";
import { bytesByType, type Checkpoint } from "../configs/checkpoints/checkpoint.ts";
import { type Comparison, compared, type Difference } from "../configs/checkpoints/compare.ts";
import { checkpointBeside } from "../configs/checkpoints/find.ts";
import type { ConfigProblem } from "../configs/index.ts";
import { type Quantized, quantize } from "../configs/quantized.ts";
import type { CheckpointReport, ModelReport } from "../cost/report.ts";
import type { Sources } from "../python/interpreter.ts";
import type { WeighedModel } from "./model.ts";
import type { Request } from "./request.ts";

/** A config's model with the checkpoint that lies beside the file. */
export function withCheckpoint(weighed: WeighedModel, { path, quantized }: Request, sources: Sources): WeighedModel {
  const checkpoint = checkpointBeside(path, sources);
  if (!checkpoint) return weighed;
  const tree = weighed.subject?.figures.tree;
  const stored = tree && quantized && quantize(tree, quantized.quantization, quantized.config);
  const comparison =
    tree && checkpoint.tensors && checkpoint.format !== "GGUF" ? compared(checkpoint.tensors, tree, stored) : undefined;
  const report = checkpointReport(checkpoint, comparison, weighed.report, stored);
  return { ...weighed, report: { ...weighed.report, checkpoint: report } };
}

/** A checkpoint by itself: all its elements are parameters. */
export function loneCheckpoint(checkpoint: Checkpoint): CheckpointReport {
  return checkpointReport(checkpoint, undefined, undefined, undefined);
}

/** What of a checkpoint is not as its config says, at the file's beginning. */
export function checkpointProblems({ checkpoint }: ModelReport): ConfigProblem[] {
  if (!checkpoint) return [];
  const problem = (text: string, isOdd: boolean): ConfigProblem => ({
    rule: "checkpoint-mismatch",
    severity: isOdd ? "warning" : "information",
    path: [],
    text,
  });
  return [
    ...checkpoint.faults.map((fault) => problem(`${fault}.`, true)),
    ...checkpoint.differences.map(({ text, isOdd }) => problem(text, isOdd)),
  ];
}

function checkpointReport(
  { format, files, tensors, bytes, faults }: Checkpoint,
  comparison: Comparison | undefined,
  model: ModelReport | undefined,
  quantized: Quantized | undefined,
): CheckpointReport {
  // What positions are turned by is no parameter of PyTorch's.
  const own = tensors?.filter(({ name }) => !/^rope_(freqs|factors)/.test(name));
  const stored = comparison?.params ?? own?.reduce((sum, one) => sum + one.elements, 0);
  const isCounted = comparison !== undefined || format === "GGUF" || model === undefined;
  return {
    format,
    files,
    tensors: tensors?.length,
    bytes,
    params: isCounted ? stored : undefined,
    byType: tensors ? bytesByType(tensors) : [],
    differences: !model
      ? []
      : comparison
        ? differencesOf(comparison, bytes, model, quantized)
        : format === "GGUF"
          ? countDifference(stored, own, model)
          : [],
    faults,
  };
}

/** Names do not matter where the parameters are as many as the model's and no shape differs. */
function differencesOf(
  { params, beyond, missing, surplus, differing }: Comparison,
  bytes: number,
  { root, memory, complete }: ModelReport,
  quantized: Quantized | undefined,
): { text: string; isOdd: boolean }[] {
  const own = known(root.params);
  if (own === undefined || !complete.params) return [];
  const found: { text: string; isOdd: boolean }[] = [];
  for (const one of differing.slice(0, 4)) {
    const others = one.count > 1 ? ` (${one.count} such tensors)` : "";
    const text = `The checkpoint stores ${one.name} as [${one.stored.join(", ")}], but the config's model has [${one.built.join(", ")}]${others}.`;
    found.push({ text, isOdd: true });
  }
  if (params !== own) {
    const by = `${exactly(Math.abs(params - own))} ${params > own ? "more" : "fewer"} than`;
    const what = [
      ...(beyond > 0 ? [`${exactly(beyond)} in layers behind the model's last one`] : []),
      ...(missing.length > 0 ? [`missing are ${listed(missing)}`] : []),
      ...(surplus.length > 0 && beyond === 0 ? [`the model has no ${listed(surplus)}`] : []),
    ];
    // Heads and poolers of other tasks are left unread; what lies inside a layer belongs to another model.
    const isInside = surplus.some(({ name }) => name.includes(".*."));
    const isOdd = missing.length + differing.length > 0 || (isInside && params - beyond !== own);
    found.push({
      text: `The checkpoint stores ${showCount(params)} parameters, ${by} the config's model${what.length > 0 ? `: ${what.join("; ")}` : ""}.`,
      isOdd,
    });
  }
  const weights = known(memory.weightBytes);
  if (quantized && params === own && weights && Math.abs(bytes / weights - 1) > 0.02) {
    const text = `The checkpoint takes ${showBytes(bytes, "GB")}, but with the config's quantization (${quantized.short}) the weights take ${showBytes(weights, "GB")}.`;
    found.push({ text, isOdd: true });
  }
  return found;
}

/** GGUF files call tensors otherwise, so that they are counted alone; a tied table may stand in one twice. */
function countDifference(
  stored: number | undefined,
  tensors: Checkpoint["tensors"],
  { root, complete }: ModelReport,
): CheckpointReport["differences"] {
  const own = known(root.params);
  const table = tensors?.find(({ name }) => name === "output.weight")?.elements ?? 0;
  if (stored === undefined || own === undefined || !complete.params || stored === own || stored - table === own)
    return [];
  const by = `${exactly(Math.abs(stored - own))} ${stored > own ? "more" : "fewer"} than`;
  const text = `The GGUF file stores ${showCount(stored)} parameters, ${by} the config's model.`;
  return [{ text, isOdd: false }];
}

/** The weightiest, each with its parameters. */
function listed(all: readonly Difference[]): string {
  const shown = all.slice(0, 3).map(({ name, count, elements }) => {
    const times = count > 1 ? `${count} × ` : "";
    return `${times}${name} (${showCount(elements)})`;
  });
  return [...shown, ...(all.length > 3 ? [`${all.length - 3} more`] : [])].join(", ");
}

/** All digits of a small number, else a short form. */
const exactly = (count: number) => (count < 100_000 ? String(count) : showCount(count));
