import type { Device } from "./device.ts";

/** The system that PIM-GPT simulates: eight GDDR6 channels of 16 banks with 16 bf16 multipliers each. */
const pimGddr6: Device = {
  id: "pim-gddr6-8-channel-4gb",
  name: "PIM GDDR6 (simulated)",
  kind: "pim",
  memoryBytes: 4e9,
  memoryBytesPerSecond: 2.98e12,
  flopsPerSecond: { bf16: 4.096e12 },
  units: 128,
  sources: ["https://arxiv.org/abs/2310.09385"],
  remarks:
    "Simulated; no such product can be bought. For decoding one sequence only: matrix times vector. The bandwidth is the inner one of all banks at 1 GHz, less the time to open and close rows (64 of 88 clocks).",
};
export default pimGddr6;
