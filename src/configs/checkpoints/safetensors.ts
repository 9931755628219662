/** The header of a safetensors file: eight bytes with its length, then JSON (https://github.com/huggingface/safetensors). */
import type { BinaryFile } from "../../base/binary.ts";
import { type CheckpointTensor, elementsOf, type Header } from "./checkpoint.ts";

/** Bits of an element, by the format's names. */
const bits: Readonly<Record<string, number>> = {
  BOOL: 8,
  F4: 4,
  F6_E2M3: 6,
  F6_E3M2: 6,
  U8: 8,
  I8: 8,
  F8_E5M2: 8,
  F8_E4M3: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  I16: 16,
  U16: 16,
  F16: 16,
  BF16: 16,
  I32: 32,
  U32: 32,
  F32: 32,
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
};

/** The format's own limit. */
const longestHeader = 100_000_000;

/** The tensors of a file; a sentence where it is none. */
export function safetensorsHeader(file: BinaryFile): Header | string {
  const start = file.read(0, 8);
  if (start.length < 8) return "it is shorter than its header";
  const length = Number(new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true));
  if (length > longestHeader) return `its header would have ${length} bytes: this is no safetensors file`;
  const text = file.read(8, length);
  if (text.length < length) return "it is shorter than its header";
  let entries: [string, unknown][];
  try {
    entries = Object.entries(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(text)) as object);
  } catch {
    return "its header is not JSON: this is no safetensors file";
  }
  const faults: string[] = [];
  const about = new Map<string, string>();
  const tensors: CheckpointTensor[] = [];
  for (const [name, entry] of entries) {
    if (name === "__metadata__") {
      for (const [key, value] of Object.entries((entry ?? {}) as object)) about.set(key, String(value));
      continue;
    }
    const tensor = tensorOf(name, entry);
    if (typeof tensor === "string") faults.push(tensor);
    else tensors.push(tensor);
  }
  const bytes = tensors.reduce((sum, one) => sum + one.bytes, 0);
  if (8 + length + bytes > file.size)
    faults.push(`its header speaks of ${8 + length + bytes} bytes, but the file has ${file.size}: it is cut short`);
  return { format: "safetensors", tensors, bytes, about, faults };
}

function tensorOf(name: string, entry: unknown): CheckpointTensor | string {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Readonly<Record<string, unknown>>;
  const isShape = Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  const [from, to] = Array.isArray(offsets) ? offsets : [];
  if (typeof dtype !== "string" || !isShape || typeof from !== "number" || typeof to !== "number")
    return `${name} has no dtype, shape and data_offsets`;
  const elements = elementsOf(shape);
  const size = bits[dtype];
  if (size !== undefined && Math.ceil((elements * size) / 8) !== to - from)
    return `${name} is ${dtype}[${shape.join(", ")}], but has ${to - from} bytes`;
  return { name, type: dtype, shape, elements, bytes: to - from };
}
