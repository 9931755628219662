import type { Interconnect } from "./interconnect.ts";

/** NVIDIA NVLink 3 (A100), 12 links of 25 GB/s each way. */
const nvlink3: Interconnect = {
  id: "nvlink3",
  name: "NVLink 3",
  reach: "machine",
  bytesPerSecond: 300e9,
  latencySeconds: 3.5e-6,
  efficiency: 0.82,
  sources: ["https://www.nvidia.com/en-us/data-center/nvlink/", "https://github.com/NVIDIA/nccl-tests/issues/212"],
  remarks:
    "NCCL's maintainers name about 20 % of protocol overhead: 370 of NVLink 4's 450 GB/s. The vendor prints 600 GB/s for both directions of the 12 links of an A100.",
};
export default nvlink3;
