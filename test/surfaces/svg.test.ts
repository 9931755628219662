/** Pictures as files: well-formed, true to the figures, and nothing in them that runs. */
import assert from "node:assert/strict";
import path from "node:path";
import { assay, folderWith } from "../cli/assay.ts";
import { samples } from "../support/analysis.ts";

/** The tags of a text that closes each, in order; it fails where one is not closed. */
function tagsOf(text: string): { name: string; attributes: Record<string, string> }[] {
  const open: string[] = [];
  const found: { name: string; attributes: Record<string, string> }[] = [];
  for (const [, close, name, rest, alone] of text.matchAll(/<(\/?)([a-z]+)((?: [\w:-]+="[^"<]*")*)\s*(\/?)>/g)) {
    if (close) assert.equal(open.pop(), name);
    else {
      found.push({
        name: name!,
        attributes: Object.fromEntries(
          [...rest!.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]),
        ),
      });
      if (!alone) open.push(name!);
    }
  }
  assert.deepEqual(open, []);
  assert.equal(
    text
      .replaceAll(/<[^>]*>/g, "")
      .replaceAll(/&(amp|lt|gt|quot);/g, "")
      .search(/[<&]/),
    -1,
  );
  return found;
}

const net = `import torch.nn as nn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.wide = nn.Linear(8, 30, bias=False)
        self.back = nn.Linear(30, 3, bias=False)

    def forward(self, x):
        return self.back(self.wide(x))

# assay: Net()(float32[B, 8])
`;

describe("pictures as SVG", () => {
  const folder = folderWith({
    "net.py": net,
    "gpt.py": samples.get("test/models/gpt.py")!,
    "empty.py": net
      .replace("Net", "Void")
      .replace(/ {8}self\.(wide|back) =.*\n/g, "")
      .replace("return.*", "return x"),
  });
  const draw = (name: string, ...words: string[]) => assay([path.join(folder, name), "--format", "svg", ...words]);

  it("layers are as high as they are large", async () => {
    const { code, out } = await draw("net.py");
    assert.equal(code, 0);
    const heights = tagsOf(out)
      .filter(({ name, attributes }) => name === "rect" && attributes["class"] === "d0")
      .map(({ attributes }) => Number(attributes["height"]) + 1);
    assert.equal(heights.length, 2);
    assert(Math.abs(heights[0]! / heights[1]! - 240 / 90) < 0.02, heights.join());
    assert.match(out, /aria-label="Net: 330 parameters"/);
  });

  for (const picture of ["params", "flops", "memory", "time", "timeline"])
    it(`${picture} of a GPT in training is one well-formed file with nothing from elsewhere`, async () => {
      const { code, out } = await draw("gpt.py", "--phase", "train", "--picture", picture);
      assert.equal(code, 0);
      const tags = new Set(tagsOf(out).map(({ name }) => name));
      assert(tags.has("svg") && !tags.has("script") && !tags.has("image"), [...tags].join());
      assert.doesNotMatch(out.replace("http://www.w3.org/2000/svg", ""), /https?:|NaN|undefined|Infinity/);
    });

  it("says what pictures there are", async () => {
    assert.match(
      (await draw("net.py", "--picture", "pie")).error,
      /--picture is params, flops, memory, time or timeline, not "pie"/,
    );
    assert.match((await assay(["diff", "--format", "svg"])).error, /--format svg is of `assay FILE`/);
    const { code, error } = await draw("empty.py");
    assert.equal(code, 1);
    assert.match(error, /has nothing to draw here|No model|cannot/);
  });
});
