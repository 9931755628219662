/** What a checkpoint's headers say: its tensors with their types, shapes and bytes. The payload is never read. */

export interface Checkpoint {
  readonly format: "safetensors" | "GGUF" | "PyTorch";
  /** The files it consists of, by name. */
  readonly files: readonly string[];
  /** Undefined where headers do not say them: of an index alone, or of PyTorch's own format. */
  readonly tensors: readonly CheckpointTensor[] | undefined;
  /** Bytes of the tensors, without headers. */
  readonly bytes: number;
  /** What the headers say of the model: `general.architecture`. */
  readonly about: ReadonlyMap<string, string>;
  /** What is wrong with the files, in sentences. */
  readonly faults: readonly string[];
}

export interface CheckpointTensor {
  readonly name: string;
  /** As the format names it: `BF16`, `Q4_K`. */
  readonly type: string;
  /** As PyTorch has it: the last axis lies together. */
  readonly shape: readonly number[];
  readonly elements: number;
  readonly bytes: number;
}

/** Bytes by type, the most first. */
export function bytesByType(tensors: readonly CheckpointTensor[]): { type: string; bytes: number; tensors: number }[] {
  const types = new Map<string, { type: string; bytes: number; tensors: number }>();
  for (const { type, bytes } of tensors) {
    const sum = types.get(type) ?? { type, bytes: 0, tensors: 0 };
    types.set(type, { type, bytes: sum.bytes + bytes, tensors: sum.tensors + 1 });
  }
  return [...types.values()].sort((a, b) => b.bytes - a.bytes);
}

/** A file's header, or why it cannot be read. */
export type Header = Omit<Checkpoint, "files">;

export const elementsOf = (shape: readonly number[]) => shape.reduce((all, one) => all * one, 1);
