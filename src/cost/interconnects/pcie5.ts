import type { Interconnect } from "./interconnect.ts";

/** PCI Express 5.0, sixteen lanes. */
const pcie5: Interconnect = {
  id: "pcie5",
  name: "PCIe 5.0 x16",
  reach: "machine",
  bytesPerSecond: 63e9,
  latencySeconds: 10e-6,
  efficiency: 0.75,
  sources: ["https://pcisig.com/faq"],
  remarks: "32 GT/s a lane, 128 of 130 bits are payload.",
};
export default pcie5;
