import type { Device } from "./device.ts";

/** Apple M4 with 10 GPU cores and 32 GB of unified memory. */
const appleM432: Device = {
  id: "apple-m4-32gb",
  name: "M4",
  kind: "apple",
  memoryBytes: 32e9,
  visibleBytes: Math.floor((32 * 2 ** 31) / 3),
  memoryBytesPerSecond: 120e9,
  flopsPerSecond: { f32: 4.04e12, f16: 4.04e12, bf16: 4.04e12 },
  units: 10,
  sources: ["https://www.apple.com/newsroom/2024/10/apple-introduces-m4-pro-and-m4-max/"],
  remarks:
    "Memory is shared with the CPU; Metal recommends at most two thirds of it to the GPU, given here as visible. f16 runs on the same units at the rate of fp32. Apple prints no rate: 10 GPU cores of 128 lanes at 1.578 GHz.",
};
export default appleM432;
