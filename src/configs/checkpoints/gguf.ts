/**
 * The header of a GGUF file: what it says of the model, and its tensors (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
 * The vocabulary, which most of a header is, is passed over.
 */
import type { BinaryFile } from "../../base/binary.ts";
import { type CheckpointTensor, elementsOf, type Header } from "./checkpoint.ts";
import { ggufTypes } from "./ggufTypes.ts";

/** A header longer than this is no header of a language model. */
const longestHeader = 256_000_000;

/** The tensors of a file; a sentence where it is none. */
export function ggufHeader(file: BinaryFile): Header | string {
  try {
    return header(new Reader(file));
  } catch (error) {
    if (error instanceof Short) return error.reason;
    throw error;
  }
}

function header(reader: Reader): Header | string {
  if (reader.word() !== 0x46554747) return "it does not begin with GGUF";
  const version = reader.word();
  if (version === 0x02000000 || version === 0x03000000) return "its numbers lie with the highest byte first";
  if (version < 1 || version > 3) return `its version is ${version}, and 1 to 3 are known`;
  reader.wide = version > 1;
  const tensorCount = reader.count();
  const entries = reader.count();
  const about = new Map<string, string>();
  for (let i = 0; i < entries; i++) {
    const key = reader.text();
    const value = reader.value(reader.word());
    if (value !== undefined) about.set(key, value);
  }
  const faults: string[] = [];
  const tensors: CheckpointTensor[] = [];
  let end = 0;
  for (let i = 0; i < tensorCount; i++) {
    const name = reader.text();
    // The first axis lies together, where PyTorch's last one does.
    const shape = Array.from({ length: reader.axes() }, () => reader.count()).reverse();
    const number = reader.word();
    const offset = Number(reader.long());
    const type = ggufTypes.get(number);
    if (!type) {
      faults.push(`${name} has a type of number ${number}, which is not known`);
      continue;
    }
    const [typeName, block, size] = type;
    const elements = elementsOf(shape);
    if ((shape.at(-1) ?? 1) % block !== 0)
      faults.push(`${name} is [${shape.join(", ")}], but ${typeName} packs ${block} elements of a row`);
    const bytes = Math.ceil(elements / block) * size;
    tensors.push({ name, type: typeName, shape, elements, bytes });
    end = Math.max(end, offset + bytes);
  }
  const alignment = Number(about.get("general.alignment") ?? 32);
  const start = Math.ceil(reader.at / alignment) * alignment;
  if (start + end > reader.size)
    faults.push(`its header speaks of ${start + end} bytes, but the file has ${reader.size}: it is cut short`);
  return { format: "GGUF", tensors, bytes: tensors.reduce((sum, one) => sum + one.bytes, 0), about, faults };
}

/** The file ends, or what stands in it cannot be. */
class Short {
  constructor(readonly reason: string) {}
}

/** Reads a file from its start, a piece at a time. */
class Reader {
  /** Whether counts and lengths have eight bytes, as from the second version on. */
  wide = true;
  at = 0;
  readonly size: number;
  private bytes: Uint8Array = new Uint8Array();
  private view: DataView = new DataView(new ArrayBuffer(0));
  private start = 0;
  private readonly decoder = new TextDecoder();

  constructor(private readonly file: BinaryFile) {
    this.size = file.size;
  }

  word(): number {
    const at = this.take(4);
    return this.view.getUint32(at, true);
  }

  /** How many axes a tensor has: four at most in the format, some more are let through. */
  axes(): number {
    const axes = this.word();
    if (axes > 8) throw new Short(`a tensor in its header would have ${axes} axes`);
    return axes;
  }

  long(): bigint {
    const at = this.take(8);
    return this.view.getBigUint64(at, true);
  }

  /** A count or length. */
  count(): number {
    const value = this.wide ? Number(this.long()) : this.word();
    if (value > Number.MAX_SAFE_INTEGER) throw new Short("a count in its header cannot be");
    return value;
  }

  text(): string {
    const length = this.count();
    const at = this.take(length);
    return this.decoder.decode(this.bytes.subarray(at, at + length));
  }

  /** A value in words; undefined for a list, which is passed over. */
  value(type: number, depth = 0): string | undefined {
    if (type === 8) return this.text();
    if (type === 9) {
      if (depth > 4) throw new Short("lists in its header lie too deep in each other");
      const inner = this.word();
      const length = this.count();
      const size = sizes[inner];
      if (size !== undefined) this.skip(length * size);
      else for (let i = 0; i < length; i++) inner === 8 ? this.skip(this.count()) : this.value(inner, depth + 1);
      return undefined;
    }
    const size = sizes[type];
    if (size === undefined) throw new Short(`a value in its header has a type of number ${type}, which is not known`);
    const at = this.take(size);
    return String(numberAt(this.view, at, type));
  }

  private skip(length: number): void {
    this.at += length;
    if (this.at > this.size) throw new Short("it ends within its header");
  }

  /** Where the next bytes stand in the piece at hand. */
  private take(length: number): number {
    if (this.at + length > this.size || this.at + length > longestHeader) throw new Short("it ends within its header");
    if (this.at < this.start || this.at + length > this.start + this.bytes.length) {
      this.start = this.at;
      this.bytes = this.file.read(this.at, Math.max(length, pieceBytes));
      this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
      if (this.bytes.length < length) throw new Short("it ends within its header");
    }
    const found = this.at - this.start;
    this.at += length;
    return found;
  }
}

const pieceBytes = 1 << 20;

/** Bytes of a value, by its type's number. */
const sizes: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};

function numberAt(view: DataView, at: number, type: number): number | bigint | boolean {
  switch (type) {
    case 0:
      return view.getUint8(at);
    case 1:
      return view.getInt8(at);
    case 2:
      return view.getUint16(at, true);
    case 3:
      return view.getInt16(at, true);
    case 4:
      return view.getUint32(at, true);
    case 5:
      return view.getInt32(at, true);
    case 6:
      return view.getFloat32(at, true);
    case 7:
      return view.getUint8(at) !== 0;
    case 10:
      return view.getBigUint64(at, true);
    case 11:
      return view.getBigInt64(at, true);
    default:
      return view.getFloat64(at, true);
  }
}
