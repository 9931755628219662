/** Parses JavaScript and TypeScript of any quality. */
import { Language, Parser } from "web-tree-sitter";
import { lineStarts } from "../source.ts";
import type { Script } from "./ast.ts";
import { scriptsOf } from "./blocks.ts";
import { copyScript, type ScriptNode } from "./nodes.ts";
import { statements } from "./statements.ts";

/** Loads the two grammars into a runtime that is ready: TypeScript without JSX, and everything else. */
export async function loadScriptParser(wasm: { typescript: Uint8Array; tsx: Uint8Array }): Promise<ScriptParser> {
  return new ScriptParser(await Language.load(wasm.typescript), await Language.load(wasm.tsx));
}

export class ScriptParser {
  private readonly parser = new Parser();

  constructor(
    private readonly typescript: Language,
    private readonly tsx: Language,
  ) {}

  /** The tree of a file. Never throws: what cannot be parsed is left out, with problems. */
  parse(path: string, given: string): Script {
    const text = scriptsOf(path, given.startsWith("\ufeff") ? given.slice(1) : given);
    const language = /\.[mc]?ts$/i.test(path) || isPlainTypeScript(path, given) ? this.typescript : this.tsx;
    this.parser.setLanguage(language);
    const tree = this.parser.parse(text);
    if (!tree) {
      this.parser.reset();
      return { path, text, lineStarts: lineStarts(text), body: [], problems: [] };
    }
    const cursor = tree.walk();
    try {
      const root = copyScript(cursor, language.types, language.fields);
      return { path, text, lineStarts: lineStarts(text), body: statements(root, text), problems: problemsOf(root) };
    } finally {
      cursor.delete();
      tree.delete();
    }
  }
}

/** A page's script that says it is TypeScript. */
function isPlainTypeScript(path: string, text: string): boolean {
  return /\.(vue|svelte)$/i.test(path) && /<script\b[^>]*\blang\s*=\s*["']?ts["'\s>]/i.test(text);
}

/** The parts that do not parse, the outermost of each alone. */
function problemsOf(root: ScriptNode): Script["problems"] {
  const found: { start: number; end: number; message: string }[] = [];
  const walk = (node: ScriptNode) => {
    if (node.type === "ERROR") found.push({ start: node.start, end: node.end, message: "a syntax error" });
    else for (const child of node.children) walk(child);
  };
  walk(root);
  return found.slice(0, 20);
}
