/** What files were at a commit, asked of git as a program; the working tree is never touched. */
import { spawnSync } from "node:child_process";
import path from "node:path";
import type { Overlay } from "./files.ts";
import { Fault } from "./read.ts";

/** A commit, and what of the working tree read otherwise there. */
export interface Base {
  /** As it was asked for, with the commit it stands for: `main (1a2b3c4)`. */
  readonly name: string;
  readonly root: string;
  /** Files of source text that are not now what they were, by whole path: their text there, null where there was none. */
  readonly changed: Overlay;
}

/** A file that is larger is data. */
const mostBytes = 8_000_000;

/** The commit that a name stands for in the repository of a folder; why there is none. */
export function baseOf(folder: string, name: string): Base | Fault {
  const root = rootOf(folder);
  if (root === undefined) return new Fault(`assay: ${folder} lies in no git repository. Name files that do.`);
  const commit = git(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`])
    ?.toString()
    .trim();
  if (!commit)
    return new Fault(
      `assay: ${name} is no commit of ${root}. Name a branch, a tag or a commit, or a file that is there.`,
    );
  const differing = lines(git(root, ["diff", "--name-only", "-z", "--no-renames", commit, "--"]));
  const untracked = lines(git(root, ["ls-files", "--others", "--exclude-standard", "-z"]));
  const wanted = differing.filter(isRead);
  const texts = blobs(root, commit, wanted);
  const changed = new Map<string, string | null>();
  for (const [i, file] of wanted.entries()) changed.set(whole(root, file), texts[i] ?? null);
  for (const file of untracked.filter(isRead)) changed.set(whole(root, file), null);
  return { name: `${name} (${commit.slice(0, 7)})`, root, changed };
}

/** The top folder of the repository that holds a folder; undefined where there is none. */
export function rootOf(folder: string): string | undefined {
  const up = git(folder, ["rev-parse", "--show-cdup"]);
  return up && path.resolve(folder, up.toString().trim());
}

/** Whether a word names a commit of the folder's repository. */
export function isCommit(folder: string, name: string): boolean {
  return git(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`]) !== undefined;
}

const isRead = (file: string) => /\.(pyi?|json|[cm]?[jt]sx?)$/i.test(file) && !file.includes("\n");
const whole = (root: string, file: string) => path.join(root, file).replaceAll("\\", "/");

/** More files than this that may import what changed are not looked at. */
const mostImporters = 100;

/** Python files of the working tree that import modules of those names, or modules that do; whole paths. */
export function importersOf(root: string, files: readonly string[]): string[] {
  const found = new Set<string>();
  let fresh = files;
  while (fresh.length > 0 && found.size < mostImporters) {
    const names = [...new Set(fresh.map(moduleName))].filter((name) => /^\w+$/.test(name));
    if (names.length === 0) break;
    const pattern = `^[[:space:]]*(from|import)[[:space:]].*\\b(${names.join("|")})\\b`;
    const out = git(root, ["grep", "-l", "-z", "-I", "--untracked", "-E", "-e", pattern, "--", "*.py"]);
    const next = lines(out).map((file) => whole(root, file));
    fresh = next.filter((file) => !found.has(file) && !files.includes(file));
    for (const file of fresh) found.add(file);
  }
  return [...found].slice(0, mostImporters);
}

/** `block` for `nets/block.py` and for `block/__init__.py`. */
function moduleName(file: string): string {
  const parts = file.replace(/\.pyi?$/, "").split("/");
  return (parts.at(-1) === "__init__" ? parts.at(-2) : parts.at(-1)) ?? "";
}

/** The texts of files at a commit, in order; undefined where there is none or it is no text. */
function blobs(root: string, commit: string, files: readonly string[]): (string | undefined)[] {
  if (files.length === 0) return [];
  const asked = files.map((file) => `${commit}:${file}\n`).join("");
  const out = git(root, ["cat-file", "--batch"], asked) ?? Buffer.alloc(0);
  const found: (string | undefined)[] = [];
  let at = 0;
  for (const _ of files) {
    const end = out.indexOf("\n", at);
    if (end < 0) break;
    const [, kind, size] = /^\S+ (\w+) (\d+)$/.exec(out.toString("utf8", at, end)) ?? [];
    at = end + 1;
    if (size === undefined) {
      found.push(undefined);
      continue;
    }
    const bytes = out.subarray(at, at + Number(size));
    found.push(kind === "blob" && bytes.length <= mostBytes && !bytes.includes(0) ? bytes.toString("utf8") : undefined);
    at += Number(size) + 1;
  }
  return found;
}

function lines(out: Buffer | undefined): string[] {
  return (out?.toString("utf8") ?? "").split("\0").filter((line) => line !== "");
}

/** What git prints; undefined where it fails or is not installed. */
function git(folder: string, words: readonly string[], input?: string): Buffer | undefined {
  const { status, stdout } = spawnSync("git", [...words], {
    cwd: folder,
    input,
    maxBuffer: 1 << 30,
    // Looking must not refresh the index.
    env: { ...process.env, GIT_OPTIONAL_LOCKS: "0" },
    stdio: ["pipe", "pipe", "ignore"],
  });
  return status === 0 ? stdout : undefined;
}
