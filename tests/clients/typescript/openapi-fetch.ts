// A partner's system with the types of openapi-typescript and the client openapi-fetch, on a whole journey.
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/openapi-typescript";
import {
  BEGAN, LATER, PDF, answered, cursorOf, expect, headers, office, ownNumber, refused, signedIn, today,
} from "./office";

type Schemas = components["schemas"];
type Line = Schemas["BulkLine"];

function clientWith(token: string) {
  return createClient<paths>({ baseUrl: office.address, headers: { Authorization: `Bearer ${token}` } });
}

const client = clientWith(await signedIn(office.partner));
const by: Schemas["ByInput"] = { name: "Trần Minh", position: "Chuyên viên" };
const reason: Schemas["ReasonInput"] = { comment: "Theo đề nghị của công dân" };

function aRequest(more: Partial<Schemas["DossierInput"]> = {}): Schemas["DossierInput"] {
  return {
    external_id: ownNumber("OF"),
    procedure: office.procedure,
    agency: office.agency,
    commune_code: office.commune,
    channel: "online",
    applicant_name: "Đặng Văn Ước",
    ...more,
  };
}

async function aDossier(more: Partial<Schemas["DossierInput"]> = {}): Promise<string> {
  return answered(await client.POST("/api/v1/dossiers", { body: aRequest(more) }), 201).uuid;
}

async function access(): Promise<void> {
  const partner = answered(await client.GET("/api/v1/me"));
  expect(partner.agencies.includes(office.agency) && partner.scopes.length > 10, "me");
  refused(await clientWith("khong-phai-token").GET("/api/v1/me"), 401, "authentication_failed");
  const reader = clientWith(await signedIn(office.partner, "catalog:read"));
  const unseen = await reader.GET("/api/v1/dossiers");
  refused(unseen, 403, "scope");
  expect(headers(unseen, 403).get("WWW-Authenticate")?.includes("dossiers:read"), "the missing scope");
}

async function catalogue(): Promise<void> {
  let page = answered(await client.GET("/api/v1/agencies", { params: { query: { limit: 1, count: true } } }));
  expect(page.count === 4, "four agencies");
  const seen = page.results.map((row) => row.code);
  while (page.next !== null) {
    const query = { limit: 1, cursor: cursorOf(page.next) };
    page = answered(await client.GET("/api/v1/agencies", { params: { query } }));
    seen.push(...page.results.map((row) => row.code));
  }
  expect(seen.length === 4 && new Set(seen).size === 4, "each agency once");
  const children = { parent: office.agency, is_active: true };
  const below = answered(await client.GET("/api/v1/agencies", { params: { query: children } }));
  expect(below.results[0]?.code === office.unit, "the unit below");
  const path = { code: office.agency };
  const read = await client.GET("/api/v1/agencies/{code}", { params: { path } });
  expect(answered(read).level === "commune", "a commune");
  const tag = headers(read, 200).get("ETag") ?? "";
  headers(await client.GET("/api/v1/agencies/{code}", { params: { path, header: { "If-None-Match": tag } } }), 304);
  refused(await client.GET("/api/v1/agencies/{code}", { params: { path: { code: "KHONG.CO" } } }), 404, "not_found");
  const sought = { q: "tran phu, quy nhon", province: "52" };
  const [commune] = answered(await client.GET("/api/v1/communes", { params: { query: sought } })).results;
  expect(commune?.code === office.commune, "by the name of before");
  const place = { code: office.commune };
  const home = answered(await client.GET("/api/v1/communes/{code}", { params: { path: place } }));
  expect(home.province === "52", "with its province");
  const fields = answered(await client.GET("/api/v1/fields")).results;
  const code = fields[0]?.code ?? "";
  expect(answered(await client.GET("/api/v1/fields/{code}", { params: { path: { code } } })).code === office.field, "field");
  const found = answered(await client.GET("/api/v1/procedures", { params: { query: { q: "phieu ly lich" } } })).results;
  expect(found[0]?.code === office.procedure_with_papers, "found without accents");
  const procedure = { code: office.procedure_with_papers };
  const whole = answered(await client.GET("/api/v1/procedures/{code}", { params: { path: procedure } }));
  expect(whole.papers.length > 0 && whole.fees[0]?.amount === 200_000, "papers and fees");
}

async function handingIn(): Promise<void> {
  const body = aRequest({ papers: [{ name: "Tờ khai", quantity: 1, form: "electronic" }], by });
  const params = { header: { "Idempotency-Key": crypto.randomUUID() } };
  const first = await client.POST("/api/v1/dossiers", { body, params });
  const { uuid } = answered(first, 201);
  expect(headers(first, 201).get("Location")?.endsWith(uuid), "where it is");
  const again = await client.POST("/api/v1/dossiers", { body, params });
  expect(answered(again, 201).uuid === uuid, "once");
  expect(headers(again, 201).get("Idempotency-Replayed") === "true", "the first answer");
  refused(await client.POST("/api/v1/dossiers", { body: aRequest(), params }), 422, "key_reused");
  expect(answered(await client.POST("/api/v1/dossiers", { body }), 200).uuid === uuid, "no second dossier");
  const unknown = { ...body, procedure: "KHONG-CO" };
  refused(await client.POST("/api/v1/dossiers", { body: unknown }), 400, "unknown", "procedure");
}

async function oneDossierFromEndToEnd(): Promise<string> {
  const uuid = await aDossier({ accept: false, summary: "Đăng ký khai sinh cho con" });
  const params = { path: { uuid } };
  const read = await client.GET("/api/v1/dossiers/{uuid}", { params });
  expect(answered(read).code === null, "no code yet");
  const tag = headers(read, 200).get("ETag") ?? "";
  const known = { path: { uuid }, header: { "If-None-Match": tag } };
  headers(await client.GET("/api/v1/dossiers/{uuid}", { params: known }), 304);
  const part = { path: { uuid }, query: { fields: "state" } };
  const state = answered(await client.GET("/api/v1/dossiers/{uuid}", { params: part }));
  expect(JSON.stringify(state) === '{"state":1}', "the state alone");
  const nowhere = { path: { uuid: crypto.randomUUID() } };
  refused(await client.GET("/api/v1/dossiers/{uuid}", { params: nowhere }), 404, "not_found");
  const body = { phone: "0905123456", by };
  const outdated = { path: { uuid }, header: { "If-Match": '"khac"' } };
  refused(await client.PATCH("/api/v1/dossiers/{uuid}", { params: outdated, body }), 412, "changed");
  const current = { path: { uuid }, header: { "If-Match": tag } };
  answered(await client.PATCH("/api/v1/dossiers/{uuid}", { params: current, body }));
  await aFile(uuid);
  const accepted = answered(await client.POST("/api/v1/dossiers/{uuid}/accept", { params, body: { by } }));
  expect(accepted.code !== null && accepted.due_at !== null, "a code and a due date");
  answered(await client.POST("/api/v1/dossiers/{uuid}/start", { params, body: { by } }));
  refused(await client.POST("/api/v1/dossiers/{uuid}/start", { params, body: {} }), 409, "move_refused");
  const lacking = { comment: "Thiếu giấy", papers: [{ name: "Giấy chứng sinh", quantity: 1 }] };
  const paused = answered(await client.POST("/api/v1/dossiers/{uuid}/ask_supplement", { params, body: lacking }));
  expect(paused.state === 5, "waits for papers");
  answered(await client.POST("/api/v1/dossiers/{uuid}/receive_supplement", { params, body: {} }));
  const fees = { fees: [{ name: "Lệ phí", amount: 8_000 }] };
  answered(await client.POST("/api/v1/dossiers/{uuid}/ask_payment", { params, body: fees }));
  const paid: Schemas["ReceivePaymentInput"] = { method: "online", receipt_no: "BL-0042" };
  const settled = answered(await client.POST("/api/v1/dossiers/{uuid}/receive_payment", { params, body: paid }));
  expect(settled.fees[0]?.paid_at, "paid");
  const toTheDesk = { unit: office.unit, step_due: LATER };
  const moved = answered(await client.POST("/api/v1/dossiers/{uuid}/hand_over", { params, body: toTheDesk }));
  expect(moved.unit === office.unit, "at the desk");
  const longer = { comment: "Xin lỗi vì chờ xác minh", due_at: LATER };
  answered(await client.POST("/api/v1/dossiers/{uuid}/extend", { params, body: longer }));
  const decision = { approver_name: "Phạm Hà", approver_position: "Chủ tịch" };
  expect(answered(await client.POST("/api/v1/dossiers/{uuid}/approve", { params, body: decision })).approved, "approved");
  const result: Schemas["ReturnResultInput"] = { return_method: "post" };
  expect(answered(await client.POST("/api/v1/dossiers/{uuid}/return_result", { params, body: result })).state === 10, "returned");
  await aVote(uuid);
  return uuid;
}

async function aFile(uuid: string): Promise<void> {
  const name = "giấy chứng sinh.pdf";
  const stored = answered(
    await client.POST("/api/v1/dossiers/{uuid}/attachments", {
      params: { path: { uuid }, query: { name } },
      // The types have text for what is binary.
      body: PDF as unknown as string,
      bodySerializer: (content) => content,
      headers: { "Content-Type": "application/octet-stream" },
    }),
    201,
  );
  expect(stored.size === PDF.length && stored.name === name, "stored as it was sent");
  const files = answered(await client.GET("/api/v1/dossiers/{uuid}/attachments", { params: { path: { uuid } } }));
  expect(files.length === 1, "one file");
  const path = { uuid, ordinal: stored.ordinal };
  const content = answered(
    await client.GET("/api/v1/dossiers/{uuid}/attachments/{ordinal}", { params: { path }, parseAs: "arrayBuffer" }),
  );
  expect(Buffer.from(content).equals(Buffer.from(PDF)), "byte for byte");
}

async function aVote(uuid: string): Promise<void> {
  const params = { path: { uuid } };
  const asked = answered(await client.GET("/api/v1/dossiers/{uuid}/questions", { params }));
  const answers = asked.questions.map((row, place) =>
    place ? { question: row.question, rating: 1 } : { question: row.question, rating: 3, reason: "Phải đi lại ba lần" },
  );
  // The generated type asks for what has a default, too.
  const body = { question_set: asked.question_set, answers } as Schemas["BallotInput"];
  answered(await client.POST("/api/v1/dossiers/{uuid}/vote", { params, body }), 201);
  refused(await client.POST("/api/v1/dossiers/{uuid}/vote", { params, body }), 409, "already_rated");
}

async function otherEnds(): Promise<void> {
  const at = (uuid: string) => ({ params: { path: { uuid } }, body: reason });
  const turnedDown = at(await aDossier({ accept: false }));
  expect(answered(await client.POST("/api/v1/dossiers/{uuid}/refuse", turnedDown)).state === 3, "refused");
  expect(answered(await client.POST("/api/v1/dossiers/{uuid}/reopen", turnedDown)).state === 1, "reopened");
  const denied = { path: { uuid: await aDossier() } };
  const steps = answered(await client.GET("/api/v1/dossiers/{uuid}/history", { params: denied })).results;
  const step = steps.find((row) => row.move === "accept");
  expect(step, "accepted");
  const to = new Date(Date.parse(step.at) - 60_000).toISOString();
  const right = { step: step.id, to, comment: "Ghi nhầm giờ" };
  answered(await client.POST("/api/v1/dossiers/{uuid}/correct_time", { params: denied, body: right }));
  const no = { comment: "Không đủ điều kiện", approver_name: "Phạm Hà" };
  expect(answered(await client.POST("/api/v1/dossiers/{uuid}/deny", { params: denied, body: no })).approved === false, "denied");
  answered(await client.POST("/api/v1/dossiers/{uuid}/withdraw", at(await aDossier())));
  answered(await client.POST("/api/v1/dossiers/{uuid}/stop", at(await aDossier())));
  const away = { params: { path: { uuid: await aDossier() } }, body: { unit: office.outside_unit } };
  answered(await client.POST("/api/v1/dossiers/{uuid}/hand_over", away));
  answered(await client.POST("/api/v1/dossiers/{uuid}/postpone", at(office.due_on_a_day_off)));
  refused(await client.POST("/api/v1/dossiers/{uuid}/postpone", turnedDown), 409, "move_refused");
}

async function inBulk(): Promise<void> {
  const read = (text: unknown) => String(text).trim().split("\n").map((line) => JSON.parse(line) as Line);
  const rows = [aRequest(), aRequest(), aRequest()];
  const dry = { query: { dry_run: true } };
  const tried = read(answered(await client.POST("/api/v1/dossiers/bulk", { params: dry, body: rows, parseAs: "text" })));
  const total = tried.pop();
  expect(total && "summary" in total && total.summary.created === 3, "all three would be created");
  expect(tried.every((line) => "row" in line && line.uuid === null), "nothing is kept of a trial");
  const wrong = aRequest({ agency: "KHONG.CO" });
  const atomic = { query: { mode: "atomic" as const } };
  const none = await client.POST("/api/v1/dossiers/bulk", { params: atomic, body: [...rows, wrong], parseAs: "text" });
  headers(none, 422);
  const [line] = read(none.error);
  expect(line && "row" in line && line.errors?.[0]?.attr === "agency", "why nothing was stored");
  const some = await client.POST("/api/v1/dossiers/bulk", {
    body: [...rows, wrong],
    bodySerializer: (sent) => [sent].flat().map((row) => JSON.stringify(row)).join("\n"),
    headers: { "Content-Type": "application/x-ndjson" },
    parseAs: "text",
  });
  const sum = read(answered(some)).pop();
  expect(sum && "summary" in sum && sum.summary.created === 3 && sum.summary.rejected === 1, "three of four");
}

async function following(uuid: string): Promise<void> {
  const dossier = answered(await client.GET("/api/v1/dossiers/{uuid}", { params: { path: { uuid } } }));
  const list = async (query: NonNullable<paths["/api/v1/dossiers"]["get"]["parameters"]["query"]>) =>
    answered(await client.GET("/api/v1/dossiers", { params: { query } }));
  const { external_id, procedure, agency, unit } = dossier;
  for (const query of [
    { external_id },
    { code: dossier.code ?? "" },
    { state: [9 as const, 10 as const], q: "dang van uoc khai sinh" },
    { procedure, agency, unit, state: [10 as const] },
  ]) {
    expect((await list(query)).results.some((row) => row.uuid === uuid), `found by ${JSON.stringify(query)}`);
  }
  const urgent = await list({ sort: "due_at", due_from: BEGAN.toISOString(), channel: ["online", "direct"] });
  const due = urgent.results.map((row) => row.due_at ?? "");
  expect(JSON.stringify(due) === JSON.stringify([...due].sort()), "the most urgent first");
  const updated_since = BEGAN.toISOString();
  let page = await list({ updated_since, limit: 2 });
  const changed = page.results.map((row) => row.uuid);
  while (page.next !== null) {
    page = await list({ updated_since, limit: 2, cursor: cursorOf(page.next) });
    changed.push(...page.results.map((row) => row.uuid));
  }
  expect(changed.includes(uuid) && new Set(changed).size === changed.length, "each change once");
  const history = answered(await client.GET("/api/v1/dossiers/{uuid}/history", { params: { path: { uuid } } }));
  expect(history.results[0]?.move === "register", "from the beginning");
  const days = { from: today(-1), to: today(1) };
  expect(answered(await client.GET("/api/v1/votes", { params: { query: days } })).ballots > 0, "a ballot");
  const month = { period: today().slice(0, 7), by: "channel" as const };
  const figures = answered(await client.GET("/api/v1/statistics", { params: { query: month } }));
  expect(figures.total.new_reception > 0, "figures of the month");
  const [packet] = answered(await client.GET("/api/v1/packets")).results;
  expect(packet, "a packet");
  const one = answered(await client.GET("/api/v1/packets/{key}", { params: { path: { key: packet.key } } }));
  const of = { dossier: one.dossier, state: ["ready" as const] };
  const same = answered(await client.GET("/api/v1/packets", { params: { query: of } })).results;
  expect(same.some((row) => row.key === one.key), "the packets of a dossier");
}

async function webhooks(): Promise<void> {
  const body = { url: "https://127.0.0.1:9/openapi-fetch" };
  const webhook = answered(await client.POST("/api/v1/webhooks", { body }), 201);
  const params = { path: { code: webhook.code } };
  refused(await client.POST("/api/v1/webhooks", { body }), 409, "taken");
  expect(answered(await client.GET("/api/v1/webhooks")).results.some((row) => row.code === webhook.code), "listed");
  const paused = answered(await client.PATCH("/api/v1/webhooks/{code}", { params, body: { is_active: false } }));
  expect(!paused.is_active, "paused");
  const renewed = answered(await client.POST("/api/v1/webhooks/{code}/secret", { params }));
  expect(renewed.secret !== webhook.secret, "another secret");
  headers(await client.DELETE("/api/v1/webhooks/{code}/old_secrets", { params }), 204);
  const ping = answered(await client.POST("/api/v1/webhooks/{code}/ping", { params }), 201);
  const sent = answered(await client.GET("/api/v1/webhooks/{code}/deliveries", { params }));
  expect(sent.results.some((row) => row.id === ping.id), "to be sent");
  const delivery = { path: { code: webhook.code, id: ping.id } };
  const address = "/api/v1/webhooks/{code}/deliveries/{id}" as const;
  expect(answered(await client.POST(`${address}/redeliver`, { params: delivery })).id === ping.id, "sent again");
  expect(answered(await client.GET(address, { params: delivery })).attempts.length === 0, "not tried yet");
  expect(answered(await client.POST("/api/v1/webhooks/{code}/resume", { params })).is_active, "goes on");
  answered(await client.GET("/api/v1/webhooks/{code}", { params }));
  headers(await client.DELETE("/api/v1/webhooks/{code}", { params }), 204);
  refused(await client.GET("/api/v1/webhooks/{code}", { params }), 404, "not_found");
}

async function tooOften(): Promise<void> {
  const slow = clientWith(await signedIn(office.slow_partner));
  // The minute may end in between.
  for (let tries = 0; tries < 8; tries += 1) {
    const result = await slow.GET("/api/v1/me");
    if (result.response.ok) continue;
    refused(result, 429, "throttled");
    expect(Number(headers(result, 429).get("Retry-After")) <= 60, "when to come again");
    return;
  }
  throw new Error("never too often");
}

await access();
await catalogue();
await handingIn();
const uuid = await oneDossierFromEndToEnd();
await otherEnds();
await inBulk();
await following(uuid);
await webhooks();
await tooOften();
console.log("openapi-typescript: arrived");
