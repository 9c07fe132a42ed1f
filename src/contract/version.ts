/** The version of the package. A constant, so that it works in every bundle; a test compares it with package.json. */
export const VERSION = "0.1.0";

/** A hash of the code, which the bundler puts here: results are kept for the very code that measured them. */
export const BUILD: string | null = null;
