/** Statements from tree-sitter's nodes. */
import type { Declaration, Expression, ImportName, Statement, SwitchCase } from "./ast.ts";
import { broken, expression } from "./expressions.ts";
import { classNode, functionNode } from "./functions.ts";
import { stringOf } from "./literals.ts";
import { child, field, has, parts, type ScriptNode } from "./nodes.ts";
import { pattern } from "./patterns.ts";

/** The statements of a block or file. Of what does not parse, the statements inside are kept. */
export function statements(node: ScriptNode, text: string): readonly Statement[] {
  return parts(node).flatMap((part) => (part.type === "ERROR" ? salvaged(part, text) : statement(part, text)));
}

const whole = /_(statement|declaration)$/;

function salvaged(node: ScriptNode, text: string): readonly Statement[] {
  return parts(node).flatMap((part) => (whole.test(part.type) ? statement(part, text) : []));
}

function statement(node: ScriptNode, text: string): Statement[] {
  const { start, end } = node;
  switch (node.type) {
    case "expression_statement": {
      const [value] = parts(node);
      if (value?.type === "internal_module") return [];
      return value ? [{ kind: "Expression", value: expression(value, text), start, end }] : [];
    }
    case "lexical_declaration":
    case "variable_declaration":
      return [variable(node, text)];
    case "function_declaration":
    case "generator_function_declaration":
      return [{ kind: "FunctionDeclaration", value: functionNode(node, text), start, end }];
    case "class_declaration":
    case "abstract_class_declaration":
      return [{ kind: "ClassDeclaration", value: classNode(node, text), start, end }];
    case "import_statement":
      return imported(node, text);
    case "export_statement":
      return exported(node, text);
    case "enum_declaration":
      return enumeration(node, text);
    default:
      return flow(node, text);
  }
}

function flow(node: ScriptNode, text: string): Statement[] {
  const { start, end } = node;
  const of = (name: string): Expression => {
    const found = field(node, name);
    return found ? expression(found, text) : broken(node, text);
  };
  const body = (name = "body"): Statement => one(field(node, name), text, end);
  switch (node.type) {
    case "statement_block":
      return [{ kind: "Block", body: statements(node, text), start, end }];
    case "return_statement": {
      const value = parts(node).find(({ type }) => type !== "return");
      return [{ kind: "Return", value: value && expression(value, text), start, end }];
    }
    case "throw_statement": {
      const value = parts(node).find(({ type }) => type !== "throw");
      return value ? [{ kind: "Throw", value: expression(value, text), start, end }] : [];
    }
    case "if_statement": {
      const alternative = field(node, "alternative");
      const inside = alternative && parts(alternative).find(({ type }) => type !== "else");
      const otherwise = inside && one(inside, text, end);
      return [{ kind: "If", test: of("condition"), whenTrue: body("consequence"), otherwise, start, end }];
    }
    case "for_statement":
      return [forLoop(node, text, body())];
    case "for_in_statement": {
      const target = field(node, "left");
      if (!target) return [];
      const over = has(node, "of") ? "of" : "in";
      const scope = (["const", "let", "var"] as const).find((word) => has(node, word));
      return [
        { kind: "ForEach", over, scope, target: pattern(target, text), value: of("right"), body: body(), start, end },
      ];
    }
    case "while_statement":
    case "do_statement":
      return [
        { kind: "While", test: of("condition"), body: body(), afterFirst: node.type === "do_statement", start, end },
      ];
    case "break_statement":
    case "continue_statement": {
      const label = field(node, "label");
      const kind = node.type === "break_statement" ? "Break" : "Continue";
      return [{ kind, label: label && text.slice(label.start, label.end), start, end }];
    }
    case "labeled_statement": {
      const label = field(node, "label");
      return [{ kind: "Labeled", label: label ? text.slice(label.start, label.end) : "", body: body(), start, end }];
    }
    case "switch_statement":
      return [{ kind: "Switch", value: of("value"), cases: cases(field(node, "body"), text), start, end }];
    case "try_statement":
      return [tryStatement(node, text)];
    default:
      return [];
  }
}

function one(node: ScriptNode | undefined, text: string, end: number): Statement {
  const found = node ? statement(node, text) : [];
  return found.length === 1
    ? (found[0] as Statement)
    : { kind: "Block", body: found, start: node?.start ?? end, end: node?.end ?? end };
}

function variable(node: ScriptNode, text: string): Statement {
  const scope = has(node, "const") ? "const" : has(node, "let") ? "let" : "var";
  const declarations = node.children
    .filter(({ type }) => type === "variable_declarator")
    .flatMap((one): Declaration[] => {
      const [target, value] = [field(one, "name"), field(one, "value")];
      if (!target) return [];
      return [
        { target: pattern(target, text), value: value && expression(value, text), start: one.start, end: one.end },
      ];
    });
  return { kind: "Variable", scope, declarations, start: node.start, end: node.end };
}

function forLoop(node: ScriptNode, text: string, body: Statement): Statement {
  const first = field(node, "initializer");
  const test = field(node, "condition");
  const next = field(node, "increment");
  const begins = first && first.type !== "empty_statement" ? first : undefined;
  const value = test && (test.type === "expression_statement" ? parts(test)[0] : test);
  return {
    kind: "For",
    first: !begins
      ? undefined
      : whole.test(begins.type)
        ? statement(begins, text)[0]
        : { kind: "Expression", value: expression(begins, text), start: begins.start, end: begins.end },
    test: value && value.type !== "empty_statement" ? expression(value, text) : undefined,
    next: next && expression(next, text),
    body,
    start: node.start,
    end: node.end,
  };
}

function cases(node: ScriptNode | undefined, text: string): SwitchCase[] {
  return (node?.children ?? [])
    .filter(({ type }) => type === "switch_case" || type === "switch_default")
    .map((one) => {
      const test = field(one, "value");
      const body = one.children.filter((part) => part.field === "body").flatMap((part) => statement(part, text));
      return { test: test && expression(test, text), body };
    });
}

function tryStatement(node: ScriptNode, text: string): Statement {
  const body = field(node, "body");
  const handler = field(node, "handler");
  const last = field(node, "finalizer");
  const caught = handler && field(handler, "parameter");
  const handled = handler && field(handler, "body");
  const finished = last && field(last, "body");
  return {
    kind: "Try",
    body: body ? statements(body, text) : [],
    caught: caught && pattern(caught, text),
    handler: handler && (handled ? statements(handled, text) : []),
    last: finished && statements(finished, text),
    start: node.start,
    end: node.end,
  };
}

function sourceText(node: ScriptNode, text: string): string | undefined {
  const source = field(node, "source");
  return source?.type === "string" ? stringOf(source, text) : undefined;
}

function imported(node: ScriptNode, text: string): Statement[] {
  const required = child(node, "import_require_clause");
  const from = sourceText(required ?? node, text);
  if (from === undefined || has(node, "type")) return [];
  const names: ImportName[] = [];
  const word = (one: ScriptNode) => text.slice(one.start, one.end).replaceAll(/^["']|["']$/g, "");
  const clause = required ?? child(node, "import_clause");
  for (const part of clause ? parts(clause) : []) {
    if (part.type === "identifier") names.push({ imported: required ? "*" : "default", local: word(part) });
    if (part.type === "namespace_import") {
      const name = child(part, "identifier");
      if (name) names.push({ imported: "*", local: word(name) });
    }
    if (part.type === "named_imports") names.push(...specifiers(part, text));
  }
  return [{ kind: "Import", from, names, start: node.start, end: node.end }];
}

/** `a as b` among braces: `a` is the name on the other side, `b` the one on this side. */
function specifiers(node: ScriptNode, text: string): ImportName[] {
  const word = (one: ScriptNode) => text.slice(one.start, one.end).replaceAll(/^["']|["']$/g, "");
  return parts(node).flatMap((part) => {
    const name = field(part, "name");
    const alias = field(part, "alias");
    if (!name || has(part, "type")) return [];
    return [{ imported: word(name), local: word(alias ?? name) }];
  });
}

function exported(node: ScriptNode, text: string): Statement[] {
  const { start, end } = node;
  const isDefault = has(node, "default");
  const declared = field(node, "declaration");
  const value = field(node, "value");
  const clause = child(node, "export_clause");
  const whole = child(node, "namespace_export");
  const from = sourceText(node, text);
  const star: ImportName[] = whole
    ? parts(whole).map((part) => ({ imported: "*", local: text.slice(part.start, part.end) }))
    : has(node, "*")
      ? [{ imported: "*", local: "*" }]
      : [];
  const declaration: Statement | undefined = declared
    ? statement(declared, text)[0]
    : value && { kind: "Expression", value: expression(value, text), start: value.start, end: value.end };
  if (!declaration && !clause && star.length === 0) return [];
  const names = clause ? specifiers(clause, text) : star;
  return [{ kind: "Export", declaration, isDefault, names, from, start, end }];
}

function enumeration(node: ScriptNode, text: string): Statement[] {
  const [name, body] = [field(node, "name"), field(node, "body")];
  if (!name || !body) return [];
  const members = parts(body).flatMap((part) => {
    const key = part.type === "enum_assignment" ? field(part, "name") : part;
    const value = part.type === "enum_assignment" ? field(part, "value") : undefined;
    return key ? [{ name: text.slice(key.start, key.end), value: value && expression(value, text) }] : [];
  });
  const { start, end } = node;
  return [{ kind: "Enum", name: text.slice(name.start, name.end), members, start, end }];
}
