/** The paths that the analysis knows files by: of the file system for `file:` addresses, else the address itself. */

/** The path of a document's address; forward slashes on every system. */
export function pathOf(uri: string): string {
  if (!uri.startsWith("file:///")) return uri;
  const path = decodeURIComponent(uri.slice("file://".length));
  return /^\/[A-Za-z]:/.test(path) ? path.slice(1) : path;
}

/** The address of a path. */
export function uriOf(path: string): string {
  if (/^[a-z][a-z0-9+.-]+:/i.test(path)) return path;
  const rooted = path.startsWith("/") ? path : `/${path}`;
  return `file://${rooted.split("/").map(encodeURIComponent).join("/")}`;
}

/** A path as people read it: relative to a folder of the workspace, else its last two parts. */
export function shortened(path: string, roots: readonly string[]): string {
  const root = roots.find((folder) => path.startsWith(`${folder}/`));
  return root === undefined ? path.split("/").slice(-2).join("/") : path.slice(root.length + 1);
}
