import type { Interconnect } from "./interconnect.ts";

/** Google's inter-chip interconnect of TPU v6e. */
const iciV6e: Interconnect = {
  id: "ici-v6e",
  name: "TPU v6e ICI",
  reach: "machine",
  bytesPerSecond: 400e9,
  latencySeconds: 5e-6,
  efficiency: 0.8,
  sources: ["https://cloud.google.com/tpu/docs/v6e"],
  remarks: "Google prints 800 GB/s a chip for both directions, over the four links of a two-dimensional torus.",
};
export default iciV6e;
