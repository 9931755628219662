import type { Device } from "./device.ts";

/** AMD (Xilinx) ZCU102 board with the Edge-MoE design at 300 MHz, 4 GB. */
const zcu102: Device = {
  id: "amd-zcu102-4gb",
  name: "ZCU102",
  kind: "fpga",
  memoryBytes: 4e9,
  memoryBytesPerSecond: 19.2e9,
  flopsPerSecond: { f16: 153.6e9 },
  lastLevelCacheBytes: 4.0125e6,
  powerWatts: 14.54,
  sources: ["https://www.xilinx.com/products/boards-and-kits/ek-u1-zcu102-g.html", "https://arxiv.org/abs/2305.18691"],
  remarks:
    "The rate is that of the design: 16 × 16 fixed-point multiply-adds a clock, 16-bit weights. Power as published for it. The cache is the chip's block memory.",
};
export default zcu102;
