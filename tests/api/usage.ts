// What a client in TypeScript writes. tests/tools/description_test.py compiles it against the types that
// openapi-typescript makes of the description; it is never run.
import createClient from "openapi-fetch";
import type { components, operations, paths } from "elsec-api";

type Schemas = components["schemas"];

const elsec = createClient<paths>({ baseUrl: "https://node.example.org/api/v1" });

export async function send(id: Schemas["document_id"], recipient: Schemas["card"]): Promise<Schemas["dispatch_id"][]> {
  const { data, error } = await elsec.POST("/documents/{id}/dispatches", {
    params: { path: { id }, header: { "Idempotency-Key": "4711" } },
    body: { recipients: [{ organisation_id: recipient.id }], subject: "Entlassungsbrief", route: "auto" },
  });
  if (error) throw new Error(`${error.code}: ${error.errors?.map((each) => each.pointer).join(" ") ?? ""}`);
  return data.dispatches.map((dispatch) => dispatch.id);
}

export async function unread(): Promise<Schemas["document"][]> {
  const found: Schemas["document"][] = [];
  let cursor: string | undefined;
  do {
    const { data } = await elsec.GET("/documents", { params: { query: { box: "inbox", unread: true, cursor } } });
    found.push(...(data?.items ?? []));
    cursor = data?.next_cursor ?? undefined;
  } while (cursor);
  return found;
}

// Operations and records by their names.
export type Registration = operations["register_organisation"]["requestBody"]["content"]["application/json"];
export const profile: Registration["organisation"] = {
  name: "Klinik Musterstadt",
  sector: "hospital",
  employees: 250,
  address: { street: "Am Alten Markt 1", postal_code: "01067", city: "Musterstadt" },
};
export const scopes: Schemas["scope"][] = ["documents:read"];
export const isThere = (state: Schemas["dispatch_state"]): boolean => state === "delivered" || state === "collected";

// What the node would refuse does not compile.
// @ts-expect-error: no such sector
export const sector: Schemas["sector"] = "clinic";
// @ts-expect-error: a subject is needed
export const request: Schemas["dispatch_request"] = { recipients: [] };
// @ts-expect-error: no such member
export const address: Schemas["address"] = { ...profile.address, planet: "Earth" };
