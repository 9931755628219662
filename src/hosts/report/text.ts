/** Texts in pictures: how wide they are, and as much of them as fits. */

const context = document.createElement("canvas").getContext("2d");
let font = "";
const widths = new Map<string, number>();

/** Takes the page's own font, in the size that the style sheet gives to texts in pictures. */
export function measureFont(): void {
  const { fontFamily } = getComputedStyle(document.body);
  const next = `11px ${fontFamily}`;
  if (next === font || !context) return;
  font = next;
  context.font = next;
  widths.clear();
}

/** Pixels that a text takes. */
export function widthOf(text: string): number {
  const before = widths.get(text);
  if (before !== undefined) return before;
  const width = context?.measureText(text).width ?? 6.5 * text.length;
  if (widths.size > 20_000) widths.clear();
  widths.set(text, width);
  return width;
}

/** The text, or its beginning with an ellipsis; "" where fewer than three letters would be left. */
export function fitting(text: string, room: number): string {
  if (widthOf(text) <= room) return text;
  let length = Math.min(text.length - 1, Math.floor(room / 4));
  while (length > 0 && widthOf(`${text.slice(0, length)}…`) > room) length--;
  return length < 3 ? "" : `${text.slice(0, length).trimEnd()}…`;
}
