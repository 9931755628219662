import type { Device } from "./device.ts";

/** Apple M1 Pro with 16 GPU cores and 32 GB of unified memory. */
const appleM1Pro32: Device = {
  id: "apple-m1-pro-32gb",
  name: "M1 Pro",
  kind: "apple",
  memoryBytes: 32e9,
  visibleBytes: Math.floor((32 * 2 ** 31) / 3),
  memoryBytesPerSecond: 200e9,
  flopsPerSecond: { f32: 5.2e12, f16: 5.2e12 },
  units: 16,
  sources: [
    "https://www.apple.com/newsroom/2021/10/introducing-m1-pro-and-m1-max-the-most-powerful-chips-apple-has-ever-built/",
  ],
  remarks:
    "Memory is shared with the CPU; Metal recommends at most two thirds of it to the GPU, given here as visible. f16 runs on the same units at the rate of fp32. The rate is the one Apple prints.",
};
export default appleM1Pro32;
