import type { Device } from "./device.ts";

/** Apple M1 Max with 32 GPU cores and 64 GB of unified memory. */
const appleM1Max64: Device = {
  id: "apple-m1-max-64gb",
  name: "M1 Max",
  kind: "apple",
  memoryBytes: 64e9,
  visibleBytes: 48 * 2 ** 30,
  memoryBytesPerSecond: 400e9,
  flopsPerSecond: { f32: 10.4e12, f16: 10.4e12 },
  units: 32,
  sources: [
    "https://www.apple.com/newsroom/2021/10/introducing-m1-pro-and-m1-max-the-most-powerful-chips-apple-has-ever-built/",
  ],
  remarks:
    "Memory is shared with the CPU; Metal recommends at most three quarters of it to the GPU, given here as visible. f16 runs on the same units at the rate of fp32. The rate is the one Apple prints.",
};
export default appleM1Max64;
