/** What a file without a model is, so that an answer without findings still says what was looked at. */
import { type Code, codeOf } from "../advice/code/tree.ts";
import { rulesThatRead } from "../advice/rules.ts";
import { type TrainingLoop, trainingLoops } from "../advice/scripts/training.ts";
import type { ScriptReport } from "../cost/report.ts";
import type { Sources } from "../python/interpreter.ts";
import type { Module } from "../syntax/ast.ts";
import type { SyntaxNode } from "../syntax/walk.ts";

/** More files with models than these are not named. */
const mostFiles = 3;

/** Undefined for a file that has nothing to do with PyTorch. `roots` are folders that its imports are looked for in. */
export function scriptOf(
  file: Module,
  text: string,
  sources: Sources,
  roots: readonly string[],
): ScriptReport | undefined {
  const code = codeOf(file, text);
  const imported = [...new Set(code.nodes.flatMap(importedBy))];
  const loops = [...loopsOf(code)].sort((a, b) => a.at.line - b.at.line);
  if (loops.length === 0 && !imported.some((name) => /^(torch|accelerate|lightning)\b/.test(name))) return undefined;
  const beside = imported.flatMap((name) => fileOf(name, file.path, sources, roots) ?? []);
  return {
    kind: loops.length > 0 ? "training script" : "PyTorch code",
    loops,
    rules: rulesThatRead,
    models: [...new Set(beside)].slice(0, mostFiles),
  };
}

function loopsOf(code: Code): ScriptReport["loops"] {
  const handed = code.calls.filter(({ func }) => /(^|\.)\w*Trainer$/.test(code.text(func)));
  return [
    ...trainingLoops(code).map((one) => ({ at: code.place(one.loop), what: loopText(one) })),
    ...handed.map((call) => ({ at: code.place(call), what: `${code.text(call.func)} runs the loop` })),
  ];
}

function loopText({ backwards, steps }: TrainingLoop): string {
  const calls = (count: number, name: string) => `${count} ${count === 1 ? "call" : "calls"} of ${name}`;
  return [
    calls(backwards.length, "backward"),
    ...(steps.length > 0 ? [calls(steps.length, "an optimizer's step")] : []),
  ].join(", ");
}

/** Modules that a statement imports, a relative one with its dots; a name that is imported may be a module too. */
function importedBy(node: SyntaxNode): string[] {
  if (node.kind === "Import") return node.names.map(({ name }) => name);
  if (node.kind !== "ImportFrom") return [];
  const from = `${".".repeat(node.level)}${node.module}`;
  const names = node.names === "*" ? [] : node.names.map(({ name }) => name);
  return [from, ...names.map((name) => (from.endsWith(".") ? `${from}${name}` : `${from}.${name}`))];
}

/** The workspace's file of a module, where it defines models. */
function fileOf(module: string, importer: string, sources: Sources, roots: readonly string[]): string | undefined {
  const [, dots = "", name = ""] = /^(\.*)(.*)$/.exec(module) ?? [];
  const folders = dots === "" ? roots : [importer.split("/").slice(0, -dots.length).join("/")];
  for (const folder of folders) {
    const path = `${folder}/${name.replaceAll(".", "/")}.py`;
    if (sources.text(path)?.includes("nn.Module")) return path;
  }
  return undefined;
}
