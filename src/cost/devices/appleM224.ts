import type { Device } from "./device.ts";

/** Apple M2 with 10 GPU cores and 24 GB of unified memory. */
const appleM224: Device = {
  id: "apple-m2-24gb",
  name: "M2",
  kind: "apple",
  memoryBytes: 24e9,
  visibleBytes: 16 * 2 ** 30,
  memoryBytesPerSecond: 100e9,
  flopsPerSecond: { f32: 3.6e12, f16: 3.6e12 },
  units: 10,
  sources: ["https://www.apple.com/newsroom/2022/06/apple-unveils-m2-with-breakthrough-performance-and-capabilities/"],
  remarks:
    "Memory is shared with the CPU; Metal recommends at most two thirds of it to the GPU, given here as visible. f16 runs on the same units at the rate of fp32. The rate is the one Apple prints.",
};
export default appleM224;
