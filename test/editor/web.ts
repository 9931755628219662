/** The set-up of the suite that runs in a web worker's extension host; the build puts the test files behind it. */
// Sets the global `mocha`. Mocha 12's file is marked as an ES module, which breaks it in a CommonJS bundle: stay with 11.
import "mocha/mocha.js";
import { lineReporter } from "./lineReporter.ts";

mocha.setup({ ui: "bdd", timeout: 60_000, reporter: lineReporter as unknown as Mocha.ReporterConstructor });

/** What VS Code calls. */
export function run(): Promise<void> {
  return new Promise((resolve, reject) => {
    mocha.run((failures) => (failures ? reject(new Error(`${failures} tests failed`)) : resolve()));
  });
}
