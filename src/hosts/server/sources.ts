/** Where the analysis reads from: open editors first, then files. Each text is parsed once. */
import type { BinaryFile } from "../../base/binary.ts";
import type { Sources } from "../../python/interpreter.ts";
import type { Module } from "../../syntax/ast.ts";
import type { PythonParser } from "../../syntax/parser.ts";
import type { Script } from "../../syntax/script/ast.ts";

/** Files as a host has them. */
export interface Files {
  read(path: string): string | undefined;
  folder(path: string): boolean;
  /** The files directly in a folder, whole paths. */
  filesIn(folder: string): readonly string[];
  /** A file to be read in parts; absent where files can only be read whole. */
  binary?(path: string): BinaryFile | undefined;
}

/** Sources in which an editor's unsaved text stands in front of the file. */
export class OpenSources implements Sources {
  private readonly texts = new Map<string, string>();
  private readonly trees = new Map<string, { text: string; module: Module }>();
  /** What files hold, so that an analysis sees one state of each; `undefined` where there is none. */
  private readonly onDisk = new Map<string, string | undefined>();
  private readonly folders = new Map<string, boolean>();
  private laid: ReadonlyMap<string, string | null> = new Map();

  readonly binary?: (path: string) => BinaryFile | undefined;

  constructor(
    private readonly parser: PythonParser,
    private readonly files: Files,
  ) {
    if (files.binary) this.binary = (path) => files.binary?.(path);
  }

  /** Runs something as if some files read otherwise; null stands for a file that is not there. */
  during<Result>(texts: ReadonlyMap<string, string | null>, run: () => Result): Result {
    this.laid = texts;
    this.folders.clear();
    try {
      return run();
    } finally {
      this.laid = new Map();
      this.folders.clear();
    }
  }

  /** Takes an editor's text, or lets go of it. Says whether anything is different now. */
  setText(path: string, text: string | undefined): boolean {
    const before = this.text(path);
    if (text === undefined) this.texts.delete(path);
    else this.texts.set(path, text);
    this.folders.clear();
    return this.text(path) !== before;
  }

  /** Drops what was read from a file, which may have changed, come or gone. */
  forget(path: string): void {
    this.onDisk.delete(path);
    this.folders.clear();
  }

  module(path: string): Module | undefined {
    const text = this.text(path);
    if (text === undefined) return undefined;
    const known = this.trees.get(path);
    if (known?.text === text) return known.module;
    const module = this.parser.parse(path, text, known?.module);
    this.trees.set(path, { text, module });
    return module;
  }

  folder(path: string): boolean {
    let is = this.folders.get(path);
    if (is === undefined) {
      const added = [...this.texts.keys(), ...this.laid.keys()];
      is = this.files.folder(path) || added.some((file) => file.startsWith(`${path}/`));
      this.folders.set(path, is);
    }
    return is;
  }

  text(path: string): string | undefined {
    const laid = this.laid.get(path);
    if (laid !== undefined) return laid ?? undefined;
    const open = this.texts.get(path);
    if (open !== undefined) return open;
    if (!this.onDisk.has(path)) this.onDisk.set(path, this.files.read(path));
    return this.onDisk.get(path);
  }

  /** The files directly in a folder, whole paths. */
  filesIn(folder: string): readonly string[] {
    return this.files.filesIn(folder);
  }

  parse(path: string, text: string): Module {
    return this.parser.parse(path, text);
  }

  script(path: string, text: string): Script | undefined {
    return this.parser.scripts?.parse(path, text);
  }

  /** The Python files beside a file and in the folder above it, where scripts that use it usually are. */
  scripts(near: string): readonly string[] {
    const folder = near.slice(0, near.lastIndexOf("/"));
    const above = folder.slice(0, folder.lastIndexOf("/"));
    return [folder, ...(above ? [above] : [])].flatMap((one) =>
      this.files.filesIn(one).filter((file) => file.endsWith(".py") && this.laid.get(file) !== null),
    );
  }
}

/** Files of a host that can only be asked for them: those that were asked for and are not here yet are `missing`. */
export class ListedFiles implements Files {
  readonly missing = new Set<string>();
  private readonly texts = new Map<string, string>();
  private readonly folders = new Set<string>();
  private listed = new Set<string>();

  list(paths: readonly string[]): void {
    this.listed = new Set(paths);
    for (const path of paths) {
      for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1))
        this.folders.add(path.slice(0, at));
    }
  }

  /** Takes a file's text; none for one that cannot be read. */
  setText(path: string, text: string | null): void {
    this.missing.delete(path);
    if (text === null) {
      this.listed.delete(path);
      this.texts.delete(path);
      return;
    }
    if (!this.listed.has(path)) this.list([...this.listed, path]);
    this.texts.set(path, text);
  }

  read(path: string): string | undefined {
    if (this.listed.has(path) && !this.texts.has(path)) this.missing.add(path);
    return this.texts.get(path);
  }

  folder(path: string): boolean {
    return this.folders.has(path);
  }

  filesIn(folder: string): readonly string[] {
    return [...this.listed].filter((path) => path.slice(0, path.lastIndexOf("/")) === folder).sort();
  }
}
