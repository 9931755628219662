import type { Interconnect } from "./interconnect.ts";

/** The RoCE ports on an Intel Gaudi 3. */
const gaudi3Roce: Interconnect = {
  id: "gaudi3-roce",
  name: "Gaudi 3 RoCE",
  reach: "machine",
  bytesPerSecond: 525e9,
  latencySeconds: 6e-6,
  efficiency: 0.8,
  sources: ["https://www.intel.com/content/www/us/en/products/details/processors/ai-accelerators/gaudi.html"],
  remarks: "21 of the 24 ports of 200 Gb/s connect the eight devices of a machine; three lead outside.",
};
export default gaudi3Roce;
