import { readFileSync } from "node:fs";
import path from "node:path";

/** The version in the `package.json` that the program lies below; "unknown" where there is none. */
export function programVersion(folder: string): string {
  try {
    const { version } = JSON.parse(readFileSync(path.join(folder, "..", "package.json"), "utf8")) as {
      version?: unknown;
    };
    return typeof version === "string" ? version : "unknown";
  } catch {
    return "unknown";
  }
}
