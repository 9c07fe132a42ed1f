/** Apart, so that it is loaded only for a YAML file; a bundle knows a CommonJS package by such a name alone. */
export { parse as parseYaml } from "yaml";
