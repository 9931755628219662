import type { Device } from "./device.ts";

/** Apple M3 Ultra with 80 GPU cores and 512 GB of unified memory. */
const appleM3Ultra512: Device = {
  id: "apple-m3-ultra-512gb",
  name: "M3 Ultra",
  kind: "apple",
  memoryBytes: 512e9,
  visibleBytes: 384 * 2 ** 30,
  memoryBytesPerSecond: 819e9,
  flopsPerSecond: { f32: 28.26e12, f16: 28.26e12, bf16: 28.26e12 },
  units: 80,
  sources: ["https://www.apple.com/newsroom/2025/03/apple-reveals-m3-ultra-taking-apple-silicon-to-a-new-extreme/"],
  remarks:
    "Memory is shared with the CPU; Metal recommends at most three quarters of it to the GPU, given here as visible. f16 runs on the same units at the rate of fp32. Apple prints no rate: 80 GPU cores of 128 lanes at 1.38 GHz.",
};
export default appleM3Ultra512;
