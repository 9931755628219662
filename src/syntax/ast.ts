/**
 * The compact syntax tree of Python: the node names and fields of Python's own `ast` module, as plain data that survives
 * JSON. Lines count from the first line of the top-level statement that holds the node, so that a statement whose text
 * is unchanged keeps its tree wherever it moves; a `Chunk` says where it stands now.
 */
import type { Span } from "../base/place.ts";

/** Where a top-level statement stands: shared by all nodes below it, moved when lines above it come or go. */
export interface Chunk {
  path: string;
  firstLine: number;
}

export type Expression =
  | (Span & { kind: "Name"; id: string })
  | (Span & { kind: "Int"; value: number })
  | (Span & { kind: "BigInt"; digits: string })
  | (Span & { kind: "Float"; value: number })
  | (Span & { kind: "Imaginary"; value: number })
  | (Span & { kind: "Str"; value: string })
  /** One character of `value` is one byte. */
  | (Span & { kind: "Bytes"; value: string })
  | (Span & { kind: "Singleton"; value: null | true | false | "..." })
  | JoinedStr
  | (Span & { kind: "Tuple"; elts: Expression[] })
  | (Span & { kind: "List"; elts: Expression[] })
  | (Span & { kind: "Set"; elts: Expression[] })
  /** A `null` key is `**value`. */
  | (Span & { kind: "Dict"; keys: (Expression | null)[]; values: Expression[] })
  | (Span & { kind: "BinOp"; op: BinaryOperator; left: Expression; right: Expression })
  | (Span & { kind: "UnaryOp"; op: "-" | "+" | "~" | "not"; operand: Expression })
  | (Span & { kind: "BoolOp"; op: "and" | "or"; values: Expression[] })
  | (Span & { kind: "Compare"; left: Expression; ops: ComparisonOperator[]; comparators: Expression[] })
  | (Span & { kind: "Call"; func: Expression; args: Expression[]; keywords: Keyword[] })
  | (Span & { kind: "Starred"; value: Expression })
  | (Span & { kind: "Attribute"; value: Expression; attr: string; attrSpan: Span })
  | (Span & { kind: "Subscript"; value: Expression; slice: Expression })
  | (Span & { kind: "Slice"; lower: Expression | null; upper: Expression | null; step: Expression | null })
  | (Span & { kind: "Lambda"; args: Parameters; body: Expression })
  | (Span & { kind: "IfExp"; test: Expression; body: Expression; orelse: Expression })
  | (Span & { kind: "ListComp"; elt: Expression; generators: Comprehension[] })
  | (Span & { kind: "SetComp"; elt: Expression; generators: Comprehension[] })
  | (Span & { kind: "GeneratorExp"; elt: Expression; generators: Comprehension[] })
  | (Span & { kind: "DictComp"; key: Expression; value: Expression; generators: Comprehension[] })
  | (Span & { kind: "NamedExpr"; target: string; value: Expression })
  | (Span & { kind: "Yield"; value: Expression | null })
  | (Span & { kind: "YieldFrom"; value: Expression })
  | (Span & { kind: "Await"; value: Expression })
  /** A part that does not parse: evaluating it gives an unknown. */
  | (Span & { kind: "BrokenExpression" });

export type BinaryOperator = "+" | "-" | "*" | "/" | "//" | "%" | "**" | "@" | "<<" | ">>" | "&" | "|" | "^";
export type ComparisonOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "is" | "is not" | "in" | "not in";

/** An f-string; implicit concatenations with plain strings are merged into one. */
export type JoinedStr = Span & { kind: "JoinedStr"; values: (string | FormattedValue)[] };
export interface FormattedValue {
  value: Expression;
  conversion: "" | "r" | "s" | "a";
  format: JoinedStr | null;
  /** The text before `=` in `{x=}`, else "". */
  debug: string;
}

/** A `null` name is `**value`. */
export interface Keyword {
  arg: string | null;
  value: Expression;
  span: Span;
}

export interface Comprehension {
  target: Expression;
  iter: Expression;
  ifs: Expression[];
  isAsync: boolean;
}

export interface Parameter extends Span {
  name: string;
  kind: "positional-only" | "positional" | "var-positional" | "keyword-only" | "var-keyword";
  default: Expression | null;
  annotation: Expression | null;
}
export type Parameters = Parameter[];

export interface FunctionDef extends Span {
  kind: "FunctionDef";
  name: string;
  nameSpan: Span;
  args: Parameters;
  body: Statement[];
  decorators: Expression[];
  returns: Expression | null;
  isAsync: boolean;
}
export interface ClassDef extends Span {
  kind: "ClassDef";
  name: string;
  nameSpan: Span;
  bases: Expression[];
  keywords: Keyword[];
  body: Statement[];
  decorators: Expression[];
}

export type Statement =
  | FunctionDef
  | ClassDef
  | (Span & { kind: "Return"; value: Expression | null })
  | (Span & { kind: "Delete"; targets: Expression[] })
  | (Span & { kind: "Assign"; targets: Expression[]; value: Expression })
  | (Span & { kind: "AugAssign"; target: Expression; op: BinaryOperator; value: Expression })
  | (Span & { kind: "AnnAssign"; target: Expression; annotation: Expression; value: Expression | null })
  | (Span & {
      kind: "For";
      target: Expression;
      iter: Expression;
      body: Statement[];
      orelse: Statement[];
      isAsync: boolean;
    })
  | (Span & { kind: "While"; test: Expression; body: Statement[]; orelse: Statement[] })
  | (Span & { kind: "If"; test: Expression; body: Statement[]; orelse: Statement[] })
  | (Span & {
      kind: "With";
      items: { value: Expression; target: Expression | null }[];
      body: Statement[];
      isAsync: boolean;
    })
  | (Span & { kind: "Raise"; exc: Expression | null; cause: Expression | null })
  | (Span & { kind: "Try"; body: Statement[]; handlers: ExceptHandler[]; orelse: Statement[]; finalbody: Statement[] })
  | (Span & { kind: "Assert"; test: Expression; msg: Expression | null })
  | (Span & { kind: "Import"; names: Alias[] })
  /** `names` is `"*"` for a star import; `module` is "" for `from . import x`. */
  | (Span & { kind: "ImportFrom"; module: string; level: number; names: Alias[] | "*" })
  | (Span & { kind: "Global" | "Nonlocal"; names: string[] })
  | (Span & { kind: "ExpressionStatement"; value: Expression })
  | (Span & { kind: "Pass" | "Break" | "Continue" })
  | (Span & { kind: "Match"; subject: Expression; cases: MatchCase[] })
  /** A part that does not parse. Nothing is known of what it does. */
  | (Span & { kind: "BrokenStatement" });

export interface ExceptHandler extends Span {
  type: Expression | null;
  name: string | null;
  body: Statement[];
}
export interface Alias {
  name: string;
  asname: string | null;
}
export interface MatchCase {
  pattern: Pattern;
  guard: Expression | null;
  body: Statement[];
}
export type Pattern =
  | { kind: "MatchValue"; value: Expression }
  | { kind: "MatchSingleton"; value: null | boolean }
  | { kind: "MatchSequence"; patterns: Pattern[] }
  | { kind: "MatchMapping"; keys: Expression[]; patterns: Pattern[]; rest: string | null }
  | { kind: "MatchClass"; cls: Expression; patterns: Pattern[]; keywords: { name: string; pattern: Pattern }[] }
  | { kind: "MatchStar"; name: string | null }
  | { kind: "MatchAs"; pattern: Pattern | null; name: string | null }
  | { kind: "MatchOr"; patterns: Pattern[] };

/** A file's tree: top-level statements, each with its chunk. */
export interface Module {
  path: string;
  statements: { chunk: Chunk; node: Statement }[];
  problems: SyntaxProblem[];
  /** `# assay: …` comments, absolute lines; `text` is what follows the colon, trimmed. */
  directives: { text: string; span: Span }[];
}
export interface SyntaxProblem {
  message: string;
  /** Absolute. */
  span: Span;
}
