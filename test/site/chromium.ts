/** Finds the browser that tests drive; it is not installed with the other packages. */
import { existsSync } from "node:fs";

const PLACES = [
  process.env["CHROMIUM"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:/Program Files/Google/Chrome/Application/chrome.exe",
];

export const CHROMIUM = PLACES.find((path) => path !== "" && existsSync(path)) ?? null;
