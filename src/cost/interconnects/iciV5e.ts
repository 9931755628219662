import type { Interconnect } from "./interconnect.ts";

/** Google's inter-chip interconnect of TPU v5e. */
const iciV5e: Interconnect = {
  id: "ici-v5e",
  name: "TPU v5e ICI",
  reach: "machine",
  bytesPerSecond: 200e9,
  latencySeconds: 5e-6,
  efficiency: 0.8,
  sources: ["https://cloud.google.com/tpu/docs/v5e"],
  remarks: "Google prints 400 GB/s a chip for both directions, over the four links of a two-dimensional torus.",
};
export default iciV5e;
