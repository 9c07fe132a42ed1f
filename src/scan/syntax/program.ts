/** Code as the rules read it, whatever its language: its calls, names, records and texts. */

/** The languages whose calls are read. */
export type CodeLanguage = "javascript" | "python";

export type Value =
  | Text
  /** A variable or the last part of a member expression: `this.model_id` is `model_id`. */
  | { readonly kind: "name"; readonly name: string }
  /** An object, a dictionary, or the named arguments of a call. */
  | Record
  | { readonly kind: "list"; readonly items: readonly Value[] }
  /** Any of the values of `MODELS[size]`. */
  | { readonly kind: "item"; readonly of: string }
  /** One of several: `a ?? b`, `a || b`, `c ? a : b`, `a if c else b`. */
  | { readonly kind: "choice"; readonly options: readonly Value[] }
  /** Parts that become one text: a template, an f-string, a sum. */
  | { readonly kind: "joined"; readonly parts: readonly Value[] }
  | { readonly kind: "call"; readonly call: Call }
  /** `true`, `null`, a number, or anything else. */
  | { readonly kind: "other"; readonly code: string };

export interface Text {
  readonly kind: "text";
  readonly text: string;
  /** Where the text begins in the file, as an offset. */
  readonly at: number;
}

export interface Record {
  readonly kind: "record";
  readonly entries: readonly Entry[];
}

/** The classes and functions around something, by where they begin, the outermost first. */
export type Scope = readonly number[];

interface Binding extends Entry {
  readonly scope: Scope;
}

export interface Entry {
  readonly key: string;
  /** Where the key's own text begins, where the key is quoted. */
  readonly keyAt?: number;
  readonly value: Value;
}

export interface Call {
  /** As written, without type arguments: `AutoModel.from_pretrained`. */
  readonly callee: string;
  readonly values: readonly Value[];
  /** The named arguments of Python. */
  readonly named: readonly Entry[];
  readonly scope: Scope;
}

export interface Program {
  readonly calls: readonly Call[];
  /** Assignments, fields, defaults of parameters, and loops over a list. */
  readonly bindings: readonly Binding[];
  readonly records: readonly (Record & { readonly scope: Scope })[];
  readonly lists: readonly (readonly Value[])[];
  readonly texts: readonly Text[];
  /** Modules that are imported. */
  readonly imports: readonly string[];
}

export const OTHER: Value = { kind: "other", code: "" };

/** The collecting side of a program. */
export interface Collected {
  readonly calls: Call[];
  readonly bindings: Binding[];
  readonly records: (Record & { readonly scope: Scope })[];
  readonly lists: (readonly Value[])[];
  readonly texts: Text[];
  readonly imports: string[];
}

export function startProgram(): Collected {
  return { calls: [], bindings: [], records: [], lists: [], texts: [], imports: [] };
}

/** The name that a callee or a member expression ends in. */
export function lastName(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}
