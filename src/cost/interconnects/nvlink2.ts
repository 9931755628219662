import type { Interconnect } from "./interconnect.ts";

/** NVIDIA NVLink 2 (V100), 6 links of 25 GB/s each way. */
const nvlink2: Interconnect = {
  id: "nvlink2",
  name: "NVLink 2",
  reach: "machine",
  bytesPerSecond: 150e9,
  latencySeconds: 3.5e-6,
  efficiency: 0.82,
  sources: ["https://www.nvidia.com/en-us/data-center/nvlink/", "https://github.com/NVIDIA/nccl-tests/issues/212"],
  remarks:
    "NCCL's maintainers name about 20 % of protocol overhead: 370 of NVLink 4's 450 GB/s. The vendor prints 300 GB/s for both directions of the 6 links of a V100.",
};
export default nvlink2;
