import type { Device } from "./device.ts";

/** Apple M3 Max with 40 GPU cores and 128 GB of unified memory. */
const appleM3Max128: Device = {
  id: "apple-m3-max-128gb",
  name: "M3 Max",
  kind: "apple",
  memoryBytes: 128e9,
  visibleBytes: 96 * 2 ** 30,
  memoryBytesPerSecond: 400e9,
  flopsPerSecond: { f32: 14.13e12, f16: 14.13e12, bf16: 14.13e12 },
  units: 40,
  sources: [
    "https://www.apple.com/newsroom/2023/10/apple-unveils-m3-m3-pro-and-m3-max-the-most-advanced-chips-for-a-personal-computer/",
  ],
  remarks:
    "Memory is shared with the CPU; Metal recommends at most three quarters of it to the GPU, given here as visible. f16 runs on the same units at the rate of fp32. Apple prints no rate: 40 GPU cores of 128 lanes at 1.38 GHz.",
};
export default appleM3Max128;
