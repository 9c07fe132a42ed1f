/** The version of the package. A constant, so that it works in every bundle; a test compares it with package.json. */
export const VERSION = "0.1.0";
