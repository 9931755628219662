import type { Device } from "./device.ts";

/** Apple M2 Max with 38 GPU cores and 96 GB of unified memory. */
const appleM2Max96: Device = {
  id: "apple-m2-max-96gb",
  name: "M2 Max",
  kind: "apple",
  memoryBytes: 96e9,
  visibleBytes: 72 * 2 ** 30,
  memoryBytesPerSecond: 400e9,
  flopsPerSecond: { f32: 13.6e12, f16: 13.6e12 },
  units: 38,
  sources: [
    "https://www.apple.com/newsroom/2023/01/apple-unveils-m2-pro-and-m2-max-next-generation-chips-for-next-level-workflows/",
  ],
  remarks:
    "Memory is shared with the CPU; Metal recommends at most three quarters of it to the GPU, given here as visible. f16 runs on the same units at the rate of fp32. Apple prints no rate: 38 GPU cores of 128 lanes at 1.398 GHz.",
};
export default appleM2Max96;
