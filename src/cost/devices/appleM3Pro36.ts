import type { Device } from "./device.ts";

/** Apple M3 Pro with 18 GPU cores and 36 GB of unified memory. */
const appleM3Pro36: Device = {
  id: "apple-m3-pro-36gb",
  name: "M3 Pro",
  kind: "apple",
  memoryBytes: 36e9,
  visibleBytes: 27 * 2 ** 30,
  memoryBytesPerSecond: 150e9,
  flopsPerSecond: { f32: 6.36e12, f16: 6.36e12, bf16: 6.36e12 },
  units: 18,
  sources: [
    "https://www.apple.com/newsroom/2023/10/apple-unveils-m3-m3-pro-and-m3-max-the-most-advanced-chips-for-a-personal-computer/",
  ],
  remarks:
    "Memory is shared with the CPU; Metal recommends at most three quarters of it to the GPU, given here as visible. f16 runs on the same units at the rate of fp32. Apple prints no rate: 18 GPU cores of 128 lanes at 1.38 GHz.",
};
export default appleM3Pro36;
