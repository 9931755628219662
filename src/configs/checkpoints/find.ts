/** The checkpoint that lies beside a config. */
import type { Sources } from "../../python/interpreter.ts";
import type { Checkpoint, CheckpointTensor, Header } from "./checkpoint.ts";
import { ggufHeader } from "./gguf.ts";
import { safetensorsHeader } from "./safetensors.ts";

/** The checkpoint beside a file; undefined where there is none, or none that can be read here. */
export function checkpointBeside(path: string, sources: Sources): Checkpoint | undefined {
  const folder = path.slice(0, path.lastIndexOf("/"));
  const at = (name: string) => `${folder}/${name}`;
  const single = "model.safetensors";
  if (sources.binary?.(at(single))) return wholeOf([single], at, sources, undefined);
  const index = indexOf(sources.text(at(`${single}.index.json`)));
  if (index) return wholeOf(index.files, at, sources, index);
  const older = indexOf(sources.text(at("pytorch_model.bin.index.json")));
  if (older?.bytes !== undefined)
    return {
      format: "PyTorch",
      files: older.files,
      tensors: undefined,
      bytes: older.bytes,
      about: new Map(),
      faults: [],
    };
  return ggufBeside(folder, sources);
}

/** The first GGUF file of a folder, with its other parts; undefined where there is none. */
function ggufBeside(folder: string, sources: Sources): Checkpoint | undefined {
  if (!sources.binary) return undefined;
  const [first] = sources.filesIn?.(folder).filter((path) => /(?<!mmproj.*)\.gguf$/i.test(path)) ?? [];
  const found = first === undefined ? undefined : checkpointOf(first, sources);
  return typeof found === "string" ? undefined : found;
}

/** The checkpoint that a file is, with the other parts where it is one of several; a sentence where it cannot be read. */
export function checkpointOf(path: string, sources: Sources): Checkpoint | string {
  const folder = path.slice(0, path.lastIndexOf("/"));
  const name = path.slice(path.lastIndexOf("/") + 1);
  const first = headerOf(path, sources);
  if (typeof first === "string") return first;
  const [, stem, , count = "1", ending] = /^(.*-)(\d{5})-of-(\d{5})(\.\w+)$/.exec(name) ?? [];
  if (stem === undefined || ending === undefined) return { ...first, files: [name] };
  const files = Array.from({ length: Number(count) }, (_, i) => `${stem}${part(i + 1)}-of-${count}${ending}`);
  const whole = wholeOf(files, (file) => `${folder}/${file}`, sources, undefined);
  return { ...whole, format: first.format, about: new Map([...whole.about, ...first.about]) };
}

const part = (number: number) => String(number).padStart(5, "0");

interface Index {
  readonly files: readonly string[];
  /** Undefined where it does not say them. */
  readonly bytes: number | undefined;
  /** How many tensors it lists. */
  readonly tensors: number;
}

/** An index of shards: the files that it names, and the bytes of all tensors. */
function indexOf(text: string | undefined): Index | undefined {
  if (text === undefined) return undefined;
  try {
    const { metadata, weight_map: map } = JSON.parse(text) as Readonly<Record<string, Record<string, unknown>>>;
    // Shards lie beside their index.
    const files = [...new Set(Object.values(map ?? {}).map(String))].filter((name) => !/[/\\]/.test(name)).sort();
    const size = metadata?.["total_size"];
    const bytes = typeof size === "number" ? size : undefined;
    return files.length > 0 ? { files, bytes, tensors: Object.keys(map ?? {}).length } : undefined;
  } catch {
    return undefined;
  }
}

/** The headers of all files together; where one cannot be read, what the index says. */
function wholeOf(
  files: readonly string[],
  at: (name: string) => string,
  sources: Sources,
  index: Index | undefined,
): Checkpoint {
  const faults: string[] = [];
  const tensors: CheckpointTensor[] = [];
  const about = new Map<string, string>();
  const unread = new Map<string, string[]>();
  for (const file of files) {
    const header = headerOf(at(file), sources);
    if (typeof header === "string") {
      unread.set(header, [...(unread.get(header) ?? []), file]);
      continue;
    }
    for (const fault of header.faults) faults.push(`${file}: ${fault}`);
    for (const [key, value] of header.about) about.set(key, value);
    tensors.push(...header.tensors);
  }
  const missing = [...unread.values()].reduce((count, some) => count + some.length, 0);
  // An index is often fetched without the files that it speaks of.
  const isIndexAlone = index !== undefined && missing === files.length && unread.size === 1 && unread.has(absent);
  for (const [why, [first, ...more]] of isIndexAlone ? [] : unread)
    faults.push(`${first}${more.length > 0 ? ` and ${more.length} more files` : ""}: ${why}`);
  const bytes = tensors.reduce((sum, one) => sum + one.bytes, 0);
  const isWhole = missing === 0;
  if (index && isWhole && index.tensors !== tensors.length)
    faults.push(`the index lists ${index.tensors} tensors, but the files hold ${tensors.length}`);
  return {
    format: "safetensors",
    files,
    tensors: isWhole ? tensors : undefined,
    bytes: isWhole ? bytes : (index?.bytes ?? bytes),
    about,
    faults,
  };
}

type ReadHeader = Header & { readonly tensors: readonly CheckpointTensor[] };

const headers = new WeakMap<Sources, Map<string, { readonly version: string; readonly header: ReadHeader | string }>>();

const absent = "there is no such file";

/** A file's header, read once for each state of the file. */
function headerOf(path: string, sources: Sources): ReadHeader | string {
  const file = sources.binary?.(path);
  if (!file) return absent;
  const known = headers.get(sources) ?? new Map();
  headers.set(sources, known);
  const before = known.get(path);
  if (before?.version === file.version) return before.header;
  const read = /\.gguf$/i.test(path) ? ggufHeader(file) : safetensorsHeader(file);
  const header = typeof read === "string" || read.tensors ? (read as ReadHeader | string) : "it names no tensors";
  known.set(path, { version: file.version, header });
  return header;
}
