import { Language, Parser, type TreeCursor } from "web-tree-sitter";
import type { Module } from "./ast.ts";
import { directives } from "./directives.ts";
import { recovered } from "./recovery.ts";
import { assembled, type Former, former, type Lowered } from "./reuse.ts";
import { sourceOf } from "./source.ts";
import { lowerTopLevel } from "./topLevel.ts";
import { copyTree, type TreeNode } from "./tree.ts";

/** Loads the parser. The hosts hand in the two WebAssembly files, since this layer reads no files. */
export async function loadPythonParser(wasm: { runtime: Uint8Array; python: Uint8Array }): Promise<PythonParser> {
  await Parser.init({ wasmBinary: wasm.runtime });
  return new PythonParser(await Language.load(wasm.python));
}

/** Parses Python text of any quality. It keeps nothing between calls: what is reused comes from the tree handed in. */
export class PythonParser {
  private readonly parser = new Parser();
  private readonly types: readonly (string | null)[];

  constructor(language: Language) {
    this.parser.setLanguage(language);
    this.types = language.types;
  }

  /**
   * The tree of a file. Never throws: what cannot be parsed becomes broken nodes, with problems.
   *
   * Top-level statements whose text is as in `previous` are the same objects, with their chunks moved.
   */
  parse(path: string, text: string, previous?: Module): Module {
    return this.parsed(path, text, previous, true);
  }

  /** The tree of a file that nobody edits, such as a library's: no later tree can reuse it. */
  parseOnce(path: string, text: string): Module {
    return this.parsed(path, text, undefined, false);
  }

  private parsed(path: string, text: string, previous: Module | undefined, reusable: boolean): Module {
    // A byte order mark would count as a column.
    if (text.startsWith("\ufeff")) text = text.slice(1);
    const sound = this.sound(text, former(path, previous));
    const lowered = sound ?? recovered(text, (part) => this.soundTree(part));
    const module = assembled(path, lowered, former(path, sound ? undefined : previous), reusable);
    module.directives = directives(text, !sound);
    return module;
  }

  /** The statements of a text that parses; `undefined` for one that does not. */
  private sound(text: string, before: Former): Lowered[] | undefined {
    return this.withTree(text, (cursor) => lowerTopLevel(cursor, this.types, sourceOf(text), before));
  }

  /** The whole tree of a text that parses; `undefined` for one that does not. */
  private soundTree(text: string): TreeNode | undefined {
    return this.withTree(text, (cursor) => copyTree(cursor, this.types, text));
  }

  private withTree<Result>(text: string, read: (cursor: TreeCursor) => Result): Result | undefined {
    // Parsing on past an error is slow, and what it makes of the text is not used.
    const tree = this.parser.parse(text, null, { progressCallback: (state) => state.hasError });
    if (!tree) {
      this.parser.reset();
      return undefined;
    }
    const cursor = tree.walk();
    try {
      return tree.rootNode.hasError ? undefined : read(cursor);
    } finally {
      cursor.delete();
      tree.delete();
    }
  }
}
