/** The set-up of the suite that runs in a Node extension host; the build puts the test files behind it. */
import Mocha from "mocha";
import { lineReporter } from "./lineReporter.ts";

const reporter = lineReporter as unknown as Mocha.ReporterConstructor;
const mocha = new Mocha({ ui: "bdd", timeout: 60_000, reporter });
// Declares describe(), it() and their kin, before the test files below this one are evaluated.
mocha.suite.emit("pre-require", globalThis, "", mocha);

/** What VS Code calls; `@vscode/test-electron` expects the same. */
export function run(): Promise<void> {
  return new Promise((resolve, reject) => {
    mocha.run((failures) => (failures ? reject(new Error(`${failures} tests failed`)) : resolve()));
  });
}
