/** `assay diff` and `assay compare`, in repositories of their own. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { assay, folderWith } from "./assay.ts";

const block = `import torch.nn as nn

class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.up = nn.Linear(width, 4 * width)

    def forward(self, x):
        return self.up(x)
`;
const net = `import torch.nn as nn
from block import Block

class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.block = Block(width)

    def forward(self, x):
        return self.block(x)

# assay: Net()(float32[B, 8])
`;

/** A repository whose files are committed. */
function repository(files: Record<string, string>) {
  const folder = folderWith(files);
  const git = (...words: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...words], {
      cwd: folder,
      stdio: "pipe",
    })
      .toString()
      .trim();
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "first");
  return {
    git,
    file: (name: string) => path.join(folder, name),
    write: (name: string, text: string) => writeFileSync(path.join(folder, name), text),
    remove: (name: string) => rmSync(path.join(folder, name)),
    commit: () => git("commit", "-q", "-a", "-m", "next"),
    /** Runs with the folder as the one that a person is in. */
    async inside<Result>(run: () => Promise<Result>): Promise<Result> {
      const before = process.cwd();
      process.chdir(folder);
      try {
        return await run();
      } finally {
        process.chdir(before);
      }
    },
  };
}

const json = async (...words: string[]) => JSON.parse((await assay(["diff", ...words, "--format", "json"])).out);

describe("assay diff", () => {
  it("says that nothing changed, with the commit", async () => {
    const { file, git } = repository({ "net.py": net, "block.py": block });
    const { code, out, error } = await assay(["diff", file("net.py")]);
    assert.deepEqual([code, error], [0, ""]);
    assert.equal(out, `Nothing changed since HEAD (${git("rev-parse", "--short=7", "HEAD")}).\n`);
  });

  it("tells a model's change that lies in a file it imports, which is read as it was", async () => {
    const { file, write } = repository({ "net.py": net, "block.py": block });
    write("block.py", block.replace("4 * width", "6 * width"));
    const { files } = await json(file("net.py"));
    const [{ kind, totals, layers }] = files[0].models;
    assert.equal(kind, "changed");
    assert.deepEqual(totals.params, { before: 288, after: 432, change: 144, exact: true });
    assert.deepEqual(
      layers.map((one: { paths: string[]; params: number }) => [one.paths, one.params]),
      [[["block.up"], 144]],
    );
    const { out } = await assay(["diff", file("net.py")]);
    assert.match(out, /^parameters +288 +432 +\+144 +\+50 %$/m);
    assert.match(out, /^ {2}~ block\.up {2}Linear {2}\+144 params/m);
  });

  it("goes back to the base that is named, and to HEAD without one", async () => {
    const { file, write, commit } = repository({ "net.py": net, "block.py": block });
    write("block.py", block.replace("4 * width", "5 * width"));
    commit();
    write("block.py", block.replace("4 * width", "6 * width"));
    assert.equal((await json(file("net.py"))).files[0].models[0].totals.params.before, 360);
    const old = await json("main~1", file("net.py"));
    assert.match(old.since, /^main~1 \([0-9a-f]{7}\)$/);
    assert.equal(old.files[0].models[0].totals.params.before, 288);
  });

  it("weighs both for the words' scenario, and fails on what grew where asked to", async () => {
    const { file, write } = repository({ "net.py": net, "block.py": block });
    write("block.py", block.replace("4 * width", "6 * width"));
    const words = ["diff", file("net.py"), "--phase", "train", "--batch", "16"];
    const { scenario, totals } = (await json(...words.slice(1))).files[0].models[0];
    assert.deepEqual([scenario.phase, scenario.batch], ["train", 16]);
    assert.equal(totals.optimizer.change, 2 * 4 * 144);
    const grown = await assay([...words, "--fail-on-increase", "params,peak"]);
    assert.equal(grown.code, 1);
    assert.match(grown.error, /^assay: Net has more params than at HEAD \([0-9a-f]{7}\)\.$/m);
    assert.equal((await assay([...words, "--fail-on-increase", "kv"])).code, 0);
    write("block.py", block.replace("4 * width", "2 * width"));
    assert.equal((await assay([...words, "--fail-on-increase", "all"])).code, 0);
  });

  it("names models that are new and that are gone, with or without their file", async () => {
    const { file, write, remove, inside } = repository({ "net.py": net, "block.py": block });
    write("fresh.py", net.replaceAll("Net", "Fresh"));
    const fresh = (await json(file("fresh.py"))).files[0].models[0];
    assert.deepEqual([fresh.name, fresh.kind, fresh.totals.params.change], ["Fresh", "added", 288]);
    remove("net.py");
    const gone = (await json(file("net.py"))).files[0].models[0];
    assert.deepEqual([gone.name, gone.kind, gone.totals.params.change], ["Net", "removed", -288]);
    const { files } = await inside(() => json());
    assert.deepEqual(
      files.map((one: { file: string; models: { kind: string }[] }) => [one.file, one.models[0]!.kind]),
      [
        ["fresh.py", "added"],
        ["net.py", "removed"],
      ],
    );
  });

  it("without files takes those that import what changed, through others too", async () => {
    const { write, inside } = repository({
      "net.py": net.replace("from block", "from middle"),
      "middle.py": "from block import Block\n",
      "block.py": block,
      "other.py": net
        .replaceAll("Net", "Other")
        .replace("from block import Block", "Block = nn.Linear")
        .replace("Block(width)", "Block(width, 3)"),
    });
    write("block.py", block.replace("4 * width", "6 * width"));
    const { files } = await inside(() => json());
    assert.deepEqual(
      files.map((one: { file: string }) => one.file),
      ["block.py", "net.py"],
    );
    assert.equal(files[1].models[0].totals.params.change, 144);
  });

  it("without files takes those of assay.json, weighed as it said then how they are built", async () => {
    const project = (width: number) =>
      JSON.stringify({
        scenario: { batch: 2 },
        models: [{ file: "net.py", model: `Net(${width})`, inputs: [`float32[B, ${width}]`] }],
      });
    const { write, inside } = repository({
      "net.py": net.replace(/\n# assay.*/, ""),
      "block.py": block,
      "assay.json": project(8),
    });
    write("assay.json", project(16));
    const { files } = await inside(() => json());
    const [model] = files[0].models;
    assert.deepEqual([files[0].file, model.scenario.batch], ["net.py", 2]);
    assert.deepEqual([model.totals.params.before, model.totals.params.after], [288, 16 * 64 + 64]);
  });

  it("is a table for a pull request, with what changed below it", async () => {
    const { write, inside } = repository({ "net.py": net, "block.py": block });
    write("block.py", block.replace("4 * width", "6 * width"));
    write("net.py", `${net}\n`);
    const { out } = await inside(() => assay(["diff", "--format", "markdown"]));
    assert.match(
      out,
      /^### Assay\n\nWhat changed since HEAD \([0-9a-f]{7}\), in prefill with a batch of 1 and 1024 tokens on /,
    );
    assert.match(out, /^\| `Net`<br>net\.py \| 432<br>\*\*\+144\*\* \(\+50 %\) \|/m);
    assert.match(out, /^<details><summary><code>Net<\/code>: all that changed<\/summary>$/m);
    assert.match(out, /^- changed `block\.up` Linear: \+144 params/m);
  });

  const faults: [string[], RegExp][] = [
    [["nothing-such"], /nothing-such is neither a file nor a commit here/],
    [["--output=x", "net.py"], /unknown option/i],
    [["net.py", "--fail-on-increase", "speed"], /--fail-on-increase knows all, params, .*, not "speed"/],
    [["net.py", "--format", "csv"], /--format csv is of `assay FILE`/],
  ];
  for (const [words, what] of faults)
    it(`assay diff ${words.join(" ")} is refused`, async () => {
      const { inside } = repository({ "net.py": net });
      const { code, out, error } = await inside(() => assay(["diff", ...words]));
      assert(code > 0);
      assert.equal(out, "");
      assert.match(error, what);
    });

  it("outside of a repository says so", async () => {
    const folder = folderWith({ "net.py": net });
    const { code, error } = await assay(["diff", path.join(folder, "net.py")]);
    assert.equal(code, 1);
    assert.match(error, /lies in no git repository/);
  });
});

describe("assay compare", () => {
  const folder = folderWith({
    "a.py": block.replace("width)", "width=8)").concat("\n# assay: Block()(float32[B, 8])\n"),
    "b.py": `${block.replace("width)", "width=16)")}\n# assay: Block()(float32[B, 16])\n\nclass Other(nn.Linear):\n    def __init__(self):\n        super().__init__(8, 8)\n\n# assay: Other()(float32[B, 8])\n`,
    "config.json": JSON.stringify({
      model_type: "gpt2",
      n_layer: 2,
      n_embd: 64,
      n_head: 4,
      vocab_size: 100,
      n_positions: 64,
    }),
  });
  const file = (name: string) => path.join(folder, name);

  it("puts totals and kinds of layers side by side", async () => {
    const { code, out, error } = await assay(["compare", file("a.py"), file("b.py:Block")]);
    assert.deepEqual([code, error], [0, ""]);
    assert.match(out, /^ +Block +Block +difference$/m);
    assert.match(out, /^parameters +288 +1\.09 K +\+800 +\+278 %$/m);
    assert.match(out, /^parameters of Linear +288 in 1 +1\.09 K in 1 +\+800 +\+278 %$/m);
    assert(out.split("\n").every((line) => line.length <= 100));
  });

  it("takes models by name and configs, and gives numbers to programs", async () => {
    const { out } = await assay([
      "compare",
      file("b.py:Other"),
      file("config.json"),
      "--format",
      "json",
      "--batch",
      "2",
    ]);
    const { models, totals } = JSON.parse(out);
    assert.deepEqual(
      models.map((one: { name: string; scenario: { batch: number } }) => [one.name, one.scenario.batch]),
      [
        ["Other", 2],
        ["GPT2LMHeadModel", 2],
      ],
    );
    assert.equal(totals.params.first, 72);
    assert.equal(totals.params.difference, totals.params.second - 72);
    assert.equal(totals.kv?.first ?? null, null);
    const { out: page } = await assay(["compare", file("a.py"), file("config.json"), "--format", "markdown"]);
    assert.match(page, /^# Block and GPT2LMHeadModel$/m);
  });

  it("says what is wrong with its words", async () => {
    assert.match((await assay(["compare", file("a.py")])).error, /compare takes two models/);
    const unknown = await assay(["compare", file("a.py"), file("b.py:Nut")]);
    assert.equal(unknown.code, 1);
    assert.match(unknown.error, /No model is called Nut here\. Its models are .*Other/);
  });
});
