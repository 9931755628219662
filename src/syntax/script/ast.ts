/** JavaScript and TypeScript as trees of our own: types are left out, and what does not parse is `Broken`. */

/** A part of a file's text, by its indices. */
export interface Ranged {
  readonly start: number;
  readonly end: number;
}

export type Expression = Ranged &
  (
    | { readonly kind: "Literal"; readonly value: number | string | boolean | null | undefined }
    | { readonly kind: "Template"; readonly texts: readonly string[]; readonly values: readonly Expression[] }
    | { readonly kind: "Name"; readonly name: string }
    | { readonly kind: "This" }
    | { readonly kind: "Super" }
    | { readonly kind: "Array"; readonly items: readonly (Expression | undefined)[] }
    | { readonly kind: "Object"; readonly members: readonly Property[] }
    | FunctionNode
    | ClassNode
    | MemberNode
    | CallNode
    | { readonly kind: "Unary"; readonly operator: string; readonly operand: Expression }
    | { readonly kind: "Update"; readonly operator: "++" | "--"; readonly prefix: boolean; readonly target: Expression }
    | {
        readonly kind: "Binary";
        readonly operator: string;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: "Assign"; readonly operator: string; readonly target: Pattern; readonly value: Expression }
    | {
        readonly kind: "Conditional";
        readonly test: Expression;
        readonly whenTrue: Expression;
        readonly otherwise: Expression;
      }
    | { readonly kind: "Sequence"; readonly parts: readonly Expression[] }
    | { readonly kind: "Await"; readonly value: Expression }
    | { readonly kind: "Yield"; readonly value: Expression | undefined; readonly each: boolean }
    | { readonly kind: "Spread"; readonly value: Expression }
    | { readonly kind: "Broken"; readonly what: string; readonly parts: readonly Expression[] }
  );

export interface MemberNode extends Ranged {
  readonly kind: "Member";
  readonly object: Expression;
  /** A name, or what is between the brackets. */
  readonly property: string | Expression;
  readonly optional: boolean;
  /** Where the name stands. */
  readonly at: Ranged;
}

export interface CallNode extends Ranged {
  readonly kind: "Call";
  readonly callee: Expression;
  readonly args: readonly Expression[];
  readonly optional: boolean;
  readonly isNew: boolean;
}

export interface FunctionNode extends Ranged {
  readonly kind: "Function";
  readonly name: string | undefined;
  readonly params: readonly Pattern[];
  /** Parameters of a constructor that become fields. */
  readonly fields: readonly string[];
  /** Statements, or the expression that an arrow function gives. */
  readonly body: readonly Statement[] | Expression;
  readonly arrow: boolean;
  readonly generator: boolean;
  readonly isAsync: boolean;
}

export interface ClassNode extends Ranged {
  readonly kind: "Class";
  readonly name: string | undefined;
  readonly nameAt: Ranged;
  readonly heritage: Expression | undefined;
  readonly members: readonly ClassMember[];
}

export interface ClassMember extends Ranged {
  readonly kind: "method" | "get" | "set" | "field" | "block";
  readonly isStatic: boolean;
  readonly key: string | Expression;
  readonly value: Expression | undefined;
}

export interface Property extends Ranged {
  readonly kind: "value" | "get" | "set" | "spread";
  readonly key: string | Expression;
  readonly value: Expression;
}

/** What values are put into: a name, a member, or a pattern of them. */
export type Pattern = Ranged &
  (
    | { readonly kind: "Name"; readonly name: string }
    | { readonly kind: "Target"; readonly target: Expression }
    | { readonly kind: "ArrayPattern"; readonly items: readonly (Pattern | undefined)[] }
    | {
        readonly kind: "ObjectPattern";
        readonly members: readonly { readonly key: string | Expression; readonly value: Pattern }[];
        readonly rest: Pattern | undefined;
      }
    | { readonly kind: "Default"; readonly target: Pattern; readonly value: Expression }
    | { readonly kind: "Rest"; readonly target: Pattern }
  );

export interface Declaration extends Ranged {
  readonly target: Pattern;
  readonly value: Expression | undefined;
}

export interface VariableNode extends Ranged {
  readonly kind: "Variable";
  readonly scope: "var" | "let" | "const";
  readonly declarations: readonly Declaration[];
}

export interface ImportName {
  /** `default`, `*`, or the name that the other file exports. */
  readonly imported: string;
  readonly local: string;
}

export type Statement = Ranged &
  (
    | { readonly kind: "Expression"; readonly value: Expression }
    | VariableNode
    | { readonly kind: "FunctionDeclaration"; readonly value: FunctionNode }
    | { readonly kind: "ClassDeclaration"; readonly value: ClassNode }
    | { readonly kind: "Return"; readonly value: Expression | undefined }
    | {
        readonly kind: "If";
        readonly test: Expression;
        readonly whenTrue: Statement;
        readonly otherwise: Statement | undefined;
      }
    | {
        readonly kind: "For";
        readonly first: Statement | undefined;
        readonly test: Expression | undefined;
        readonly next: Expression | undefined;
        readonly body: Statement;
      }
    | {
        readonly kind: "ForEach";
        readonly over: "of" | "in";
        readonly scope: "var" | "let" | "const" | undefined;
        readonly target: Pattern;
        readonly value: Expression;
        readonly body: Statement;
      }
    | { readonly kind: "While"; readonly test: Expression; readonly body: Statement; readonly afterFirst: boolean }
    | { readonly kind: "Break" | "Continue"; readonly label: string | undefined }
    | { readonly kind: "Switch"; readonly value: Expression; readonly cases: readonly SwitchCase[] }
    | { readonly kind: "Throw"; readonly value: Expression }
    | {
        readonly kind: "Try";
        readonly body: readonly Statement[];
        readonly caught: Pattern | undefined;
        readonly handler: readonly Statement[] | undefined;
        readonly last: readonly Statement[] | undefined;
      }
    | { readonly kind: "Block"; readonly body: readonly Statement[] }
    | { readonly kind: "Labeled"; readonly label: string; readonly body: Statement }
    | { readonly kind: "Import"; readonly from: string; readonly names: readonly ImportName[] }
    | {
        readonly kind: "Export";
        /** What is declared and exported, or the value of `export default`. */
        readonly declaration: Statement | undefined;
        readonly isDefault: boolean;
        readonly names: readonly ImportName[];
        readonly from: string | undefined;
      }
    | {
        readonly kind: "Enum";
        readonly name: string;
        readonly members: readonly { readonly name: string; readonly value: Expression | undefined }[];
      }
  );

export interface SwitchCase {
  /** Undefined: `default`. */
  readonly test: Expression | undefined;
  readonly body: readonly Statement[];
}

/** A file parsed. */
export interface Script {
  readonly path: string;
  readonly text: string;
  /** The index at which each line begins. */
  readonly lineStarts: readonly number[];
  readonly body: readonly Statement[];
  readonly problems: readonly (Ranged & { readonly message: string })[];
}
