// A partner's system with the client that hey-api made, on a whole journey.
import { createClient, createConfig } from "./generated/hey-api/client";
import * as api from "./generated/hey-api/sdk.gen";
import type {
  AskSupplementInput, BallotInput, BulkLine, ByInput, DossierDetail, DossierInput, DossiersListData,
  PatchedAmendInput, ReceivePaymentInput, ReturnResultInput,
} from "./generated/hey-api/types.gen";
import {
  BEGAN, LATER, PDF, answered, cursorOf, expect, headers, office, ownNumber, refused, signedIn, today,
} from "./office";

function clientWith(token: string) {
  return createClient(createConfig({ baseUrl: office.address, auth: token }));
}

const client = clientWith(await signedIn(office.partner));
const by: ByInput = { name: "Trần Minh", position: "Chuyên viên" };
const reason = { comment: "Theo đề nghị của công dân" };

function aRequest(more: Partial<DossierInput> = {}): DossierInput {
  return {
    external_id: ownNumber("HA"),
    procedure: office.procedure,
    agency: office.agency,
    commune_code: office.commune,
    channel: "online",
    applicant_name: "Đặng Văn Ước",
    ...more,
  };
}

async function aDossier(more: Partial<DossierInput> = {}): Promise<string> {
  return answered(await api.dossiersCreate({ client, body: aRequest(more) }), 201).uuid;
}

async function access(): Promise<void> {
  const partner = answered(await api.me({ client }));
  expect(partner.agencies.includes(office.agency) && partner.scopes.length > 10, "me");
  refused(await api.me({ client: clientWith("khong-phai-token") }), 401, "authentication_failed");
  const reader = clientWith(await signedIn(office.partner, "catalog:read"));
  const unseen = await api.dossiersList({ client: reader });
  refused(unseen, 403, "scope");
  expect(headers(unseen, 403).get("WWW-Authenticate")?.includes("dossiers:read"), "the missing scope");
}

async function catalogue(): Promise<void> {
  let page = answered(await api.agenciesList({ client, query: { limit: 1, count: true } }));
  expect(page.count === 4, "four agencies");
  const seen = page.results.map((row) => row.code);
  while (page.next !== null) {
    page = answered(await api.agenciesList({ client, query: { limit: 1, cursor: cursorOf(page.next) } }));
    seen.push(...page.results.map((row) => row.code));
  }
  expect(seen.length === 4 && new Set(seen).size === 4, "each agency once");
  const below = answered(await api.agenciesList({ client, query: { parent: office.agency, is_active: true } }));
  expect(below.results[0]?.code === office.unit, "the unit below");
  const path = { code: office.agency };
  const read = await api.agenciesRetrieve({ client, path });
  expect(answered(read).level === "commune", "a commune");
  const known = { "If-None-Match": headers(read, 200).get("ETag") ?? "" };
  headers(await api.agenciesRetrieve({ client, path, headers: known }), 304);
  refused(await api.agenciesRetrieve({ client, path: { code: "KHONG.CO" } }), 404, "not_found");
  const [commune] = answered(await api.communesList({ client, query: { q: "tran phu, quy nhon", province: "52" } })).results;
  expect(commune?.code === office.commune, "by the name of before");
  const home = answered(await api.communesRetrieve({ client, path: { code: office.commune } }));
  expect(home.province === "52", "with its province");
  const [field] = answered(await api.fieldsList({ client })).results;
  expect(field, "a field");
  expect(answered(await api.fieldsRetrieve({ client, path: { code: field.code } })).code === office.field, "the field");
  const found = answered(await api.proceduresList({ client, query: { q: "phieu ly lich" } })).results;
  expect(found[0]?.code === office.procedure_with_papers, "found without accents");
  const whole = answered(await api.proceduresRetrieve({ client, path: { code: office.procedure_with_papers } }));
  expect(whole.papers.length > 0 && whole.fees[0]?.amount === 200_000, "papers and fees");
}

async function handingIn(): Promise<void> {
  const body = aRequest({ papers: [{ name: "Tờ khai", quantity: 1, form: "electronic" }], by });
  const key = { "Idempotency-Key": crypto.randomUUID() };
  const first = await api.dossiersCreate({ client, body, headers: key });
  const { uuid } = answered(first, 201);
  expect(headers(first, 201).get("Location")?.endsWith(uuid), "where it is");
  const again = await api.dossiersCreate({ client, body, headers: key });
  expect(answered(again, 201).uuid === uuid, "once");
  expect(headers(again, 201).get("Idempotency-Replayed") === "true", "the first answer");
  refused(await api.dossiersCreate({ client, body: aRequest(), headers: key }), 422, "key_reused");
  expect(answered(await api.dossiersCreate({ client, body }), 200).uuid === uuid, "no second dossier");
  refused(await api.dossiersCreate({ client, body: { ...body, procedure: "KHONG-CO" } }), 400, "unknown", "procedure");
}

async function oneDossierFromEndToEnd(): Promise<string> {
  const uuid = await aDossier({ accept: false, summary: "Đăng ký khai sinh cho con" });
  const path = { uuid };
  const read = await api.dossiersRetrieve({ client, path });
  expect(answered(read).code === null, "no code yet");
  const tag = headers(read, 200).get("ETag") ?? "";
  headers(await api.dossiersRetrieve({ client, path, headers: { "If-None-Match": tag } }), 304);
  const state = answered(await api.dossiersRetrieve({ client, path, query: { fields: "state" } }));
  expect(JSON.stringify(state) === '{"state":1}', "the state alone");
  refused(await api.dossiersRetrieve({ client, path: { uuid: crypto.randomUUID() } }), 404, "not_found");
  const change: PatchedAmendInput = { phone: "0905123456", by };
  const outdated = { "If-Match": '"khac"' };
  refused(await api.dossiersPartialUpdate({ client, path, body: change, headers: outdated }), 412, "changed");
  answered(await api.dossiersPartialUpdate({ client, path, body: change, headers: { "If-Match": tag } }));
  await aFile(uuid);
  const accepted = answered(await api.dossierAccept({ client, path, body: { by } }));
  expect(accepted.code !== null && accepted.due_at !== null, "a code and a due date");
  answered(await api.dossierStart({ client, path, body: { by } }));
  refused(await api.dossierStart({ client, path, body: {} }), 409, "move_refused");
  const lacking: AskSupplementInput = { comment: "Thiếu giấy", papers: [{ name: "Giấy chứng sinh", quantity: 1 }] };
  expect(answered(await api.dossierAskSupplement({ client, path, body: lacking })).state === 5, "waits for papers");
  answered(await api.dossierReceiveSupplement({ client, path, body: {} }));
  answered(await api.dossierAskPayment({ client, path, body: { fees: [{ name: "Lệ phí", amount: 8_000 }] } }));
  const paid: ReceivePaymentInput = { method: "online", receipt_no: "BL-0042" };
  expect(answered(await api.dossierReceivePayment({ client, path, body: paid })).fees[0]?.paid_at, "paid");
  const toTheDesk = { unit: office.unit, step_due: LATER };
  // The type has the 204 of a dossier that goes out of sight, too.
  const moved = answered(await api.dossierHandOver({ client, path, body: toTheDesk })) as DossierDetail;
  expect(moved.unit === office.unit, "at the desk");
  answered(await api.dossierExtend({ client, path, body: { comment: "Xin lỗi vì chờ xác minh", due_at: LATER } }));
  const decision = { approver_name: "Phạm Hà", approver_position: "Chủ tịch" };
  expect(answered(await api.dossierApprove({ client, path, body: decision })).approved, "approved");
  const result: ReturnResultInput = { return_method: "post" };
  expect(answered(await api.dossierReturnResult({ client, path, body: result })).state === 10, "returned");
  await aVote(uuid);
  return uuid;
}

async function aFile(uuid: string): Promise<void> {
  const name = "giấy chứng sinh.pdf";
  const body = new Blob([PDF], { type: "application/octet-stream" });
  const stored = answered(await api.attachmentsUpload({ client, path: { uuid }, query: { name }, body }), 201);
  expect(stored.size === PDF.length && stored.name === name, "stored as it was sent");
  expect(answered(await api.attachmentsList({ client, path: { uuid } })).length === 1, "one file");
  const content = answered(await api.attachmentsDownload({ client, path: { uuid, ordinal: stored.ordinal } }));
  expect(Buffer.from(await content.arrayBuffer()).equals(Buffer.from(PDF)), "byte for byte");
}

async function aVote(uuid: string): Promise<void> {
  const path = { uuid };
  const asked = answered(await api.dossierQuestions({ client, path }));
  const answers = asked.questions.map((row, place) =>
    place ? { question: row.question, rating: 1 } : { question: row.question, rating: 3, reason: "Phải đi lại ba lần" },
  );
  const body: BallotInput = { question_set: asked.question_set, answers };
  answered(await api.dossierVote({ client, path, body }), 201);
  refused(await api.dossierVote({ client, path, body }), 409, "already_rated");
}

async function otherEnds(): Promise<void> {
  const at = (uuid: string) => ({ client, path: { uuid }, body: reason });
  const turnedDown = at(await aDossier({ accept: false }));
  expect(answered(await api.dossierRefuse(turnedDown)).state === 3, "refused");
  expect(answered(await api.dossierReopen(turnedDown)).state === 1, "reopened");
  const path = { uuid: await aDossier() };
  const step = answered(await api.dossierHistory({ client, path })).results.find((row) => row.move === "accept");
  expect(step, "accepted");
  const to = new Date(Date.parse(step.at) - 60_000).toISOString();
  answered(await api.dossierCorrectTime({ client, path, body: { step: step.id, to, comment: "Ghi nhầm giờ" } }));
  const no = { comment: "Không đủ điều kiện", approver_name: "Phạm Hà" };
  expect(answered(await api.dossierDeny({ client, path, body: no })).approved === false, "denied");
  answered(await api.dossierWithdraw(at(await aDossier())));
  answered(await api.dossierStop(at(await aDossier())));
  answered(await api.dossierHandOver({ client, path: { uuid: await aDossier() }, body: { unit: office.outside_unit } }));
  answered(await api.dossierPostpone(at(office.due_on_a_day_off)));
  refused(await api.dossierPostpone(turnedDown), 409, "move_refused");
}

async function inBulk(): Promise<void> {
  const read = (text: unknown) => String(text).trim().split("\n").map((line) => JSON.parse(line) as BulkLine);
  const rows = [aRequest(), aRequest(), aRequest()];
  const asText = { client, parseAs: "text" as const };
  const tried = read(answered(await api.dossiersBulkCreate({ ...asText, body: rows, query: { dry_run: true } })));
  const total = tried.pop();
  expect(total && "summary" in total && total.summary.created === 3, "all three would be created");
  expect(tried.every((line) => "row" in line && line.uuid === null), "nothing is kept of a trial");
  const wrong = aRequest({ agency: "KHONG.CO" });
  const none = await api.dossiersBulkCreate({ ...asText, body: [...rows, wrong], query: { mode: "atomic" } });
  headers(none, 422);
  const [line] = read(none.error);
  expect(line && "row" in line && line.errors?.[0]?.attr === "agency", "why nothing was stored");
  const some = await api.dossiersBulkCreate({
    ...asText,
    body: [...rows, wrong],
    bodySerializer: (sent: unknown) => [sent].flat().map((row) => JSON.stringify(row)).join("\n"),
    headers: { "Content-Type": "application/x-ndjson" },
  });
  const sum = read(answered(some)).pop();
  expect(sum && "summary" in sum && sum.summary.created === 3 && sum.summary.rejected === 1, "three of four");
}

async function following(uuid: string): Promise<void> {
  const { external_id, procedure, agency, unit, code } = answered(await api.dossiersRetrieve({ client, path: { uuid } }));
  const list = async (query: NonNullable<DossiersListData["query"]>) => answered(await api.dossiersList({ client, query }));
  for (const query of [
    { external_id },
    { code: code ?? "" },
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
  const history = answered(await api.dossierHistory({ client, path: { uuid } }));
  expect(history.results[0]?.move === "register", "from the beginning");
  expect(answered(await api.votes({ client, query: { from: today(-1), to: today(1) } })).ballots > 0, "a ballot");
  const figures = answered(await api.statistics({ client, query: { period: today().slice(0, 7), by: "channel" } }));
  expect(figures.total.new_reception > 0, "figures of the month");
  const [packet] = answered(await api.packetsList({ client })).results;
  expect(packet, "a packet");
  const one = answered(await api.packetsRetrieve({ client, path: { key: packet.key } }));
  const same = answered(await api.packetsList({ client, query: { dossier: one.dossier, state: ["ready"] } })).results;
  expect(same.some((row) => row.key === one.key), "the packets of a dossier");
}

async function webhooks(): Promise<void> {
  const body = { url: "https://127.0.0.1:9/hey-api" };
  const webhook = answered(await api.webhooksCreate({ client, body }), 201);
  const path = { code: webhook.code };
  refused(await api.webhooksCreate({ client, body }), 409, "taken");
  expect(answered(await api.webhooksList({ client })).results.some((row) => row.code === webhook.code), "listed");
  const paused = answered(await api.webhooksPartialUpdate({ client, path, body: { is_active: false } }));
  expect(!paused.is_active, "paused");
  expect(answered(await api.webhooksSecret({ client, path })).secret !== webhook.secret, "another secret");
  headers(await api.webhooksOldSecretsEnd({ client, path }), 204);
  const ping = answered(await api.webhooksPing({ client, path }), 201);
  expect(answered(await api.deliveriesList({ client, path })).results.some((row) => row.id === ping.id), "to be sent");
  const delivery = { ...path, id: ping.id };
  expect(answered(await api.deliveriesRedeliver({ client, path: delivery })).id === ping.id, "sent again");
  expect(answered(await api.deliveriesRetrieve({ client, path: delivery })).attempts.length === 0, "not tried yet");
  expect(answered(await api.webhooksResume({ client, path })).is_active, "goes on");
  answered(await api.webhooksRetrieve({ client, path }));
  headers(await api.webhooksDestroy({ client, path }), 204);
  refused(await api.webhooksRetrieve({ client, path }), 404, "not_found");
}

async function tooOften(): Promise<void> {
  const slow = clientWith(await signedIn(office.slow_partner));
  // The minute may end in between.
  for (let tries = 0; tries < 8; tries += 1) {
    const result = await api.me({ client: slow });
    if (result.response?.ok) continue;
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
console.log("hey-api: arrived");
