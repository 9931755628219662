import type { Device } from "./device.ts";

/** Apple M2 Pro with 19 GPU cores and 32 GB of unified memory. */
const appleM2Pro32: Device = {
  id: "apple-m2-pro-32gb",
  name: "M2 Pro",
  kind: "apple",
  memoryBytes: 32e9,
  visibleBytes: Math.floor((32 * 2 ** 31) / 3),
  memoryBytesPerSecond: 200e9,
  flopsPerSecond: { f32: 6.8e12, f16: 6.8e12 },
  units: 19,
  sources: [
    "https://www.apple.com/newsroom/2023/01/apple-unveils-m2-pro-and-m2-max-next-generation-chips-for-next-level-workflows/",
  ],
  remarks:
    "Memory is shared with the CPU; Metal recommends at most two thirds of it to the GPU, given here as visible. f16 runs on the same units at the rate of fp32. Apple prints no rate: 19 GPU cores of 128 lanes at 1.398 GHz.",
};
export default appleM2Pro32;
