import type { Interconnect } from "./interconnect.ts";

/** PCI Express 3.0, sixteen lanes. */
const pcie3: Interconnect = {
  id: "pcie3",
  name: "PCIe 3.0 x16",
  reach: "machine",
  bytesPerSecond: 15.75e9,
  latencySeconds: 10e-6,
  efficiency: 0.75,
  sources: ["https://pcisig.com/faq"],
  remarks: "8 GT/s a lane, 128 of 130 bits are payload.",
};
export default pcie3;
