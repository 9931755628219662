import type { Interconnect } from "./interconnect.ts";

/** Google's inter-chip interconnect of TPU v5p. */
const iciV5p: Interconnect = {
  id: "ici-v5p",
  name: "TPU v5p ICI",
  reach: "machine",
  bytesPerSecond: 600e9,
  latencySeconds: 5e-6,
  efficiency: 0.8,
  sources: ["https://cloud.google.com/tpu/docs/v5p"],
  remarks: "Google prints 1,200 GB/s a chip for both directions, over the six links of a three-dimensional torus.",
};
export default iciV5p;
