/** The name that a repair puts where an expression is missing: it is lowered to a broken expression. */
export const placeholder = "__unparsable__";
