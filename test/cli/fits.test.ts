/** `assay fits` and `assay devices`. */
import assert from "node:assert/strict";
import path from "node:path";
import { assay, folderWith } from "./assay.ts";

const net = `import torch.nn as nn

class Net(nn.Module):
    def __init__(self, width=8192):
        super().__init__()
        self.a = nn.Linear(4096, width)
        self.b = nn.Linear(width, 4096)

    def forward(self, x):
        return self.b(self.a(x))

# assay: Net()(float32[B, 4096])
`;

describe("assay fits", () => {
  const folder = folderWith({
    "net.py": net,
    "own/net.py": net,
    "own/assay.json": `{
  "devices": { "tiny": { "memoryBytes": 150e6, "memoryBytesPerSecond": 1e10, "flopsPerSecond": { "f32": 1e12 } } },
  "scenario": { "device": "tiny" }
}`,
  });
  const file = path.join(folder, "net.py");
  const own = path.join(folder, "own/net.py");
  const json = async (...words: string[]) => JSON.parse((await assay(["fits", ...words, "--format", "json"])).out);

  it("compares the devices that are named, the least memory first", async () => {
    const { devices, smallest } = await json(file, "--devices", "nvidia-l4-24gb,st-stm32f746-320kb,nvidia-t4-16gb");
    assert.deepEqual(
      devices.map(({ id, verdict }: { id: string; verdict: string }) => [id, verdict]),
      [
        ["st-stm32f746-320kb", "does not fit"],
        ["nvidia-t4-16gb", "fits"],
        ["nvidia-l4-24gb", "fits"],
      ],
    );
    assert.equal(smallest, "nvidia-t4-16gb");
    const weights = 4 * (2 * 4096 * 8192 + 8192 + 4096);
    assert(devices[1].bytes >= weights && devices[1].interval[1] > devices[1].bytes);
    assert.equal(devices[1].binding.name, "weights");
  });

  it("finds the largest batch: it fits, and one more does not surely", async () => {
    const { largest } = await json(file, "--device", "nvidia-t4-16gb", "--devices", "nvidia-t4-16gb");
    const { value, end, weighed } = largest.batch;
    assert.equal(end, "memory");
    assert(weighed <= 24, `${weighed} were weighed`);
    const at = async (batch: number) =>
      (await json(file, "--device", "nvidia-t4-16gb", "--devices", "nvidia-t4-16gb", "--batch", `${batch}`)).devices[0];
    assert.equal((await at(value)).verdict, "fits");
    assert.equal((await at(value + 1)).verdict, "may not fit");
    assert.equal(largest.sequence, undefined);
  });

  it("knows the project's own device, and takes it for the scenario's", async () => {
    const { device, devices, largest } = await json(own);
    assert.equal(device, "tiny");
    assert.equal(devices[0].id, "tiny");
    assert.equal(devices[0].verdict, "does not fit");
    assert.equal(largest.batch.value, null);
    assert(devices.length > 10);
  });

  it("prints a table and sentences", async () => {
    const { out, code, error } = await assay(["fits", file, "--devices", "nvidia-t4-16gb,st-stm32f746-320kb"]);
    assert.equal(code, 0);
    assert.equal(error, "");
    assert.match(out, /^device +memory +peak +verdict +left +most of it +time +samples\/s +energy$/m);
    assert.match(out, /^STM32F746 .* does not fit .*weights .*$/m);
    assert.match(out, /^The smallest that it fits is T4 \(nvidia-t4-16gb\)\.$/m);
    assert.match(out, /^The largest batch that surely fits RTX 4090 is \d+; activations/m);
    assert(out.split("\n").every((line) => line.length <= 100));
    const { out: page } = await assay(["fits", file, "--devices", "nvidia-t4-16gb", "--format", "markdown"]);
    assert.match(page, /^# Net\n\nprefill · B1 · fp32\.\n\n\| device \| memory \|/);
  });

  it("says what is wrong with its words", async () => {
    assert.deepEqual(await assay(["fits"]), {
      code: 2,
      out: "",
      error: "assay: no file is named. Write `assay FILE`, or `assay --help` for all options.\n",
    });
    const unknown = await assay(["fits", file, "--devices", "nvidia-t5"]);
    assert.equal(unknown.code, 1);
    assert.match(unknown.error, /There is no device nvidia-t5\. Write `assay devices` for all\./);
    assert.match((await assay([file, "--devices", "all"])).error, /--devices is an option of `assay fits`/);
    assert.match((await assay(["fits", file, "--model", "Nut"])).error, /has no model called Nut/);
  });
});

describe("assay devices", () => {
  it("lists them all", async () => {
    const { out } = await assay(["devices"]);
    assert.match(out, /^nvidia-h200-sxm-141gb +H200 SXM +150 GB +4800 +989\.5 T +67 T +700 W$/m);
    assert.match(out, /^st-stm32f746-320kb +STM32F746 +328 kB +1\.728 +0\.432 G$/m);
    const all = JSON.parse((await assay(["devices", "--format", "json"])).out);
    assert(all.length >= 60 && all.every((device: { sources: string[] }) => device.sources.length > 0));
    assert.match((await assay(["devices", "--format", "markdown"])).out, /^\| id \| name \| memory \|/);
  });
});
