import type { Device } from "./device.ts";

/** Apple M4 Max with 40 GPU cores and 128 GB of unified memory. */
const appleM4Max128: Device = {
  id: "apple-m4-max-128gb",
  name: "M4 Max",
  kind: "apple",
  memoryBytes: 128e9,
  visibleBytes: 96 * 2 ** 30,
  memoryBytesPerSecond: 546e9,
  flopsPerSecond: { f32: 16.16e12, f16: 16.16e12, bf16: 16.16e12 },
  units: 40,
  sources: ["https://www.apple.com/newsroom/2024/10/apple-introduces-m4-pro-and-m4-max/"],
  remarks:
    "Memory is shared with the CPU; Metal recommends at most three quarters of it to the GPU, given here as visible. f16 runs on the same units at the rate of fp32. Apple prints no rate: 40 GPU cores of 128 lanes at 1.578 GHz.",
};
export default appleM4Max128;
