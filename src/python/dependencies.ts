/** What installing a package installs with it: whoever names the one need not name the others. */
const needs: Readonly<Record<string, readonly string[]>> = {
  torch: ["typing_extensions", "sympy", "networkx", "jinja2", "fsspec", "filelock"],
  torchvision: ["torch", "numpy", "PIL"],
  timm: ["torch", "torchvision", "yaml", "huggingface_hub", "safetensors"],
  transformers: [
    "numpy",
    "huggingface_hub",
    "safetensors",
    "tokenizers",
    "packaging",
    "regex",
    "yaml",
    "tqdm",
    "filelock",
  ],
  huggingface_hub: ["filelock", "fsspec", "packaging", "tqdm", "yaml", "typing_extensions"],
};

/** The packages given, and those that cannot be missing where these are. */
export function withDependencies(installed: ReadonlySet<string>): ReadonlySet<string> {
  const all = new Set(installed);
  for (const name of all) for (const needed of needs[name] ?? []) all.add(needed);
  return all;
}
