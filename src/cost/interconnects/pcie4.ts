import type { Interconnect } from "./interconnect.ts";

/** PCI Express 4.0, sixteen lanes. */
const pcie4: Interconnect = {
  id: "pcie4",
  name: "PCIe 4.0 x16",
  reach: "machine",
  bytesPerSecond: 31.5e9,
  latencySeconds: 10e-6,
  efficiency: 0.75,
  sources: ["https://pcisig.com/faq"],
  remarks: "16 GT/s a lane, 128 of 130 bits are payload.",
};
export default pcie4;
