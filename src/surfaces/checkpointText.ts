/** A checkpoint by itself: what its headers say of the model, and its bytes by type. */
import { showBytes, showCount } from "../base/units.ts";
import type { Checkpoint } from "../configs/checkpoints/checkpoint.ts";
import { bytesByType } from "../configs/checkpoints/checkpoint.ts";
import { mixtureName } from "../configs/checkpoints/ggufTypes.ts";
import type { View } from "./view.ts";

export interface CheckpointView {
  /** `GGUF · llama · Q4_K_M`. */
  readonly heading: string;
  readonly rows: readonly { readonly label: string; readonly value: string; readonly note: string }[];
  readonly types: readonly TypeRow[];
  readonly faults: readonly string[];
}

/** The tensors of one type. */
export interface TypeRow {
  readonly type: string;
  readonly tensors: number;
  readonly elements: number;
  readonly bytes: number;
  /** Scales included. */
  readonly bitsEach: number;
}

export function checkpointView(checkpoint: Checkpoint, view: View): CheckpointView {
  const { format, files, tensors = [], bytes, about, faults } = checkpoint;
  const elements = tensors.reduce((sum, one) => sum + one.elements, 0);
  const mixture = mixtureName(about.get("general.file_type"));
  const architecture = about.get("general.architecture");
  const name = about.get("general.name");
  const sizes = sizesText(about, architecture);
  const each = `${bitsText((8 * bytes) / Math.max(1, elements))} bits each${format === "GGUF" ? ", scales included" : ""}`;
  return {
    heading: [format, architecture, name, mixture].filter((one) => one !== undefined).join(" · "),
    rows: [
      {
        label: "parameters",
        value: showCount(elements),
        note: `${tensors.length} ${tensors.length === 1 ? "tensor" : "tensors"}`,
      },
      { label: "weights", value: showBytes(bytes, view.units), note: each },
      ...(files.length > 1 ? [{ label: "files", value: String(files.length), note: "" }] : []),
      ...(sizes === "" ? [] : [{ label: "sizes", value: "", note: sizes }]),
    ],
    types: typeRows(checkpoint),
    faults,
  };
}

export function typeRows({ tensors = [] }: Checkpoint): TypeRow[] {
  return bytesByType(tensors).map(({ type, bytes, tensors: count }) => {
    const elements = tensors.reduce((sum, one) => sum + (one.type === type ? one.elements : 0), 0);
    return { type, tensors: count, elements, bytes, bitsEach: (8 * bytes) / Math.max(1, elements) };
  });
}

/** `4.5`, `6.5625`, `16`. */
export function bitsText(bits: number): string {
  return String(Number(bits.toFixed(4)));
}

/** The sizes that a GGUF header names, in a person's words. */
function sizesText(about: Checkpoint["about"], architecture: string | undefined): string {
  const value = (key: string) => about.get(`${architecture}.${key}`);
  const heads = value("attention.head_count");
  const keyHeads = value("attention.head_count_kv");
  const experts = value("expert_count");
  const facts: readonly (readonly [string | undefined, string])[] = [
    [value("block_count"), value("block_count") === "1" ? "layer" : "layers"],
    [value("embedding_length"), "wide"],
    [value("feed_forward_length"), "in the feed-forward blocks"],
    [heads, keyHeads === undefined || keyHeads === heads ? "heads" : `heads, ${keyHeads} for keys and values`],
    [experts === "0" ? undefined : experts, `experts, ${value("expert_used_count") ?? "?"} for a token`],
    [value("context_length"), "tokens of context"],
  ];
  return facts.flatMap(([size, words]) => (size === undefined ? [] : [`${size} ${words}`])).join(", ");
}
