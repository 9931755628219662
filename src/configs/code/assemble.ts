/** Several Python files as one: what some of their definitions need, in an order in which it can be run. */
import { type Block, blocksOf } from "./blocks.ts";

/** A definition by its file and its name there. */
export interface Wanted {
  readonly file: string;
  readonly name: string;
}

export interface Assembled {
  /** Imports of other libraries. */
  readonly imports: readonly string[];
  /** The definitions, file by file, those that others stand on first. */
  readonly parts: readonly { readonly file: string; readonly doc: string; readonly text: string }[];
  /** The name of a wanted definition in the whole; another one where two files use the same. */
  readonly nameOf: (wanted: Wanted) => string;
}

/**
 * What the wanted definitions need of the files. `instead` gives another text for a file, with the names that are wanted of it
 * elsewhere; its definitions are all kept.
 */
export function assembled(
  textOf: (file: string) => string | undefined,
  wanted: readonly Wanted[],
  instead: ReadonlyMap<string, { readonly text: string; readonly needs: readonly Wanted[] }>,
): Assembled {
  const files = new Map<string, Block[]>();
  const blocks = (file: string) => {
    const known = files.get(file) ?? blocksOf(instead.get(file)?.text ?? textOf(file) ?? "");
    files.set(file, known);
    return known;
  };
  const kept = new Map<string, Set<Block>>();
  const order: string[] = [];
  const external = new Map<string, string>();
  const visiting = new Set<string>();

  /** Keeps a definition and what it speaks of; a file stands behind those that it takes names from. */
  const keep = ({ file, name }: Wanted) => {
    for (const block of blocks(file)) {
      if (block.kind !== "definition" || !block.names.includes(name)) continue;
      const all = kept.get(file) ?? new Set();
      kept.set(file, all);
      if (all.has(block)) continue;
      all.add(block);
      keepWords(file, block);
    }
  };
  const keepWords = (file: string, block: Block) => {
    for (const other of blocks(file)) {
      const named = other.names.filter((name) => name !== block.names[0] && block.words.has(name));
      if (named.length === 0) continue;
      if (other.kind === "definition") for (const name of named) keep({ file, name });
      if (other.kind === "import") keepImport(file, other, named);
    }
    // Imports inside functions, which break circles between files.
    for (const [, from, names] of block.text.matchAll(/^\s+from (\.\S*) import (.+)$/gm)) {
      for (const name of (names as string).split(","))
        keep({ file: resolved(file, from as string), name: name.trim() });
    }
  };
  const keepImport = (file: string, { from, imported, text }: Block, named: readonly string[]) => {
    if (!from?.startsWith(".")) {
      external.set(text, text);
      return;
    }
    for (const { name, as } of imported ?? []) if (named.includes(as)) keep({ file: resolved(file, from), name });
  };
  const place = (file: string) => {
    if (order.includes(file) || visiting.has(file)) return;
    visiting.add(file);
    for (const { from } of blocks(file)) {
      const other = from?.startsWith(".") ? resolved(file, from) : undefined;
      if (other !== undefined && kept.has(other)) place(other);
    }
    order.push(file);
  };

  for (const one of wanted) keep(one);
  for (const [file, { needs }] of instead) {
    if (!kept.has(file)) continue;
    for (const block of blocks(file)) for (const name of block.names) keep({ file, name });
    for (const one of needs) keep(one);
  }
  for (const file of kept.keys()) place(file);
  // What stands in for a file speaks of definitions that come after it.
  const sorted = [...order.filter((file) => !instead.has(file)), ...order.filter((file) => instead.has(file))];
  const { nameOf } = named(sorted, blocks, kept);
  return {
    imports: [...external.keys()].sort(),
    parts: sorted.map((file) => ({
      file,
      doc: blocks(file).find(({ kind }) => kind === "doc")?.text ?? "",
      text: partText(file, blocks(file), kept, nameOf),
    })),
    nameOf,
  };
}

/** Names in the whole: a name that an earlier file has already gets its file's behind it; so do other names for imported ones. */
function named(order: readonly string[], blocks: (file: string) => Block[], kept: ReadonlyMap<string, Set<Block>>) {
  const taken = new Set<string>();
  const given = new Map<string, string>();
  const give = (file: string, name: string) => {
    const stem = file.replace(/\.py$/, "").split("/").at(-1) as string;
    const own = taken.has(name) ? `${name}_${stem}` : name;
    taken.add(own);
    given.set(`${file}:${name}`, own);
  };
  for (const file of order) for (const { names } of kept.get(file) ?? []) for (const name of names) give(file, name);
  for (const file of order)
    for (const { as } of aliases(file, blocks(file), kept)) if (!given.has(`${file}:${as}`)) give(file, as);
  return { nameOf: ({ file, name }: Wanted) => given.get(`${file}:${name}`) ?? name };
}

/** Names of other files' definitions that a file calls by names of its own. */
function aliases(file: string, blocks: readonly Block[], kept: ReadonlyMap<string, Set<Block>>) {
  const words = new Set([...(kept.get(file) ?? [])].flatMap((block) => [...block.words]));
  return blocks.flatMap(({ from, imported }) => {
    if (!from?.startsWith(".")) return [];
    const other = resolved(file, from);
    const has = (name: string) => [...(kept.get(other) ?? [])].some(({ names }) => names.includes(name));
    return (imported ?? [])
      .filter(({ name, as }) => name !== as && words.has(as) && has(name))
      .map(({ name, as }) => ({ as, target: { file: other, name } }));
  });
}

function partText(
  file: string,
  blocks: readonly Block[],
  kept: ReadonlyMap<string, Set<Block>>,
  nameOf: (wanted: Wanted) => string,
): string {
  const mine = blocks.filter((block) => kept.get(file)?.has(block));
  const renames = new Map<string, string>();
  for (const { names } of mine) for (const name of names) renames.set(name, nameOf({ file, name }));
  for (const { from, imported } of blocks) {
    if (!from?.startsWith(".")) continue;
    for (const { name, as } of imported ?? [])
      if (name === as) renames.set(as, nameOf({ file: resolved(file, from), name }));
  }
  const called = aliases(file, blocks, kept);
  for (const { as } of called) renames.set(as, nameOf({ file, name: as }));
  const others = [...renames].filter(([name, own]) => name !== own);
  const first = called.map(({ as, target }) => `${nameOf({ file, name: as })} = ${nameOf(target)}`).join("\n");
  const texts = mine.map(({ text }) =>
    others.reduce((now, [name, own]) => renamed(now, name, own), withoutInnerImports(text)),
  );
  return [...(first === "" ? [] : [first]), ...texts].join("\n\n\n");
}

/** A name where it stands for itself: not an attribute, and not the name of an argument. */
function renamed(text: string, name: string, own: string): string {
  return text.replaceAll(new RegExp(`(?<![\\w.])${name}\\b(?!\\s*=(?!=))|(?<=^)${name}(?=\\s*=(?!=))`, "gm"), own);
}

function withoutInnerImports(text: string): string {
  return text.replaceAll(/^\s+from \.\S* import .+\n(\s*\n)?/gm, "");
}

/** `parts/decoder.py` for `.parts.decoder` said in `llama.py`, or for `.decoder` said in `parts/heads.py`. */
export function resolved(file: string, from: string): string {
  const [, dots = ".", path = ""] = /^(\.+)(.*)$/.exec(from) ?? [];
  const around = file.split("/").slice(0, -dots.length);
  return `${[...around, ...path.split(".").filter((part) => part !== "")].join("/")}.py`;
}
