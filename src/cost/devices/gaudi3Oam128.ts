import type { Device } from "./device.ts";

/** Intel Gaudi 3 OAM, 128 GB, air-cooled. */
const gaudi3Oam128: Device = {
  id: "intel-gaudi-3-oam-128gb",
  name: "Gaudi 3",
  kind: "accelerator",
  memoryBytes: 128e9,
  memoryBytesPerSecond: 3.7e12,
  flopsPerSecond: { bf16: 1835e12, f8: 1835e12 },
  vectorFlopsPerSecond: 28.7e12,
  units: 64,
  lastLevelCacheBytes: 96e6,
  powerWatts: 900,
  interconnect: { name: "gaudi3-roce", bytesPerSecond: 525e9 },
  sources: [
    "https://www.intel.com/content/www/us/en/content-details/817486/intel-gaudi-3-ai-accelerator-white-paper.html",
  ],
  remarks:
    "21 of the 24 200-gigabit ports go to the other accelerators of a node. fp8 runs at the rate of bf16. The vector rate is that of bf16.",
};
export default gaudi3Oam128;
