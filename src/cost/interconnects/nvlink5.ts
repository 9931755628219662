import type { Interconnect } from "./interconnect.ts";

/** NVIDIA NVLink 5 (B200, GB200), 18 links of 50 GB/s each way. */
const nvlink5: Interconnect = {
  id: "nvlink5",
  name: "NVLink 5",
  reach: "machine",
  bytesPerSecond: 900e9,
  latencySeconds: 3.5e-6,
  efficiency: 0.82,
  sources: ["https://www.nvidia.com/en-us/data-center/nvlink/", "https://github.com/NVIDIA/nccl-tests/issues/212"],
  remarks:
    "NCCL's maintainers name about 20 % of protocol overhead: 370 of NVLink 4's 450 GB/s. The vendor prints 1.8 TB/s for both directions of the 18 links of a B200.",
};
export default nvlink5;
