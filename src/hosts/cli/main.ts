import { batch } from "./batch.ts";
import { runWithDeepStack } from "./stack.ts";

async function main(words: readonly string[]): Promise<number> {
  const code = await runWithDeepStack();
  if (code !== undefined) return code;
  if (words[0] === "batch") {
    await batch(process.stdin, process.stdout);
    return 0;
  }
  process.stderr.write("usage: assay FILE | assay batch\n");
  return 2;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`assay: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
