/** Checkpoints in memory, headers with payloads of zeros that are not there. */
import type { BinaryFile } from "../../src/base/binary.ts";
import { ggufTypes } from "../../src/configs/checkpoints/ggufTypes.ts";
import type { Sources } from "../../src/python/interpreter.ts";
import { sources } from "./config.ts";

/** A tensor's type and shape, by its name. */
export type Tensors = Readonly<Record<string, readonly [type: string, ...shape: number[]]>>;

const itemBytes: Readonly<Record<string, number>> = {
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  U8: 1,
  I8: 1,
  I32: 4,
  I64: 8,
};
const product = (sizes: readonly number[]) => sizes.reduce((all, one) => all * one, 1);

/** A safetensors file; `cut`: bytes that are missing at its end. */
export function safetensorsFile(tensors: Tensors, metadata?: Readonly<Record<string, string>>, cut = 0): BinaryFile {
  let at = 0;
  const entries: Record<string, unknown> = metadata ? { __metadata__: metadata } : {};
  for (const [name, [dtype, ...shape]] of Object.entries(tensors)) {
    const bytes = product(shape) * itemBytes[dtype]!;
    entries[name] = { dtype, shape, data_offsets: [at, at + bytes] };
    at += bytes;
  }
  const json = new TextEncoder().encode(JSON.stringify(entries));
  const header = new Uint8Array(8 + json.length);
  new DataView(header.buffer).setBigUint64(0, BigInt(json.length), true);
  header.set(json, 8);
  return binary(header, header.length + at - cut);
}

/** A GGUF file of version 3; values are text, whole numbers or lists of text. */
export function ggufFile(
  values: Readonly<Record<string, string | number | readonly string[]>>,
  tensors: Tensors,
  cut = 0,
): BinaryFile {
  const bytes: number[] = [];
  const number = (value: number, size: number) => {
    for (let i = 0, rest = BigInt(value); i < size; i++, rest >>= 8n) bytes.push(Number(rest & 255n));
  };
  const text = (value: string) => {
    const encoded = new TextEncoder().encode(value);
    number(encoded.length, 8);
    bytes.push(...encoded);
  };
  number(0x46554747, 4);
  number(3, 4);
  number(Object.keys(tensors).length, 8);
  number(Object.keys(values).length, 8);
  for (const [key, value] of Object.entries(values)) {
    text(key);
    if (typeof value === "string") {
      number(8, 4);
      text(value);
    } else if (typeof value === "number") {
      number(4, 4);
      number(value, 4);
    } else {
      number(9, 4);
      number(8, 4);
      number(value.length, 8);
      for (const one of value) text(one);
    }
  }
  let at = 0;
  for (const [name, [type, ...shape]] of Object.entries(tensors)) {
    const [id, [, block, size]] = [...ggufTypes].find(([, [own]]) => own === type)!;
    text(name);
    number(shape.length, 4);
    for (const one of shape.toReversed()) number(one, 8);
    number(id, 4);
    number(at, 8);
    at += Math.ceil(((product(shape) / block) * size) / 32) * 32;
  }
  const start = Math.ceil(bytes.length / 32) * 32;
  return binary(new Uint8Array(bytes), start + at - cut);
}

function binary(header: Uint8Array, size: number): BinaryFile {
  return {
    size,
    version: `${size}`,
    read(start, length) {
      const piece = new Uint8Array(Math.max(0, Math.min(length, size - start)));
      piece.set(header.subarray(start, start + piece.length));
      return piece;
    },
  };
}

/** Files beside `/config.json`, each of bytes or of text. */
export function beside(files: Readonly<Record<string, BinaryFile | string>>): Sources {
  const at = (path: string) => (path.startsWith("/") ? files[path.slice(1)] : undefined);
  return {
    ...sources,
    text: (path) => {
      const own = at(path);
      return typeof own === "string" ? own : sources.text(path);
    },
    filesIn: () => Object.keys(files).map((name) => `/${name}`),
    binary: (path) => {
      const own = at(path);
      return typeof own === "object" ? own : undefined;
    },
  };
}
