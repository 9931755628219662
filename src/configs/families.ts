/** The families that a config and its parts name, and nothing else. */
export function familiesOf(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const parts = Object.entries(config).flatMap(([name, part]): [string, unknown][] => {
    const isPart = name.endsWith("_config") && typeof part === "object" && part !== null && !Array.isArray(part);
    const type = isPart ? (part as Record<string, unknown>)["model_type"] : undefined;
    return isPart && type !== undefined ? [[name, { model_type: type }]] : [];
  });
  return { model_type: config["model_type"], ...Object.fromEntries(parts) };
}
