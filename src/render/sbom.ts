/** The models that code names, as an ML-BOM: CycloneDX 1.6 in JSON. */
import { ComponentType, ExternalReferenceType, HashAlgorithm } from "@cyclonedx/cyclonedx-library/Enums";
import {
  Bom,
  Component,
  ExternalReference,
  ExternalReferenceRepository,
  HashDictionary,
  Metadata,
  Property,
  PropertyRepository,
  Tools,
} from "@cyclonedx/cyclonedx-library/Models";
import { JSON as Cyclonedx } from "@cyclonedx/cyclonedx-library/Serialize";
import { Spec1dot6 } from "@cyclonedx/cyclonedx-library/Spec";
import type { CodeDownload, ModelFile, ModelReport, ScanReport } from "../contract/types.ts";

/** Render what code downloads: a component for each model in each form, with its commit, its files and their hashes. */
export function renderSbom({ generator, downloads, models }: ScanReport): string {
  const byReference = new Map(models.map((model) => [model.reference, model]));
  const measured = downloads.map((download) => ({
    download,
    model: byReference.get(download.reference) ?? null,
  }));
  const tools = new Tools();
  tools.components.add(
    new Component(ComponentType.Application, generator.name, { version: generator.version }),
  );
  const bom = new Bom({ metadata: new Metadata({ tools }) });
  for (const { download, model } of measured) bom.components.add(buildComponent(download, model));
  const normalized = new Cyclonedx.Normalize.Factory(Spec1dot6).makeForBom().normalize(bom, {});
  // The library does not know model cards and places yet.
  const components = normalized.components?.map((component, index) => {
    const found = measured[index];
    return found
      ? { ...component, ...buildModelCard(found.model), ...buildEvidence(found.download) }
      : component;
  });
  return JSON.stringify({ ...normalized, components: components ?? [] }, null, 2);
}

function buildComponent(download: CodeDownload, model: ModelReport | null): Component {
  const { registry, reference, revision, quantization, file, label, loads, bytes, basis, reason, files } =
    download;
  const id = model?.id ?? download.id;
  const commit = model?.revision ?? revision;
  const [owner, name] = registry === "hub" && id.includes("/") ? id.split("/", 2) : [undefined, id];
  const component = new Component(ComponentType.MachineLearningModel, name ?? id, {
    bomRef: [reference, quantization].filter((part) => part !== null).join("#"),
    ...(owner !== undefined && { group: owner }),
    ...(commit !== null && { version: commit }),
    ...(registry === "hub" && { purl: formatPurl(id, commit) }),
    hashes: buildHashes(files.length === 1 ? files[0] : undefined),
    externalReferences: new ExternalReferenceRepository(listReferences(download, id, commit)),
    properties: buildProperties({
      reference,
      quantization: quantization ?? label,
      file,
      loads,
      bytes,
      basis,
      reason,
      parameters: model?.parameters?.total ?? null,
      sizeClass: model?.sizeClass?.label ?? null,
    }),
  });
  for (const one of files) {
    const { path, bytes: fileBytes } = one;
    component.components.add(
      new Component(ComponentType.File, path, {
        bomRef: `${component.bomRef.value ?? reference}/${path}`,
        hashes: buildHashes(one),
        properties: buildProperties({ bytes: fileBytes }),
      }),
    );
  }
  return component;
}

function buildHashes(file: ModelFile | undefined): HashDictionary {
  return new HashDictionary(file?.sha256 ? [[HashAlgorithm["SHA-256"], file.sha256]] : []);
}

function listReferences(
  { registry }: CodeDownload,
  id: string,
  commit: string | null,
): readonly ExternalReference[] {
  if (registry === "web") return [new ExternalReference(id, ExternalReferenceType.Distribution)];
  if (registry !== "hub") return [];
  const page = `https://huggingface.co/${id}`;
  return [
    new ExternalReference(page, ExternalReferenceType.ModelCard),
    new ExternalReference(`${page}/tree/${commit ?? "main"}`, ExternalReferenceType.Distribution),
  ];
}

/** Build properties in the namespace of this program; what is not known has none. */
function buildProperties(values: Readonly<Record<string, string | number | null>>): PropertyRepository {
  return new PropertyRepository(
    Object.entries(values).flatMap(([name, value]) =>
      value === null ? [] : [new Property(`llm-size:${name}`, String(value))],
    ),
  );
}

/** @example formatPurl("google/gemma-2b", null) //=> "pkg:huggingface/google/gemma-2b" */
function formatPurl(id: string, commit: string | null): string {
  const path = id.split("/").map(encodeURIComponent).join("/");
  return `pkg:huggingface/${path}${commit === null ? "" : `@${encodeURIComponent(commit)}`}`;
}

function buildModelCard(model: ModelReport | null) {
  if (!model?.architecture && !model?.modelType) return {};
  const { modelType, architecture } = model;
  return {
    modelCard: {
      modelParameters: {
        ...(modelType && { architectureFamily: modelType }),
        ...(architecture && { modelArchitecture: architecture }),
      },
    },
  };
}

function buildEvidence({ places }: CodeDownload) {
  return { evidence: { occurrences: places.map(({ path, line }) => ({ location: path, line })) } };
}
