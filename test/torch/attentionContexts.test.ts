/** The contexts that restrict `scaled_dot_product_attention` decide which kernel the trace has, and what it keeps. */
import assert from "node:assert/strict";
import { attentionShape } from "../../src/cost/time/attention.ts";
import type { Operation } from "../../src/trace/trace.ts";
import { subjectOf } from "../support/subject.ts";

/** The kernel of each attention of `body`. */
function kernels(body: string, device = "nvidia-h100-sxm-80gb"): unknown[] {
  const { pass } = subjectOf(program(body), { device, dtype: "bf16" });
  return pass.events
    .filter((event): event is Operation => event.kind === "operation" && /scaled_dot/.test(event.name))
    .map((event) => {
      const shape = attentionShape(event);
      return shape?.form === "attention" ? shape.backend : shape?.form;
    });
}

const program = (body: string) => `
import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

class Net(nn.Module):
    def forward(self, q, k, v):
${body
  .trim()
  .split("\n")
  .map((line) => `        ${line}`)
  .join("\n")}

# assay: Net()(bfloat16[2, 4, 128, 64], bfloat16[2, 4, 128, 64], bfloat16[2, 4, 128, 64])
`;

const attend = "F.scaled_dot_product_attention(q, k, v)";

describe("contexts around attention", () => {
  it("sdpa_kernel restricts the kernels inside it alone", () => {
    const body = `
with sdpa_kernel(SDPBackend.MATH):
    a = ${attend}
with sdpa_kernel([SDPBackend.FLASH_ATTENTION, SDPBackend.EFFICIENT_ATTENTION]):
    b = ${attend}
return a + b + ${attend}`;
    assert.deepEqual(kernels(body), ["math", "flash", "cudnn"]);
    assert.deepEqual(kernels(body, "nvidia-a100-sxm-80gb"), ["math", "flash", "flash"]);
  });

  it("with set_priority the list's own order decides", () => {
    const list = "[SDPBackend.EFFICIENT_ATTENTION, SDPBackend.CUDNN_ATTENTION]";
    assert.deepEqual(kernels(`with sdpa_kernel(${list}):\n    return ${attend}`), ["cudnn"]);
    assert.deepEqual(kernels(`with sdpa_kernel(${list}, set_priority=True):\n    return ${attend}`), ["efficient"]);
  });

  it("torch.backends.cuda's switches and its older context do the same", () => {
    const body = `
torch.backends.cuda.enable_cudnn_sdp(False)
a = ${attend}
torch.backends.cuda.enable_flash_sdp(False)
b = ${attend}
with torch.backends.cuda.sdp_kernel(enable_flash=False, enable_mem_efficient=False, enable_cudnn=False):
    c = ${attend}
assert not torch.backends.cuda.flash_sdp_enabled() and torch.backends.cuda.math_sdp_enabled()
torch.backends.cuda.enable_flash_sdp(True)
torch.backends.cuda.enable_cudnn_sdp(True)
return a + b + c + ${attend}`;
    assert.deepEqual(kernels(body), ["flash", "efficient", "math", "cudnn"]);
  });

  it("where none takes the call, math is counted and the figures are not complete", () => {
    const body = `
with sdpa_kernel(SDPBackend.FLASH_ATTENTION):
    return F.scaled_dot_product_attention(q.float(), k.float(), v.float())`;
    assert.deepEqual(kernels(body), ["math"]);
    assert.equal(subjectOf(program(body)).complete.flops, false);
  });
});
