/** A model's bytes as rows of text: what is held, the peak with its moment and its operation, what is reserved, what the card shows. */
import { showBytes, showFigure } from "../base/units.ts";
import { type Known, known } from "../base/unknown.ts";
import type { ModelReport } from "../cost/report.ts";
import { fitText, perDevice } from "./fit.ts";
import { checkpointRows, storedRows } from "./storedText.ts";
import { bytes, placeText, total, type View, weightType } from "./view.ts";

export interface MemoryRow {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

/** What is there whatever the moment: weights, buffers, and in training gradients, optimizer's state and activations. */
export function heldRows(model: ModelReport, view: View): MemoryRow[] {
  const { memory, scenario } = model;
  const row = (
    label: string,
    value: Known<number>,
    note: string,
    complete: "params" | "memory" | "weights" = "memory",
  ) => ({
    label,
    value: total(model, complete, value, bytes(view)),
    note: `${note}${perDevice(model)}`.trim(),
  });
  return [
    row("weights", memory.weightBytes, weightType(model), "weights"),
    ...storedRows(model, view),
    ...checkpointRows(model, view),
    ...(known(memory.bufferBytes) === 0 ? [] : [row("buffers", memory.bufferBytes, "", "params")]),
    ...(scenario.phase === "train"
      ? [
          row("gradients", memory.gradientBytes, ""),
          row("optimizer", memory.optimizerBytes, scenario.optimizer),
          row("activations", memory.activationBytes, "after forward"),
        ]
      : []),
  ];
}

/** What tensors take at most, what the allocator reserves for them, and what the card shows with the process's context. */
export function peakRows(model: ModelReport, view: View, path: string): MemoryRow[] {
  const { memory } = model;
  const show = (value: Known<number>) => total(model, "memory", value, bytes(view));
  const [peak, reserved, device] = [memory.peakBytes, memory.reservedBytes, memory.deviceBytes].map(known);
  const rows = [
    {
      label: "peak",
      value: show(memory.peakBytes),
      notes: [`allocated${perDevice(model)}`, peakText(model, view, path)],
    },
  ];
  if (peak !== undefined && reserved !== undefined && reserved > peak)
    rows.push({ label: "reserved", value: show(memory.reservedBytes), notes: ["by the caching allocator"] });
  if (device !== undefined && reserved !== undefined && device > reserved)
    rows.push({ label: "on the card", value: show(memory.deviceBytes), notes: ["with the process's context"] });
  rows.at(-1)?.notes.push(...fitText(model));
  return rows.map(({ label, value, notes }) => ({
    label,
    value,
    note: notes.filter((note) => note !== "").join(" · "),
  }));
}

/** `logits and loss, aten._log_softmax at line 40`: when the peak is, and at which operation; "" where that is not known. */
export function peakText({ memory }: ModelReport, view: View, path: string): string {
  const { peakMoment, peakOperation, peakAt } = memory;
  const isOurs = peakAt?.path.startsWith("assay:/") ?? true;
  const at = peakAt && !isOurs ? ` at ${placeText(peakAt, view, path)}` : "";
  const operation = peakOperation === undefined ? [] : [`${peakOperation}${at}`];
  return [...(peakMoment === undefined ? [] : [peakMoment]), ...operation].join(", ");
}

/** `At the peak: weights 498 MB, 12 × aten.gelu in h.*.mlp 302 MB`: the largest of what is alive there; "" where nobody knows. */
export function holdersText({ memory }: ModelReport, view: View, most: number): string {
  const shown = memory.peakHolders.slice(0, most).map(holderText(view));
  const more = memory.peakHolders.length - shown.length;
  return shown.length === 0 ? "" : `At the peak: ${shown.join(", ")}${more > 0 ? ", …" : ""}`;
}

const holderText =
  (view: View) =>
  ({ name, count, bytes: size }: ModelReport["memory"]["peakHolders"][number]): string =>
    `${count > 1 ? `${count} × ` : ""}${name} ${showBytes(size, view.units)}`;

/** What the peak is the sum of, each term with where it comes from, the largest first. */
export function termRows({ memory }: ModelReport, view: View): MemoryRow[] {
  return memory.terms
    .toSorted((a, b) => (known(b.bytes) ?? 0) - (known(a.bytes) ?? 0))
    .map(({ name, bytes: size, source }) => ({ label: name, value: showFigure(size, bytes(view)), note: source }));
}

/** `Rests on n_embd = 768 (line 14), batch = 8 (assumed)`: where the numbers behind the totals came from. */
export function sizesText({ sizes = [] }: ModelReport, view: View, path: string): string {
  const words = {
    code: "given by the caller",
    project: "assay.json",
    scenario: "asked for",
    assumed: "assumed",
  } as const;
  const shown = sizes.map(
    ({ name, value, at, from }) => `${name} = ${value} (${at ? placeText(at, view, path) : words[from]})`,
  );
  return shown.length === 0 ? "" : `Rests on ${shown.join(", ")}`;
}
