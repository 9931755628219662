/** How a model's weights are stored in fewer bits, in words. */
import { showBytes, showCount } from "../base/units.ts";
import { known } from "../base/unknown.ts";
import type { CheckpointReport, LayerReport, LayerStored, ModelReport } from "../cost/report.ts";
import type { MemoryRow } from "./memoryText.ts";
import type { View } from "./view.ts";

/** The model's converted layers, what stands for their weights, and what keeps its type; nothing where no config quantizes. */
export function storedRows({ quantization }: ModelReport, view: View): MemoryRow[] {
  if (!quantization) return [];
  const { name, layers, keptWhole, faults } = quantization;
  if (layers === 0) return [{ label: "stored", value: name, note: faults[0] ?? "no layer is converted" }];
  const kept = keptWhole.toSorted((a, b) => a.count - b.count).map(({ path }) => path);
  const more = kept.length > 4 ? ` and ${kept.length - 4} more` : "";
  const notes = [
    partsText(quantization, view),
    ...(kept.length > 0 ? [`${kept.slice(0, 4).join(", ")}${more} not converted`] : []),
    ...faults,
  ];
  return [{ label: "stored", value: `${layers} ${layers === 1 ? "matrix" : "matrices"}`, note: notes.join("; ") }];
}

/** What the checkpoint beside a config holds; nothing where there is none. */
export function checkpointRows(
  { checkpoint, root }: Pick<ModelReport, "checkpoint" | "root">,
  view: View,
): MemoryRow[] {
  if (!checkpoint) return [];
  const { format, files, params, bytes, differences } = checkpoint;
  const isSame = params !== undefined && params === known(root.params) && differences.length === 0;
  const notes = [
    `${files.length === 1 ? files[0] : `${files.length} files`}${files[0]?.endsWith(format.toLowerCase()) ? "" : ` of ${format}`}`,
    ...typesText(checkpoint, view),
    params === undefined
      ? "their headers are not read here"
      : `${showCount(params)} parameters${isSame ? ", as here" : ""}`,
  ];
  return [{ label: "checkpoint", value: showBytes(bytes, view.units), note: notes.join("; ") }];
}

/** `291 tensors: BF16 16.1 GB`, the four types with the most bytes. */
export function typesText({ tensors, byType }: CheckpointReport, view: View): string[] {
  if (tensors === undefined) return [];
  const shown = byType.slice(0, 4).map(({ type, bytes }) => `${type} ${showBytes(bytes, view.units)}`);
  const more = byType.length > 4 ? ` and ${byType.length - 4} more types` : "";
  return [`${tensors} tensors: ${shown.join(", ")}${more}`];
}

/** One layer's; nothing where its weights have their own type. */
export function storedText({ stored }: LayerReport, view: View): string {
  return stored ? partsText(stored, view) : "";
}

/** `4-bit in groups of 128: 3.49 GB, scales 109 MB, zero points 27.3 MB`. */
function partsText({ what, parts }: LayerStored, view: View): string {
  const shown = parts.map(({ name, bytes }, i) => `${i === 0 ? `${what}:` : name} ${showBytes(bytes, view.units)}`);
  return shown.join(", ");
}
