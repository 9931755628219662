import { deepLimits } from "../../base/budget.ts";
import { batch } from "./batch.ts";
import { answer } from "./command.ts";
import { openParser } from "./files.ts";
import { runWithDeepStack } from "./stack.ts";
import { programVersion } from "./version.ts";

async function main(words: readonly string[]): Promise<number> {
  const code = await runWithDeepStack();
  if (code !== undefined) return code;
  const colour = process.stdout.isTTY === true && process.env.NO_COLOR === undefined && process.env.TERM !== "dumb";
  const output = await answer(words, {
    parser: openParser,
    version: programVersion(__dirname),
    limits: deepLimits,
    colour,
  });
  if (!output) {
    await batch(process.stdin, process.stdout);
    return 0;
  }
  // A reader such as `head` may close its end early.
  process.stdout.on("error", ({ code: fault }: NodeJS.ErrnoException) => process.exit(fault === "EPIPE" ? 0 : 1));
  process.stdout.write(output.out);
  process.stderr.write(output.error);
  return output.code;
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
