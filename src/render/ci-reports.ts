/** Verdicts for CI systems: GitHub's annotations and JUnit's XML. */
import type { CodeDownload, CodePlace, Verdict } from "../contract/types.ts";
import type { UnitSystem } from "./options.ts";
import { formatPlace } from "./places.ts";
import { makePrintable } from "./text.ts";
import { formatBytes } from "./units.ts";
import { formatRule, formatVerdict } from "./verdicts.ts";

interface AnnotationOptions {
  readonly units: UnitSystem;
  /** Turn a path that is relative to the working directory into one that is relative to the repository's root. */
  toRepositoryPath(path: string): string;
}

/**
 * Render one `::error` per model that did not pass, as GitHub shows only about ten per step: at the first line of code that
 * names it, or else at the line of the config file that sets the limit.
 */
export function renderAnnotations(
  verdicts: readonly Verdict[],
  { units, toRepositoryPath }: AnnotationOptions,
): string {
  const failed = verdicts.filter(({ outcome }) => outcome !== "passed");
  return [...new Set(failed.map(({ reference }) => reference))]
    .map((reference) => {
      const ofModel = failed.filter((verdict) => verdict.reference === reference);
      const over = ofModel.find(({ outcome }) => outcome === "exceeded");
      const title = makePrintable(`${over ? "over budget" : "budget unknown"}: ${reference}`);
      const places = [
        ...new Map(ofModel.flatMap((one) => one.places).map((place) => [formatPlace(place), place])).values(),
      ];
      const [place, ...others] = places;
      const also = others.length > 0 ? [`also named in ${others.map(formatPlace).join(", ")}`] : [];
      const message = [...ofModel.map((verdict) => formatVerdict(verdict, units)), ...also]
        .map(makePrintable)
        .join("\n");
      const limitPlace = (over ?? ofModel[0])?.limitPlace;
      return `::error ${formatPosition(place ?? limitPlace, toRepositoryPath)}title=${escapeProperty(title)}::${escapeMessage(message)}`;
    })
    .join("\n");
}

/** Render one `::notice` per model that code downloads, at the first line that names it. */
export function renderNotices(
  downloads: readonly CodeDownload[],
  { units, toRepositoryPath }: AnnotationOptions,
): string {
  return downloads
    .map(({ reference, bytes, places: [place] }) => {
      const size = bytes === null ? "unknown size" : formatBytes(bytes, units);
      return `::notice ${formatPosition(place, toRepositoryPath)}title=${escapeProperty(makePrintable(reference))}::${escapeMessage(size)}`;
    })
    .join("\n");
}

type Place = Pick<CodePlace, "path"> & { readonly line: number | null; readonly column?: number };

function formatPosition(
  place: Place | null | undefined,
  toRepositoryPath: AnnotationOptions["toRepositoryPath"],
): string {
  if (!place) return "";
  const { path, line, column } = place;
  const at = line === null ? "" : `line=${line},`;
  const within = column === undefined ? "" : `col=${column},`;
  return `file=${escapeProperty(makePrintable(toRepositoryPath(path)))},${at}${within}`;
}

/** Escape as actions/toolkit does in packages/core/src/command.ts. */
function escapeMessage(text: string): string {
  return text
    .replaceAll("%", "%25")
    .replaceAll("\r", "%0D")
    .replaceAll("\n", "%0A")
    .replaceAll("##[", "#%23[");
}

function escapeProperty(text: string): string {
  return escapeMessage(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** Render JUnit's XML: a test per verdict; an exceeded limit is a failure, an unknown figure an error. */
export function renderJunit(verdicts: readonly Verdict[], units: UnitSystem): string {
  const count = (outcome: Verdict["outcome"]) =>
    verdicts.filter((verdict) => verdict.outcome === outcome).length;
  const counts = `tests="${verdicts.length}" failures="${count("exceeded")}" errors="${count("unknown")}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="llm-size" ${counts}>`,
    `  <testsuite name="budgets" ${counts}>`,
    ...verdicts.map((verdict) => renderCase(verdict, units)),
    "  </testsuite>",
    "</testsuites>",
  ].join("\n");
}

const TAGS = { exceeded: "failure", unknown: "error" } as const;

function renderCase(verdict: Verdict, units: UnitSystem): string {
  const { outcome, reference, rule, limitPlace, places } = verdict;
  const place: Place | null = places[0] ?? limitPlace;
  const line = place && place.line !== null ? ` line="${place.line}"` : "";
  const file = place ? ` file="${escapeXml(place.path)}"${line}` : "";
  const open = `    <testcase classname="${escapeXml(reference)}" name="${escapeXml(formatRule(verdict))}"${file}`;
  if (outcome === "passed") return `${open}/>`;
  const message = escapeXml(formatVerdict(verdict, units));
  return `${open}>\n      <${TAGS[outcome]} type="${rule}" message="${message}"/>\n    </testcase>`;
}

/** Escape for XML 1.0, which allows neither control characters nor lone surrogates, U+FFFE and U+FFFF. */
function escapeXml(text: string): string {
  return makePrintable(text)
    .replace(/[\p{Surrogate}\ufffe\uffff]/gu, "\ufffd")
    .replace(/[&<>"']|(?<=#)#(?=\[)/g, (character) => `&#${character.charCodeAt(0)};`);
}
