import { spawn } from "node:child_process";

/** Half of the stack that Linux and macOS give a process, in KB. */
const stackKilobytes = 3900;
/** V8 would let the heap grow to four times what is alive before it collects: a long batch then holds a gigabyte for nothing. */
const flags = [`--stack-size=${stackKilobytes}`, "--heap-growing-percent=100"];

/**
 * Runs this very command again with a stack for Python calls that nest as deep as Python allows, since libraries import
 * each other deeply. Gives its exit code; undefined where the stack is as deep as it can be, and the work can begin.
 */
export async function runWithDeepStack(): Promise<number | undefined> {
  // Windows gives a process 1 MB, whatever V8 is told.
  if (process.platform === "win32" || process.execArgv.some((flag) => flag.startsWith("--stack-size")))
    return undefined;
  const [, script = "", ...words] = process.argv;
  const child = spawn(process.execPath, [...process.execArgv, ...flags, script, ...words], {
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  });
}
