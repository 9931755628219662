import type Mocha from "mocha";

/** The runner shows the lines that start with this; on a desktop they simply appear in the console. */
const mark = "[e2e] ";

/** A mocha reporter for any extension host: one console line per test, and a closing line with the counts. */
export function lineReporter(runner: Mocha.Runner): void {
  const print = (text: string): void => console.log(mark + text);
  const indent = (test: Mocha.Test): string => "  ".repeat(Math.max(1, test.titlePath().length - 1));
  let passed = 0;
  let failed = 0;
  runner.on("suite", (suite) => {
    if (suite.title) print("  ".repeat(suite.titlePath().length - 1) + suite.title);
  });
  runner.on("pass", (test) => {
    passed++;
    print(`${indent(test)}✔ ${test.title} (${test.duration ?? 0} ms)`);
  });
  runner.on("fail", (test, error: Error) => {
    failed++;
    print(`${indent(test as Mocha.Test)}✖ ${test.title}\n${error.stack ?? error.message}`);
  });
  runner.on("end", () => print(`${passed} passed, ${failed} failed`));
}
