import assert from "node:assert/strict";
import path from "node:path";
import { sourceFiles } from "./support/sources.ts";

/** Imports point left only. */
const layers =
  "base syntax tensor ops trace python torch libraries tfjs configs evidence staging cost advice report analyze.ts weighCase.ts surfaces hosts".split(
    " ",
  );

/** The doors for outside packages: the paths that may import each. */
const doors: [packages: RegExp, files: RegExp][] = [
  [/^web-tree-sitter$/, /^src\/syntax\//],
  [/^zod$/, /^src\/(base\/settings\.ts$|configs\/|hosts\/(messages|pageChecks|pageMessages|reportShape)\.ts$)/],
  [/^(lit(\/.*)?|d3-\w+|@vscode-elements\/elements\/.*)$/, /^src\/hosts\/report\//],
  [/^(jsonc-parser|yaml|smol-toml)$/, /^src\/configs\//],
  [/^vscode-languageserver(-textdocument)?(\/.*)?$/, /^src\/hosts\/server\//],
  [/^(vscode|vscode-languageclient(\/.*)?)$/, /^src\/hosts\/extension\//],
  [/^node:/, /^src\/hosts\//],
];

interface Import {
  file: string;
  line: number;
  from: string;
}

describe("layers", () => {
  const sources = sourceFiles("src").filter(({ file }) => !file.endsWith(".d.ts"));
  const imports = sources.flatMap(({ file, text }) => importsOf(file, text));

  it("imports point left only", () => {
    const wrong = imports.filter(({ file, from }) => {
      const target = targetOf(file, from);
      return target !== undefined && layerOf(target) > layerOf(file);
    });
    assert.deepEqual(wrong.map(show), []);
  });

  it("each file lies in a layer", () => {
    const files = sources.map(({ file }) => file);
    assert.deepEqual(
      files.filter((file) => layerOf(file) < 0),
      [],
    );
  });

  it("outside packages come in by their doors", () => {
    const wrong = imports.filter(({ file, from }) => {
      if (targetOf(file, from) !== undefined) return false;
      const door = doors.find(([packages]) => packages.test(from));
      return !door?.[1].test(file);
    });
    assert.deepEqual(wrong.map(show), []);
  });

  it("own files are named with their ending", () => {
    const wrong = imports.filter(({ from }) => from.startsWith(".") && !from.endsWith(".ts"));
    assert.deepEqual(wrong.map(show), []);
  });

  it("records never import each other", () => {
    const record =
      /^src\/(ops|configs\/quantization|cost\/devices|cost\/interconnects|advice\/rules|advice\/techniques)\/(?!.*shared\/)(?!_)/;
    const types = /\/(op|quantization|device|interconnect|rule|technique)\.ts$/;
    const wrong = imports.filter(({ file, from }) => {
      const target = targetOf(file, from) ?? "";
      const same = record.exec(file)?.[1];
      return same !== undefined && record.exec(target)?.[1] === same && !types.test(target) && !types.test(file);
    });
    assert.deepEqual(wrong.map(show), []);
  });
});

/** Every `import … from`, `export … from`, `import "…"` and `import("…")` of a file. */
function importsOf(file: string, text: string): Import[] {
  const found = text.matchAll(/(?:^(?:import|export)\b[^;"'`]*?\bfrom\s*|^import\s*|\bimport\(\s*)["']([^"']+)["']/gm);
  return [...found].map((match) => ({ file, line: text.slice(0, match.index).split("\n").length, from: match[1]! }));
}

/** The path in the project that an import names; nothing for an outside package. */
function targetOf(file: string, from: string): string | undefined {
  if (from.startsWith(".")) return path.posix.join(path.posix.dirname(file), from);
  const catalogue = /^(?:every|pages):(\w+)$/.exec(from)?.[1];
  if (catalogue)
    return {
      ops: "src/ops",
      devices: "src/cost",
      interconnects: "src/cost",
      rules: "src/advice",
      techniques: "src/advice",
      scriptRules: "src/advice",
      quantization: "src/configs",
    }[catalogue];
  return /^(?:python|script|text):(.+)$/.exec(from)?.[1];
}

const layerOf = (file: string) => layers.indexOf(file.split("/")[1]!);
const show = ({ file, line, from }: Import) => `${file}:${line} imports ${from}`;
