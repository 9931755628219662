/** A configuration's keys, taken one by one, so that what nobody took can be told. */

export type Table = Readonly<Record<string, unknown>>;

/** What was made of a key. */
export interface KeyNote {
  /** `zero_optimization.stage`. */
  readonly key: string;
  /** One clause: what it sets, or why it sets nothing. */
  readonly says: string;
}

export function asTable(value: unknown): Table | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Table) : undefined;
}

/** The reading of one configuration in progress. */
export class Keys {
  readonly understood: KeyNote[] = [];
  readonly ignored: KeyNote[] = [];
  private readonly taken = new Set<string>();

  constructor(private readonly root: Table) {}

  /** A key's value, by its path; it counts as looked at. */
  value(key: string): unknown {
    this.taken.add(key);
    let at: unknown = this.root;
    for (const name of key.split(".")) at = asTable(at)?.[name];
    return at;
  }

  has(key: string): boolean {
    return this.value(key) !== undefined;
  }

  /** A whole number from 1 up; others are told. Text of digits counts, `"auto"` is left to the launcher. */
  count(key: string, says: (value: number) => string): number | undefined {
    const value = this.value(key);
    if (value === undefined || value === null) return undefined;
    if (value === "auto") return void this.ignore(key, 'left to the launcher: "auto"');
    const number = Number(value);
    if (!Number.isInteger(number) || number < 1)
      return void this.ignore(key, `${show(value)} is no whole number from 1 up`);
    this.understand(key, says(number));
    return number;
  }

  /** A flag: true and false, 1 and 0, and their spellings as text. */
  flag(key: string): boolean | undefined {
    const value = this.value(key);
    if (value === undefined || value === null) return undefined;
    if (value === "auto") return void this.ignore(key, 'left to the launcher: "auto"');
    const word = String(value).toLowerCase();
    if (/^(true|1|yes|on)$/.test(word)) return true;
    if (/^(false|0|no|off)$/.test(word)) return false;
    return void this.ignore(key, `${show(value)} is neither true nor false`);
  }

  /** A word in lower case; `"auto"` is left to the launcher. */
  word(key: string): string | undefined {
    const value = this.value(key);
    if (value === undefined || value === null) return undefined;
    if (value === "auto") return void this.ignore(key, 'left to the launcher: "auto"');
    return String(value).toLowerCase();
  }

  understand(key: string, says: string): void {
    this.understood.push({ key, says });
  }

  ignore(key: string, says: string): void {
    this.taken.add(key);
    this.ignored.push({ key, says });
  }

  /** Keys that change neither memory nor time. `prefix.*` stands for all below. */
  harmless(...keys: readonly string[]): void {
    for (const key of keys) this.taken.add(key);
  }

  /** Tells the keys that nothing took. */
  rest(): void {
    const walk = (table: Table, prefix: string) => {
      for (const [name, value] of Object.entries(table)) {
        const key = prefix + name;
        if (this.taken.has(key) || this.taken.has(`${key}.*`)) continue;
        const inner = asTable(value);
        if (inner && Object.keys(inner).length > 0) walk(inner, `${key}.`);
        else if (!inner) this.ignored.push({ key, says: "not read" });
      }
    };
    walk(this.root, "");
  }
}

function show(value: unknown): string {
  return JSON.stringify(value) ?? String(value);
}
