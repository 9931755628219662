/** The scripts inside a page: `.html`, `.vue` and `.svelte` files. */

/**
 * The text with all but its scripts replaced by blanks, so that every index stays what it was. Scripts of another kind
 * (`type="application/json"`) and those fetched from elsewhere are no code of this file.
 */
export function scriptsOf(path: string, text: string): string {
  if (!/\.(html?|vue|svelte)$/i.test(path)) return text;
  let kept = "";
  let last = 0;
  for (const match of text.matchAll(/<script\b([^>]*)>([\s\S]*?)(<\/script\s*>|$)/gi)) {
    const [, attributes = "", inside = ""] = match;
    if (/\btype\s*=\s*["']?(?!module|text\/(java|type)script|application\/javascript|text\/babel)/i.test(attributes))
      continue;
    const start = match.index + match[0].indexOf(">") + 1;
    kept += `${blank(text.slice(last, start))}${inside}`;
    last = start + inside.length;
  }
  return kept + blank(text.slice(last));
}

/** Two scripts of a page must not run into each other. */
function blank(text: string): string {
  return text.replaceAll(/[^\n\r]/g, " ").replace(/^ /, text.startsWith("<") ? ";" : " ");
}
