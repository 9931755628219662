import type { Device } from "./device.ts";

/** Apple M4 Pro with 20 GPU cores and 64 GB of unified memory. */
const appleM4Pro64: Device = {
  id: "apple-m4-pro-64gb",
  name: "M4 Pro",
  kind: "apple",
  memoryBytes: 64e9,
  visibleBytes: 48 * 2 ** 30,
  memoryBytesPerSecond: 273e9,
  flopsPerSecond: { f32: 8.08e12, f16: 8.08e12, bf16: 8.08e12 },
  units: 20,
  sources: ["https://www.apple.com/newsroom/2024/10/apple-introduces-m4-pro-and-m4-max/"],
  remarks:
    "Memory is shared with the CPU; Metal recommends at most three quarters of it to the GPU, given here as visible. f16 runs on the same units at the rate of fp32. Apple prints no rate: 20 GPU cores of 128 lanes at 1.578 GHz.",
};
export default appleM4Pro64;
