/** The config of a model that code or another file names: a folder of the workspace, as `from_pretrained` takes it. */
import { isModelConfig, readConfig } from "./read.ts";

/** A model's config and where it lies. */
export interface NamedConfig {
  readonly path: string;
  readonly value: Readonly<Record<string, unknown>>;
}

/**
 * The config of a model by its name, from the first folder that has it: `NAME/config.json`, `models/NAME/config.json`.
 * Undefined where it is not in the workspace, as for a name of the hub. Nothing is fetched.
 */
export function namedConfig(
  name: string,
  folders: readonly string[],
  textOf: (path: string) => string | undefined,
): NamedConfig | undefined {
  const plain = name.replace(/^\.\//, "").replace(/\/$/, "");
  if (plain === "") return undefined;
  const places = [
    ...(plain.startsWith("/") ? [plain] : []),
    ...folders.flatMap((folder) => [`${within(folder)}${plain}`, `${within(folder)}models/${plain}`]),
  ];
  for (const place of places) {
    const found = configIn(place, textOf);
    if (found) return found;
  }
  return undefined;
}

/** The model's config in a folder. */
export function configIn(folder: string, textOf: (path: string) => string | undefined): NamedConfig | undefined {
  const path = `${within(plainPath(folder))}config.json`;
  const text = textOf(path);
  const value = text === undefined ? undefined : readConfig(text).value;
  return value && isModelConfig(value) ? { path, value } : undefined;
}

/** A folder as the beginning of a path. */
function within(folder: string): string {
  return folder === "" ? "" : `${folder}/`;
}

/** Without `.` and `..`. */
function plainPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== "." && (part !== "" || parts.length === 0)) parts.push(part);
  }
  return parts.join("/");
}
