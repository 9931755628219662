import { Language, Parser, type TreeCursor } from "web-tree-sitter";
import type { Module } from "./ast.ts";
import type { Later } from "./deferred.ts";
import { directives } from "./directives.ts";
import { recovered } from "./recovery.ts";
import { assembled, type Former, former, type Lowered } from "./reuse.ts";
import { loadScriptParser, type ScriptParser } from "./script/parser.ts";
import { sourceOf } from "./source.ts";
import { lowerTopLevel } from "./topLevel.ts";
import { copyTree, type TreeNode } from "./tree.ts";

/** Loads the parser. The hosts hand in the WebAssembly files, since this layer reads no files. */
export async function loadPythonParser(wasm: Grammars): Promise<PythonParser> {
  runtime ??= Parser.init({ wasmBinary: wasm.runtime });
  await runtime;
  const { typescript, tsx } = wasm;
  const scripts = typescript && tsx ? await loadScriptParser({ typescript, tsx }) : undefined;
  return new PythonParser(await Language.load(wasm.python), scripts);
}

/** Started once: grammars loaded into two runtimes at a time would be mixed. */
let runtime: Promise<void> | undefined;

/** The WebAssembly of the parser and of its grammars; without those of scripts no script is parsed. */
export interface Grammars {
  readonly runtime: Uint8Array;
  readonly python: Uint8Array;
  readonly typescript?: Uint8Array | undefined;
  readonly tsx?: Uint8Array | undefined;
}

/** Parses Python text of any quality. It keeps nothing between calls: what is reused comes from the tree handed in. */
export class PythonParser {
  private readonly parser = new Parser();
  private readonly types: readonly (string | null)[];

  constructor(
    language: Language,
    /** Where the grammars of scripts were loaded as well. */
    readonly scripts?: ScriptParser | undefined,
  ) {
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
    const later = reusable ? undefined : (node: TreeNode) => this.whole(text, node);
    const sound = this.sound(text, former(path, previous), later);
    const lowered = sound ?? recovered(text, (part) => this.soundTree(part));
    const module = assembled(path, lowered, former(path, sound ? undefined : previous), reusable);
    module.directives = directives(text, !sound);
    return module;
  }

  /** The statements of a text that parses; `undefined` for one that does not. */
  private sound(text: string, before: Former, later: Later | undefined): Lowered[] | undefined {
    return this.withTree(text, (cursor) => lowerTopLevel(cursor, this.types, sourceOf(text, later), before));
  }

  /** The tree of one function of a text, in the text's own indices. */
  private whole(text: string, { start, end }: TreeNode): TreeNode | undefined {
    const lineStart = text.lastIndexOf("\n", start - 1) + 1;
    // One that is indented stands in something that is.
    const around = start > lineStart ? "if 1:\n" : "";
    const shift = lineStart - around.length;
    const part = `${around}${text.slice(lineStart, end)}\n`;
    const tree = this.withTree(part, (cursor) => copyTree(cursor, this.types, text, { shift }));
    return tree && functionAt(tree, start);
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

/** The function that begins at an index. */
function functionAt(tree: TreeNode, start: number): TreeNode | undefined {
  if (tree.type === "function_definition" && tree.start === start) return tree;
  for (const child of tree.children) {
    const found = child.start <= start && child.end > start ? functionAt(child, start) : undefined;
    if (found) return found;
  }
  return undefined;
}
