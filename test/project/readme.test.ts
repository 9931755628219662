/** What README shows of projects and the command line is what is understood. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readProject } from "../../src/configs/project/read.ts";
import { deviceOf, deviceProblems } from "../../src/cost/deviceList.ts";
import { readCommand } from "../../src/hosts/cli/arguments.ts";

const readme = readFileSync("README.md", "utf8");
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, "gm"))].map((match) => match[1] as string);

describe("README", () => {
  it("shows projects that can be used as they stand", () => {
    const projects = blocks("json");
    assert(projects.some((text) => text.includes('"budgets"')));
    for (const text of projects) {
      const read = readProject("/ws/assay.json", text);
      assert.deepEqual([...read.problems, ...deviceProblems(read)], []);
      assert(deviceOf(read.project.scenario.device ?? "nvidia-l4-24gb", read.project));
    }
  });

  it("shows commands that are understood", () => {
    const lines = ["sh", "yaml"].flatMap((language) => blocks(language).flatMap((text) => text.split("\n")));
    const commands = lines.flatMap(
      (line) =>
        /(?:^|run: |^ +|node dist\/cli\.js )(?:assay|(?<=cli\.js ))(?: (.*))?$/.exec(
          line.split("#")[0]!.trimEnd(),
        )?.[1] ?? [],
    );
    assert(commands.length >= 7, `${commands.length} were found`);
    for (const command of commands) {
      const words = (command.split(" > ")[0] as string).match(/"[^"]*"|\S+/g) ?? [];
      const read = readCommand(words.map((word) => word.replaceAll('"', "")));
      assert.notEqual(read.kind, "fault", `${command}: ${"text" in read ? read.text : ""}`);
    }
  });
});
