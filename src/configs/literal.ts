/** A JSON value as a Python literal; `{"__float__": "Infinity"}`, as transformers writes what JSON cannot, as that number. */
export function pythonLiteral(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : "None";
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(", ")}]`;
  const special = specialFloat(value as object);
  if (special) return `float("${special}")`;
  const entries = Object.entries(value as object).map(([key, one]) => `${JSON.stringify(key)}: ${pythonLiteral(one)}`);
  return `{${entries.join(", ")}}`;
}

function specialFloat(value: object): string | undefined {
  const { __float__: name, ...rest } = value as { __float__?: unknown };
  const names = ["Infinity", "-Infinity", "NaN"];
  return Object.keys(rest).length === 0 && names.includes(String(name)) ? String(name) : undefined;
}
