import { type Block, blocks, type Heading } from "./markdown.ts";
import { type Promised, promisesIn } from "./promises.ts";

/** One heading of a page with the files, promises and snapshots below it. */
export interface Example {
  /** The heading; one below level 2 has its parents' in front. */
  title: string;
  /** Texts by file name, with the cursor's mark taken out. */
  files: Record<string, string>;
  /** The file that is analysed and that holds the promises: the unnamed one, or the last. */
  main: string;
  /** The page's settings with the section's own on top. */
  settings: Record<string, unknown>;
  /** Where `$0` stood, counted from 0. */
  cursor?: { file: string; line: number; column: number };
  promises: Promised[];
  /** The text of each snapshot block by its kind. */
  snapshots: Record<string, string>;
  /** The fenced blocks that the snapshots and the main file came from, for messages and for rewriting. */
  blocks: { main: Block; snapshots: Record<string, Block> };
}

const snapshotKinds = new Set(["hover", "lens", "hints", "after", "trace", "report", "what-if", "gates"]);
const unnamedFiles: Record<string, string> = {
  py: "main.py",
  python: "main.py",
  json: "config.json",
  js: "main.js",
  ts: "main.ts",
};

/** The examples of a page. Throws, with the line, where the page breaks the fixture rules. */
export function examples(markdown: string): Example[] {
  const sections = new Map<Heading, Block[]>();
  for (const block of blocks(markdown)) sections.set(block.heading, [...(sections.get(block.heading) ?? []), block]);
  let pageSettings: Record<string, unknown> = {};
  const found: Example[] = [];
  for (const [heading, inside] of sections) {
    const settings = Object.assign({}, pageSettings, ...inside.filter(isSettings).map(parseSettings));
    if (heading.level <= 1) pageSettings = settings;
    if (inside.some((block) => !isSettings(block))) found.push(example(heading.title, inside, settings));
  }
  return found;
}

function example(title: string, inside: Block[], settings: Record<string, unknown>): Example {
  const files: Record<string, string> = {};
  const sources: Record<string, Block> = {};
  const snapshots: Record<string, Block> = {};
  let cursor: Example["cursor"];
  let main: string | undefined;
  for (const block of inside) {
    if (isSettings(block)) continue;
    if (snapshotKinds.has(block.language)) {
      if (snapshots[block.language]) throw new Error(`line ${block.line}: a second ${block.language} block`);
      snapshots[block.language] = block;
      continue;
    }
    const unnamed = unnamedFiles[block.language];
    const name = block.name ?? unnamed;
    if (!name) throw new Error(`line ${block.line}: a \`${block.language}\` block has no meaning here`);
    if (name in files) throw new Error(`line ${block.line}: a second text for ${name}`);
    if (block.name === undefined) main = name;
    const marked = withoutCursor(block.text);
    if (marked.cursor) cursor = { file: name, ...marked.cursor };
    files[name] = marked.text;
    sources[name] = block;
  }
  main ??= Object.keys(files).at(-1);
  if (main === undefined) throw new Error(`line ${inside[0]!.line}: "${title}" has no source to analyse`);
  for (const [name, text] of Object.entries(files)) {
    if (name !== main && promisesIn(text).length > 0)
      throw new Error(`${title}: promises stand in ${main}, not in ${name}`);
  }
  return {
    title,
    files,
    main,
    settings,
    ...(cursor && { cursor }),
    promises: promisesIn(files[main]!),
    snapshots: Object.fromEntries(Object.entries(snapshots).map(([kind, block]) => [kind, block.text])),
    blocks: { main: sources[main]!, snapshots },
  };
}

const isSettings = (block: Block) => block.language === "settings";

function parseSettings(block: Block): Record<string, unknown> {
  try {
    return JSON.parse(block.text);
  } catch (error) {
    throw new Error(`line ${block.line}: these settings are not JSON: ${error}`);
  }
}

function withoutCursor(text: string): { text: string; cursor?: { line: number; column: number } } {
  const at = text.indexOf("$0");
  if (at < 0) return { text };
  const before = text.slice(0, at).split("\n");
  return {
    text: text.slice(0, at) + text.slice(at + 2),
    cursor: { line: before.length - 1, column: before.at(-1)!.length },
  };
}
