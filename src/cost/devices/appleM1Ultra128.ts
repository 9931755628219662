import type { Device } from "./device.ts";

/** Apple M1 Ultra with 64 GPU cores and 128 GB of unified memory. */
const appleM1Ultra128: Device = {
  id: "apple-m1-ultra-128gb",
  name: "M1 Ultra",
  kind: "apple",
  memoryBytes: 128e9,
  visibleBytes: 96 * 2 ** 30,
  memoryBytesPerSecond: 800e9,
  flopsPerSecond: { f32: 21.2e12, f16: 21.2e12 },
  units: 64,
  sources: [
    "https://www.apple.com/newsroom/2022/03/apple-unveils-m1-ultra-the-worlds-most-powerful-chip-for-a-personal-computer/",
  ],
  remarks:
    "Memory is shared with the CPU; Metal recommends at most three quarters of it to the GPU, given here as visible. f16 runs on the same units at the rate of fp32. Apple prints no rate: 64 GPU cores of 128 lanes at 1.296 GHz.",
};
export default appleM1Ultra128;
