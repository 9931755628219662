import type { Device } from "./device.ts";

/** Apple M2 Ultra with 76 GPU cores and 192 GB of unified memory. */
const appleM2Ultra192: Device = {
  id: "apple-m2-ultra-192gb",
  name: "M2 Ultra",
  kind: "apple",
  memoryBytes: 192e9,
  visibleBytes: 144 * 2 ** 30,
  memoryBytesPerSecond: 800e9,
  flopsPerSecond: { f32: 27.2e12, f16: 27.2e12 },
  units: 76,
  sources: ["https://www.apple.com/newsroom/2023/06/apple-introduces-m2-ultra/"],
  remarks:
    "Memory is shared with the CPU; Metal recommends at most three quarters of it to the GPU, given here as visible. f16 runs on the same units at the rate of fp32. Apple prints no rate: 76 GPU cores of 128 lanes at 1.398 GHz.",
};
export default appleM2Ultra192;
