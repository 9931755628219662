/** PyTorch's words that are objects: layouts and memory formats. */
import { define } from "../python/native.ts";
import { nativeClass } from "../python/types.ts";
import { PyInstance } from "../python/values.ts";

export const memoryFormatClass = nativeClass("memory_format", "foreign", undefined, "torch");
export const layoutClass = nativeClass("layout", "foreign", undefined, "torch");

const formats = ["contiguous_format", "preserve_format", "channels_last", "channels_last_3d"];
const layouts = ["strided", "sparse_coo", "sparse_csr", "sparse_csc", "sparse_bsr", "sparse_bsc", "jagged"];

/** `torch.channels_last`, `torch.strided` … by name. */
export const words: ReadonlyMap<string, PyInstance> = new Map([
  ...formats.map((name) => [name, new PyInstance(memoryFormatClass, new Map(), name)] as const),
  ...layouts.map((name) => [name, new PyInstance(layoutClass, new Map(), name)] as const),
]);

export const strided = words.get("strided") as PyInstance;

for (const cls of [memoryFormatClass, layoutClass]) {
  define(cls, { "__repr__(self)": (_py, self: PyInstance) => `torch.${self.payload as string}` });
}
