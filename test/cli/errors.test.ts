import assert from "node:assert/strict";
import path from "node:path";
import { assay, folderWith } from "./assay.ts";

const sentence = /^\S[^\n]*:\d+:\d+: [A-Z][^\n]*\. [A-Z][^\n]*\.\n$/;
const head = "import torch.nn as nn\n\n\n";
const endless = `${head}class Endless(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        while True:
            self.n = 1

    def forward(self, x):
        return self.fc(x)
`;
const files = {
  "empty.py": "",
  "prose.py": "Dear reader, this is a letter and not a program.\nIt says: nothing at all (really!\n",
  "plain.py": "x = 1\n",
  "notes.txt": "notes",
  "bytes.py": "\0\0\0",
  "half.json": '{"model_type": ',
  "large.py": `rows = [\n${Array.from({ length: 26_000 }, (_, i) => `    (${i}, "a text of some length"),`).join("\n")}\n]\n`,
  "endless.py": endless,
  "endlessFile.py": `${head}n = 0\nwhile True:\n    n += 1\n`,
  "needs.py": `${head}class Net(nn.Module):\n    def __init__(self, thing):\n        super().__init__()\n`,
  "half.py": `${head}class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 8)\n\n    def forward(self, x):\n        return self.fc(x\n`,
};

describe("assay on what cannot be answered", () => {
  const folder = folderWith(files);
  const cases: [name: string, what: RegExp][] = [
    ["missing.py", /:1:1: There is no such file\./],
    [".", /This is a folder\./],
    ["notes.txt", /neither Python, JavaScript nor JSON/],
    ["bytes.py", /This is not text/],
    ["empty.py", /:1:1: No nn\.Module is defined here\./],
    ["plain.py", /No nn\.Module/],
    ["prose.py", /prose\.py:1:1: This does not parse as Python\./],
    ["large.py", /No nn\.Module/],
    ["endlessFile.py", /not read to its end: stopped after 300000 steps/],
    ["needs.py", /needs\.py:4:1: Net\(thing\) has no default\. Say how to build it/],
    ["half.json", /half\.json:1:\d+: /],
  ];
  for (const [name, what] of cases) {
    it(`says so in one sentence: ${name}`, async () => {
      const { code, out, error } = await assay([path.join(folder, name)]);
      assert.deepEqual([code, out], [1, ""]);
      assert.match(error, sentence);
      assert.match(error, what);
    });
  }

  it("names the models where another is asked for", async () => {
    const { code, error } = await assay([path.join(folder, "endless.py"), "--model", "Nett"]);
    assert.equal(code, 1);
    assert.match(error, /No model is called Nett here\. Its models are Endless\./);
  });

  it("tells what it could not know of an __init__ that never ends", async () => {
    const { code, out } = await assay([path.join(folder, "endless.py")]);
    assert.equal(code, 0);
    assert.match(out, /^parameters +\?$/m);
    assert.match(out, /^not known\n {2}stopped after 300000 steps/m);
  });

  it("answers what it can of code that is broken half-way", async () => {
    const { code, out } = await assay([path.join(folder, "half.py")]);
    assert.equal(code, 0);
    assert.match(out, /^warning .*half\.py:\d+:\d+ syntax\n/m);
    assert.match(out, /fc {2}Linear +40/);
  });
});

describe("assay with words that it does not know", () => {
  const faults: [words: string[], what: RegExp][] = [
    [[], /no file is named/],
    [["a.py", "b.py"], /one file at a time/],
    [["a.py", "--colour"], /unknown option '--colour'/i],
    [["a.py", "--batch", "0"], /--batch cannot be "0"/],
    [["a.py", "--phase", "sleep"], /--phase cannot be "sleep"/],
    [["a.py", "--format", "xml"], /--format is text, json or markdown/],
    [["a.py", "--depth", "x"], /--depth is a whole number/],
  ];
  for (const [words, what] of faults) {
    it(`${["assay", ...words].join(" ")} says what to write`, async () => {
      const { code, out, error } = await assay(words);
      assert.deepEqual([code, out], [2, ""]);
      assert.match(error, what);
      assert.match(error, /^assay: .*`assay --help`.*\n$/);
    });
  }

  it("helps, and says its version", async () => {
    const { code, out } = await assay(["--help"]);
    assert.equal(code, 0);
    for (const word of ["assay FILE", "assay batch", "--model", "--library", "--explain", "--sequence"])
      assert(out.includes(word), word);
    assert.deepEqual(
      out.split("\n").filter((line) => line.length > 80),
      [],
    );
    assert.equal((await assay(["--version"])).out, "assay 1.2.3\n");
  });
});
