/** Which files can name models, and how each is read. */

export type Language =
  | "javascript"
  | "markup"
  | "python"
  | "notebook"
  | "json"
  | "yaml"
  | "toml"
  | "env"
  | "shell"
  | "makefile"
  | "dockerfile"
  | "modelfile"
  /** Other languages, of which only quoted addresses and names are read. */
  | "quoted";

const ENDINGS: ReadonlyMap<string, Language> = new Map(
  (
    [
      ["javascript", "js mjs cjs jsx ts mts cts tsx"],
      ["markup", "html htm vue svelte astro"],
      ["python", "py pyw pyi"],
      ["notebook", "ipynb"],
      ["json", "json json5 jsonc webmanifest"],
      ["yaml", "yaml yml cff"],
      ["toml", "toml"],
      ["shell", "sh bash zsh ksh fish ps1 command"],
      ["env", "env properties ini conf cfg"],
      [
        "quoted",
        "java kt kts swift gradle go rs rb php cs cpp cc c h hpp m mm dart lua r jl scala ex exs zig nix tf groovy",
      ],
    ] as const
  ).flatMap(([language, endings]) =>
    endings.split(" ").map((ending): [string, Language] => [ending, language]),
  ),
);

const NAMES: readonly (readonly [RegExp, Language])[] = [
  [/^(?:Dockerfile|Containerfile)(?:[.-].*)?$|\.(?:dockerfile|containerfile)$/i, "dockerfile"],
  [/^Modelfile(?:[.-].*)?$|\.modelfile$/i, "modelfile"],
  [/^\.env(?:[.-].*)?$|\.env(?:\.(?:example|sample|template|local|dist))?$/i, "env"],
  [/^(?:Makefile|makefile|GNUmakefile|[Jj]ustfile)$|\.mk$/, "makefile"],
  [/^Procfile$/, "shell"],
];

/** Files that only repeat what others name, or hold what this program wrote. */
const LEFT_OUT =
  /^(?:package-lock\.json|npm-shrinkwrap\.json|composer\.lock|pnpm-lock\.yaml|llm-size\.lock\.json|llm-size\.config\.\w+)$|\.min\.[cm]?js$|\.d\.[cm]?ts$|\.map$/;

/** Return the language of a file by its name; null for one that is not read. */
export function chooseLanguage(path: string): Language | null {
  const file = path.slice(path.lastIndexOf("/") + 1);
  if (LEFT_OUT.test(file)) return null;
  const named = NAMES.find(([pattern]) => pattern.test(file));
  if (named) return named[1];
  const dot = file.lastIndexOf(".");
  return dot <= 0 ? null : (ENDINGS.get(file.slice(dot + 1).toLowerCase()) ?? null);
}
