/** A Python file's top-level statements as text, with what they define, import and speak of. */

export interface Block {
  readonly kind: "doc" | "import" | "definition";
  /** With the comments and decorators above it. */
  readonly text: string;
  /** The names that it gives the module. */
  readonly names: readonly string[];
  /** Words in it that could be names. */
  readonly words: ReadonlySet<string>;
  /** Of an import: where from, and each name as it is called here. */
  readonly from?: string;
  readonly imported?: readonly { readonly name: string; readonly as: string }[];
}

/** The blocks of a text that is laid out as our definitions are: a statement begins in the first column. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let above: string[] = [];
  let lines: string[] = [];
  let quoted = false;
  const end = () => {
    if (lines.length > 0) blocks.push(blockOf([...above, ...lines].join("\n").trimEnd(), lines[0] as string));
    above = [];
    lines = [];
  };
  for (const line of text.split("\n")) {
    const isStart = !quoted && /^[^\s#)\]}@]/.test(line);
    const isAbove = !quoted && /^[#@]/.test(line);
    if (isAbove) {
      if (lines.length > 0) end();
      above.push(line);
    } else if (isStart) {
      if (lines.length > 0) end();
      lines.push(line);
    } else if (lines.length > 0) lines.push(line);
    if ((line.match(/"""/g)?.length ?? 0) % 2 === 1) quoted = !quoted;
  }
  end();
  return blocks;
}

/** A text without what it says in words: strings and comments. */
function spoken(text: string): string {
  return text.replaceAll(/"""[\s\S]*?"""|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#.*/g, (one) =>
    // What a formatted string computes is part of the program.
    (one.match(/\{[^{}]*\}/g) ?? []).join(" "),
  );
}

function blockOf(text: string, first: string): Block {
  const words = new Set(spoken(text).match(/(?<![\w.])[A-Za-z_]\w*/g) ?? []);
  if (/^(?:r?"""|'''|")/.test(first)) return { kind: "doc", text, names: [], words };
  const from = /^from (\S+) import \(?([^)#]*)\)?/.exec(text.replaceAll("\n", " "));
  if (from) {
    const imported = (from[2] as string)
      .split(",")
      .map((one) => one.trim().split(/ as /))
      .filter(([name]) => name)
      .map(([name = "", as = name]) => ({ name: name.trim(), as: as.trim() }));
    return { kind: "import", text, names: imported.map(({ as }) => as), words, from: from[1] as string, imported };
  }
  const plain = /^import (\S+)(?: as (\w+))?/.exec(text);
  if (plain)
    return { kind: "import", text, names: [plain[2] ?? ((plain[1] as string).split(".")[0] as string)], words };
  const name = /^(?:class|def|async def) (\w+)/m.exec(text)?.[1] ?? /^(\w+)\s*(?::[^=]*)?=/m.exec(first)?.[1];
  return { kind: "definition", text, names: name === undefined ? [] : [name], words };
}
