/** The parts of a text as `str.split` gives them; without a separator, words between white space. */
export function splitText(text: string, separator: string | null, most: number, fromRight: boolean): string[] {
  if (separator === null) return words(text, most, fromRight);
  const parts = text.split(separator);
  if (most < 0 || parts.length <= most + 1) return parts;
  return fromRight
    ? [parts.slice(0, parts.length - most).join(separator), ...parts.slice(parts.length - most)]
    : [...parts.slice(0, most), parts.slice(most).join(separator)];
}

/** The lines of a text, with their ends where asked for. */
export function splitLines(text: string, keepEnds: boolean): string[] {
  const lines = text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [];
  return keepEnds ? lines : lines.map((line) => line.replace(/\r\n$|[\r\n]$/, ""));
}

function words(text: string, most: number, fromRight: boolean): string[] {
  const all = text.split(/\s+/).filter((word) => word !== "");
  if (most < 0 || all.length <= most + 1) return all;
  if (most === 0) return [fromRight ? text.trimEnd() : text.trimStart()];
  const separated = fromRight
    ? new RegExp(`^([^]*?)${"\\s+(\\S+)".repeat(most)}\\s*$`).exec(text.trimEnd())
    : new RegExp(`^\\s*${"(\\S+)\\s+".repeat(most)}([^]*)$`).exec(text.trimStart());
  return separated ? separated.slice(1) : all;
}
