// What both journeys share: the office as a partner knows it, tokens, and what must hold.
import { readFileSync } from "node:fs";

interface Credential {
  client_id: string;
  client_secret: string;
  token_url: string;
}

export interface Office {
  address: string;
  partner: Credential;
  slow_partner: Credential;
  agency: string;
  commune: string;
  unit: string;
  outside_unit: string;
  procedure: string;
  procedure_with_papers: string;
  field: string;
  due_on_a_day_off: string;
}

export const office = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Office;

export const PDF = new TextEncoder().encode("%PDF-1.7 noi dung");
export const BEGAN = new Date();
export const LATER = new Date(BEGAN.getTime() + 60 * 86_400_000).toISOString();

export async function signedIn(credential: Credential, scope?: string): Promise<string> {
  const form = new URLSearchParams({
    grant_type: "client_credentials",
    client_id: credential.client_id,
    client_secret: credential.client_secret,
    ...(scope ? { scope } : {}),
  });
  const answer = await fetch(credential.token_url, { method: "POST", body: form });
  expect(answer.ok, `no token: ${answer.status}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}

export function expect(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** What every function of both clients gives. */
export interface Result<Data, Problem> {
  data?: Data | undefined;
  error?: Problem | undefined;
  response?: Response | undefined;
}

/** The answer, which must have this status. */
export function answered<Data>(result: Result<Data, unknown>, status = 200): NonNullable<Data> {
  expect(
    result.response?.status === status && result.data !== undefined && result.data !== null,
    `${result.response?.status} instead of ${status}: ${JSON.stringify(result.error)}`,
  );
  return result.data;
}

/** The headers of an answer of this status, whatever its content. */
export function headers(result: Result<unknown, unknown>, status: number): Headers {
  expect(result.response?.status === status, `${result.response?.status} instead of ${status}`);
  return result.response.headers;
}

interface Problem {
  errors: { code: string; attr: string | null }[];
}

/** Requires that a call was refused with this status, for this reason, because of this field. */
export function refused(result: Result<unknown, Problem>, status: number, code: string, attr: string | null = null): void {
  const errors = result.error?.errors ?? [];
  expect(
    result.response?.status === status && errors.some((error) => error.code === code && error.attr === attr),
    `${result.response?.status} ${JSON.stringify(result.error)} instead of ${status} ${code} ${attr}`,
  );
}

export function cursorOf(next: string): string {
  return new URL(next).searchParams.get("cursor") ?? "";
}

export function today(days = 0): string {
  return new Date(BEGAN.getTime() + days * 86_400_000).toISOString().slice(0, 10);
}

/** A number of the partner's own that no other dossier has. */
export function ownNumber(client: string): string {
  return `${client}-${crypto.randomUUID()}`;
}
