/** Reading a file's functions: what a call calls, the text of a node, what names and attributes stand for. */
import type { ClassDef, Expression, FunctionDef, Keyword, Module, Statement } from "../../syntax/ast.ts";
import { absolute, type SyntaxNode, walk } from "../../syntax/walk.ts";

/** A function of the file, and what its code can refer to. */
export interface Scope {
  readonly func: FunctionDef;
  /** The class whose method it is. */
  readonly owner: ClassDef | undefined;
  /** Where its top-level statement begins. */
  readonly firstLine: number;
  readonly lines: readonly string[];
  /** What the file's imports bind: `F` to `torch.nn.functional`. */
  readonly imports: ReadonlyMap<string, string>;
}

/** Every function of a file, methods with their class. */
export function scopesOf(file: Module, text: string): Scope[] {
  const lines = text.split("\n");
  const imports = importsOf(file);
  return file.statements.flatMap(({ chunk, node }) => {
    const found: Scope[] = [];
    const visit = (one: SyntaxNode, owner: ClassDef | undefined) => {
      walk(one, (inner) => {
        if (inner.kind === "ClassDef" && inner !== owner) {
          for (const statement of inner.body) visit(statement, inner);
          return false;
        }
        if (inner.kind === "FunctionDef")
          found.push({ func: inner, owner, firstLine: chunk.firstLine, lines, imports });
        return true;
      });
    };
    visit(node, undefined);
    return found;
  });
}

/** Names that the file's import statements bind, with the dotted names that they stand for. */
function importsOf(file: Module): Map<string, string> {
  const found = new Map<string, string>();
  for (const { node } of file.statements) {
    walk(node, (one) => {
      if (one.kind === "Import") {
        for (const { name, asname } of one.names) {
          if (asname) found.set(asname, name);
          else found.set(name.split(".")[0]!, name.split(".")[0]!);
        }
      } else if (one.kind === "ImportFrom" && one.names !== "*") {
        for (const { name, asname } of one.names) found.set(asname ?? name, `${one.module}.${name}`);
      }
      return one.kind === "If" || one.kind === "Try";
    });
  }
  return found;
}

/** A call with a method's object as its first argument: `a.softmax(-1)` and `F.softmax(a, -1)` are alike. */
export interface Called {
  readonly name: string;
  readonly args: readonly Expression[];
  readonly keywords: readonly Keyword[];
  readonly node: Expression;
}

/** What a call calls where it is torch's function or a method; nothing for calls of other things. */
export function called(node: Expression, { imports }: Scope): Called | undefined {
  if (node.kind !== "Call") return undefined;
  const { func, args, keywords } = node;
  if (args.some(({ kind }) => kind === "Starred") || keywords.some(({ arg }) => arg === null)) return undefined;
  const dotted = dottedName(func, imports);
  if (dotted !== undefined) {
    return /^(torch|math|numpy)\./.test(dotted) ? { name: dotted.split(".").at(-1)!, args, keywords, node } : undefined;
  }
  if (func.kind !== "Attribute" || (func.value.kind === "Name" && func.value.id === "self")) return undefined;
  return { name: func.attr, args: [func.value, ...args], keywords, node };
}

/** `torch.nn.functional.softmax` for `F.softmax`; nothing for what is no import's. */
export function dottedName(node: Expression, imports: ReadonlyMap<string, string>): string | undefined {
  if (node.kind === "Name") return imports.get(node.id);
  if (node.kind !== "Attribute") return undefined;
  const outer = dottedName(node.value, imports);
  return outer === undefined ? undefined : `${outer}.${node.attr}`;
}

/** An argument by its position or its name. */
export function argument({ args, keywords }: Called, position: number, ...names: string[]): Expression | undefined {
  return args[position] ?? keywords.find(({ arg }) => arg !== null && names.includes(arg))?.value;
}

/** The integer that is written: `-1`. */
export function integerIn(node: Expression | undefined): number | undefined {
  if (node?.kind === "Int") return node.value;
  if (node?.kind === "UnaryOp" && node.op === "-" && node.operand.kind === "Int") return -node.operand.value;
  return undefined;
}

/** The attribute's name in `self.name`. */
export function selfAttribute(node: Expression): string | undefined {
  return node.kind === "Attribute" && node.value.kind === "Name" && node.value.id === "self" ? node.attr : undefined;
}

/** Everything that the class puts into `self.name`, buffers included, with the function that does. */
export function attributeValues({ owner }: Scope, name: string): { value: Expression; func: FunctionDef }[] {
  const found: { value: Expression; func: FunctionDef }[] = [];
  for (const func of owner?.body ?? []) {
    if (func.kind !== "FunctionDef") continue;
    walk(func, (node) => {
      const targets = node.kind === "Assign" ? node.targets : node.kind === "AnnAssign" ? [node.target] : [];
      const isTarget = targets.some((target) => selfAttribute(target) === name);
      if (isTarget && (node.kind === "Assign" || node.kind === "AnnAssign") && node.value)
        found.push({ value: node.value, func });
      if (node.kind !== "Call" || node.func.kind !== "Attribute" || node.func.attr !== "register_buffer") return true;
      const [first, second] = [...node.args, ...node.keywords.map(({ value }) => value)];
      if (first?.kind === "Str" && first.value === name && second) found.push({ value: second, func });
      return true;
    });
  }
  return found;
}

/** The source of a node as it is written. */
export function textOf(node: SyntaxNode, { lines, firstLine }: Scope): string {
  const { line, column, endLine, endColumn } = absolute(node, firstLine);
  if (line === endLine) return lines[line]!.slice(column, endColumn);
  return [lines[line]!.slice(column), ...lines.slice(line + 1, endLine), lines[endLine]!.slice(0, endColumn)].join(
    "\n",
  );
}

/** The source of a node in parentheses where an attribute or an operator behind it needs them. */
export function atomText(node: Expression, scope: Scope): string {
  const text = textOf(node, scope);
  return /^(Name|Attribute|Call|Subscript|Int|Float|Str|Singleton)$/.test(node.kind) ? text : `(${text})`;
}

/** Whether two nodes are written alike, spaces apart. */
export function alike(a: Expression, b: Expression, scope: Scope): boolean {
  return textOf(a, scope).replaceAll(/\s/g, "") === textOf(b, scope).replaceAll(/\s/g, "");
}

/** Names that a node reads. */
export function namesRead(node: SyntaxNode): Set<string> {
  const names = new Set<string>();
  walk(node, (one) => {
    if (one.kind === "Name") names.add(one.id);
  });
  return names;
}

/** Names that a statement binds, in itself and below. */
export function namesBound(statement: Statement): Set<string> {
  const names = new Set<string>();
  const bind = (target: Expression) =>
    walk(target, (one) => {
      if (one.kind === "Name") names.add(one.id);
      return one.kind !== "Attribute" && one.kind !== "Subscript";
    });
  walk(statement, (one) => {
    if (one.kind === "Assign") one.targets.forEach(bind);
    else if (one.kind === "AugAssign" || one.kind === "AnnAssign" || one.kind === "For") bind(one.target);
    else if (one.kind === "NamedExpr") names.add(one.target);
    else if (one.kind === "With") for (const { target } of one.items) if (target) bind(target);
    return one.kind !== "FunctionDef" && one.kind !== "Lambda";
  });
  return names;
}

/** The only value that a function gives a name, with its statement; nothing where there are several or the name is a parameter. */
export function onlyValue(
  func: FunctionDef,
  name: string,
): { value: Expression; statement: Statement; index: number | undefined } | undefined {
  if (func.args.some((parameter) => parameter.name === name)) return undefined;
  const found: { value: Expression; statement: Statement; index: number | undefined }[] = [];
  let bindings = 0;
  for (const one of func.body) {
    walk(one, (node) => {
      if (/^(Assign|AugAssign|AnnAssign|For|With)$/.test(node.kind)) {
        const own = node.kind === "Assign" ? node : undefined;
        if (own?.targets.length === 1 && own.targets[0]!.kind === "Name" && own.targets[0]!.id === name) {
          found.push({ value: own.value, statement: own, index: undefined });
          bindings++;
        } else if (own?.targets.length === 1 && own.targets[0]!.kind === "Tuple") {
          const index = own.targets[0]!.elts.findIndex((target) => target.kind === "Name" && target.id === name);
          if (index >= 0) {
            found.push({ value: own.value, statement: own, index: index - own.targets[0]!.elts.length });
            bindings++;
          }
        } else if (namesBound({ ...node, body: [], orelse: [] } as unknown as Statement).has(name)) bindings++;
      }
      return true;
    });
  }
  return bindings === 1 ? found[0] : undefined;
}
