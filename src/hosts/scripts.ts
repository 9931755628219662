/** Which JavaScript and TypeScript documents may hold models. */

/** As VS Code names their languages. */
export const scriptLanguages: readonly string[] = [
  "javascript",
  "javascriptreact",
  "typescript",
  "typescriptreact",
  "html",
  "vue",
  "svelte",
];

/** The endings of their files. */
export const scriptEndings: readonly string[] = "js jsx mjs cjs ts tsx mts cts html vue svelte".split(" ");

/** A script that has nothing to do with models is left alone. */
const mentionsModels = /tensorflow|\btf\s*\.|transformers|onnxruntime/;

export function isModelScript(language: string, text: string): boolean {
  return scriptLanguages.includes(language) && mentionsModels.test(text);
}

/** The language of a file that no editor has opened. */
export function languageOf(path: string): string {
  if (path.endsWith(".py")) return "python";
  const ending = path.slice(path.lastIndexOf(".") + 1).toLowerCase();
  return scriptEndings.includes(ending) ? "javascript" : "json";
}
