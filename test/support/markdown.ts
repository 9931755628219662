/** A heading with its parents', apart from the page's own. */
export interface Heading {
  level: number;
  title: string;
}

/** A fenced block of a page. */
export interface Block {
  /** The word after the fence: `py`, `hover`, `settings`. */
  language: string;
  /** The file it names, where a line such as `` `blocks.py`: `` stands before it. */
  name?: string;
  /** What is between the fences, with a newline at the end unless empty. */
  text: string;
  heading: Heading;
  /** The line of the opening fence, counted from 1. */
  line: number;
  /** Where `text` stands in the page. */
  start: number;
  end: number;
}

/** Every fenced block of a page, in order, under the heading it stands below. */
export function blocks(markdown: string): Block[] {
  const found: Block[] = [];
  let path: Heading[] = [];
  let heading: Heading = { level: 0, title: "" };
  let name: string | undefined;
  let open: { fence: string; language: string; line: number; start: number } | undefined;
  let offset = 0;
  for (const [index, line] of markdown.split("\n").entries()) {
    const start = offset;
    offset += line.length + 1;
    if (open) {
      if (line.trimEnd() !== open.fence) continue;
      const { language, line: opened, start: from } = open;
      const text = markdown.slice(from, start);
      found.push({
        language,
        text,
        heading,
        line: opened,
        start: from,
        end: start,
        ...(name !== undefined && { name }),
      });
      open = undefined;
      name = undefined;
      continue;
    }
    const [, fence, language] = /^(`{3,})\s*([^\s`]*)/.exec(line) ?? [];
    const [, marks, title] = /^(#+)\s+(.*\S)/.exec(line) ?? [];
    const [, file] = /^`([^`]+)`:\s*$/.exec(line) ?? [];
    if (fence) {
      open = { fence, language: language ?? "", line: index + 1, start: offset };
    } else if (marks && title) {
      path = [...path.filter((parent) => parent.level < marks.length), { level: marks.length, title }];
      const below = path.filter((parent) => parent.level > 1);
      heading = {
        level: marks.length,
        title: (below.length > 0 ? below : path).map((parent) => parent.title).join(": "),
      };
    } else if (file) {
      name = file;
    } else if (line.trim() !== "") {
      name = undefined;
    }
  }
  if (open) throw new Error(`line ${open.line}: this block is never closed`);
  return found;
}
