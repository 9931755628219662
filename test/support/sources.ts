import { existsSync, readdirSync, readFileSync } from "node:fs";

/** The TypeScript files of a folder and below, by path from the root of the project, sorted. */
export function sourceFiles(folder: string): { file: string; text: string }[] {
  return filesBelow(folder, ".ts").map((file) => ({ file, text: readFileSync(file, "utf8") }));
}

/** The files of a folder and below whose names end so, by path from the root of the project, sorted; none where it is absent. */
export function filesBelow(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file}`)
    .sort();
}
