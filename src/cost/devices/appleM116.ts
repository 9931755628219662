import type { Device } from "./device.ts";

/** Apple M1 with 8 GPU cores and 16 GB of unified memory. */
const appleM116: Device = {
  id: "apple-m1-16gb",
  name: "M1",
  kind: "apple",
  memoryBytes: 16e9,
  visibleBytes: Math.floor((16 * 2 ** 31) / 3),
  memoryBytesPerSecond: 68.25e9,
  flopsPerSecond: { f32: 2.6e12, f16: 2.6e12 },
  units: 8,
  sources: ["https://www.apple.com/newsroom/2020/11/apple-unleashes-m1/"],
  remarks:
    "Memory is shared with the CPU; Metal recommends at most two thirds of it to the GPU, given here as visible. f16 runs on the same units at the rate of fp32. The rate is the one Apple prints.",
};
export default appleM116;
