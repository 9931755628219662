import type { Device } from "./device.ts";

/** Apple M3 with 10 GPU cores and 24 GB of unified memory. */
const appleM324: Device = {
  id: "apple-m3-24gb",
  name: "M3",
  kind: "apple",
  memoryBytes: 24e9,
  visibleBytes: 16 * 2 ** 30,
  memoryBytesPerSecond: 100e9,
  flopsPerSecond: { f32: 3.53e12, f16: 3.53e12, bf16: 3.53e12 },
  units: 10,
  sources: [
    "https://www.apple.com/newsroom/2023/10/apple-unveils-m3-m3-pro-and-m3-max-the-most-advanced-chips-for-a-personal-computer/",
  ],
  remarks:
    "Memory is shared with the CPU; Metal recommends at most two thirds of it to the GPU, given here as visible. f16 runs on the same units at the rate of fp32. Apple prints no rate: 10 GPU cores of 128 lanes at 1.38 GHz.",
};
export default appleM324;
