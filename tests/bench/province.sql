-- Dossiers of two years with what a partner reads of them, drawn and written where they are kept.
--
-- Keys rise with time. Parts are parted by empty lines; the first line of each tells what it does. %(dossiers)s,
-- %(days)s, %(seed)s, %(now)s, %(agencies)s and %(bounds)s (of their shares, summed up) are filled in, and what
-- applicants are called: %(families)s, %(middles)s and %(givens)s, the usual ones first, and %(matters)s.

-- what chance is
SET LOCAL work_mem = '256MB';
SET LOCAL maintenance_work_mem = '512MB';
CREATE FUNCTION pg_temp.chance(dossier bigint, of_what text) RETURNS float8 LANGUAGE sql IMMUTABLE AS
    $$ SELECT (hashint8extended(dossier, hashtextextended(of_what, %(seed)s)) & 1073741823) / 1073741824.0::float8 $$;
CREATE FUNCTION pg_temp.agency(chance float8) RETURNS bigint LANGUAGE sql IMMUTABLE AS
    $$ SELECT (%(agencies)s::bigint[])[1 + width_bucket(chance, %(bounds)s::float8[])] $$;
-- The first of `words` most often.
CREATE FUNCTION pg_temp.one_of(words text[], chance float8) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT words[1 + floor(array_length(words, 1) * chance ^ 2)::integer] $$;
-- One in twenty has no middle name; one in a hundred thousand is called as hardly anybody is.
CREATE FUNCTION pg_temp.name(dossier bigint, whose text) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT CASE WHEN dossier %% 100000 = 77 THEN 'Thò Mí Xuyến'
       ELSE concat_ws(' ', pg_temp.one_of(%(families)s, pg_temp.chance(dossier, whose || 'family')),
                      CASE WHEN pg_temp.chance(dossier, whose || 'short') > 0.05
                           THEN pg_temp.one_of(%(middles)s, pg_temp.chance(dossier, whose || 'middle')) END,
                      pg_temp.one_of(%(givens)s, pg_temp.chance(dossier, whose || 'given'))) END $$;
-- As `refresh_search` has it.
CREATE FUNCTION pg_temp.words(text) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT ' ' || regexp_replace(regexp_replace(normalize(replace(lower($1), 'đ', 'd'), NFD),
                                                   '[\u0300-\u036f]', '', 'g'), '[ .-]+', ' ', 'g') $$;

-- what came in, and how it stands
-- Most of what is open came in of late. OFFSET 0: what is drawn is worked out once, and not again wherever it is named.
CREATE TEMPORARY TABLE intake AS
WITH offered AS (
    SELECT array_agg(id ORDER BY code) AS ids FROM catalog_procedure
),
came AS (
    SELECT n, %(now)s - %(days)s * (1 - n / %(dossiers)s::float8) * interval '1 day' AS registered,
           exp(-%(days)s * (1 - n / %(dossiers)s::float8) / 20) AS freshness,
           pg_temp.agency(pg_temp.chance(n, 'agency')) AS agency_id,
           ids[1 + floor(array_length(ids, 1) * pg_temp.chance(n, 'procedure') ^ 4)::integer] AS procedure_id,
           pg_temp.chance(n, 'state') AS stands
    FROM generate_series(1, %(dossiers)s) AS n CROSS JOIN offered OFFSET 0
),
stands AS (
    SELECT *, CASE WHEN pg_temp.chance(n, 'open') < 0.02 + 0.8 * freshness
                   THEN CASE WHEN stands < 0.1 THEN 1 WHEN stands < 0.25 THEN 2 WHEN stands < 0.75 THEN 4
                             WHEN stands < 0.9 THEN 5 ELSE 6 END
                   ELSE CASE WHEN stands < 0.01 THEN 3 WHEN stands < 0.04 THEN 7 WHEN stands < 0.05 THEN 8
                             WHEN stands < 0.1 THEN 9 ELSE 10 END END AS state
    FROM came OFFSET 0
)
SELECT n, registered, agency_id, procedure_id, state,
       CASE WHEN pg_temp.chance(n, 'hand-over') < 0.03 THEN pg_temp.agency(pg_temp.chance(n, 'unit'))
            ELSE agency_id END AS unit_id,
       CASE WHEN state NOT IN (1, 3) THEN least(%(now)s, registered + interval '1 hour') END AS accepted,
       CASE WHEN state NOT IN (1, 2, 3) THEN least(%(now)s, registered + interval '5 hours') END AS started,
       CASE WHEN state IN (3, 7, 8, 9, 10)
            THEN least(%(now)s, registered + (1 + 14 * pg_temp.chance(n, 'closed')) * interval '1 day') END AS closed,
       CASE WHEN state = 10
            THEN least(%(now)s, registered + (16 + 5 * pg_temp.chance(n, 'returned')) * interval '1 day') END AS returned
FROM stands;
ANALYZE intake;

-- dossiers
INSERT INTO dossiers_dossier (
    id, uuid, code, procedure_id, agency_id, unit_id, officer_id, state, channel, from_portal, is_test, external_id,
    applicant_kind, applicant_name, identity_no, phone, email, address, applicant_note, summary, return_method,
    birth_date, submitter_name, submitter_capacity, submitter_identity_no, submitter_phone, submitter_authorisation,
    registered_at, accepted_at, due_at, paused_at, decided_at, approved, approver_name, approver_position, decision_note,
    returned_at, return_note, finished_at, moved_at, changed_at, token, search
)
SELECT n, md5('uuid' || n)::uuid, code, procedure_id, agency_id, unit_id,
       CASE WHEN started IS NOT NULL
            THEN officers[1 + floor(array_length(officers, 1) * pg_temp.chance(n, 'officer'))::integer] END,
       state, CASE WHEN pg_temp.chance(n, 'channel') < 0.55 THEN 'direct' ELSE 'online' END, false, false, '',
       'citizen', name, identity_no, phone, '', 'Tổ 4, phường Trần Phú', '', summary, 'direct',
       '1950', '', '', '', '', '', registered, accepted,
       accepted + interval '15 days', CASE WHEN state IN (5, 6) THEN started END,
       CASE WHEN state IN (9, 10) THEN closed END,
       CASE WHEN state IN (9, 10) THEN true END, CASE WHEN state IN (9, 10) THEN 'Phạm Hà' ELSE '' END, '', '',
       returned, '', closed, moved, moved, md5('token' || n), pg_temp.words(concat_ws(' ', code, name, summary))
FROM (
    SELECT intake.*, officers, coalesce(returned, closed, started, accepted, registered) AS moved,
           CASE WHEN accepted IS NOT NULL
                THEN agency.code || '-' || to_char(registered, 'YYMMDD') || '-' || lpad(n::text, 7, '0') END AS code,
           pg_temp.name(n, 'applicant') AS name,
           pg_temp.one_of(%(matters)s, pg_temp.chance(n, 'matter')) || ' ' || pg_temp.name(n, 'subject') AS summary,
           CASE WHEN pg_temp.chance(n, 'identified') < 0.95
                THEN lpad((0.6 * %(dossiers)s * pg_temp.chance(n, 'identity'))::integer::text, 12, '0')
                ELSE '' END AS identity_no,
           -- One in a hundred is brought by the same service.
           CASE WHEN pg_temp.chance(n, 'service') < 0.01 THEN '0905123456'
                ELSE '09' || lpad((0.4 * %(dossiers)s * pg_temp.chance(n, 'phone'))::integer::text, 8, '0')
                END AS phone
    FROM intake JOIN catalog_agency AS agency ON agency.id = agency_id
    LEFT JOIN (SELECT agency_id, array_agg(id ORDER BY id) AS officers FROM staff_user
               WHERE role = 'officer' GROUP BY agency_id) AS crew ON crew.agency_id = unit_id
    OFFSET 0
) AS drawn
ORDER BY n;

-- moves
INSERT INTO dossiers_transition (
    dossier_id, move, from_state, to_state, at, accepted, actor_name, actor_position, unit_id, comment, facts
)
SELECT n, move, from_state, to_state, at, step > 1 AND to_state <> 3, 'Trần Minh', 'Chuyên viên', agency_id, '', '{}'
FROM intake CROSS JOIN LATERAL (VALUES
    (1, 'register', NULL, 1, registered),
    (2, 'accept', 1, 2, accepted),
    (3, 'start', 2, 4, started),
    (4, 'hand_over', 4, 4, CASE WHEN unit_id <> agency_id THEN started END),
    (5, 'ask_supplement', 4, 5, CASE WHEN state = 5 THEN started END),
    (6, 'ask_payment', 4, 6, CASE WHEN state = 6 THEN started END),
    (7, CASE state WHEN 3 THEN 'refuse' WHEN 7 THEN 'withdraw' WHEN 8 THEN 'stop' ELSE 'approve' END,
        CASE state WHEN 3 THEN 1 ELSE 4 END, least(state, 9), closed),
    (8, 'return_result', 9, 10, returned)
) AS move (step, move, from_state, to_state, at)
WHERE at IS NOT NULL
ORDER BY at, n, step;

-- papers
INSERT INTO dossiers_paper (dossier_id, name, quantity, form, phase, received_at, received_by)
SELECT n, name, 1, 'original', 1, registered, 'Nguyễn Thị Lan'
FROM intake CROSS JOIN (VALUES ('Tờ khai theo mẫu'), ('Bản sao giấy tờ tùy thân')) AS paper (name)
ORDER BY n;

-- fees
INSERT INTO dossiers_fee (
    dossier_id, name, amount, phase, demanded_at, paid_at, method, receipt_no, is_mandatory, waived_by, waived_reason
)
SELECT n, 'Lệ phí', 8000, 1, registered, registered, 'cash', '', true, '', ''
FROM intake WHERE n %% 3 = 0 ORDER BY n;

-- attached files, of which only the rows exist
INSERT INTO dossiers_attachment (dossier_id, ordinal, name, file, size, sha256, phase, uploaded_at)
SELECT n, 1, 'Tờ khai.pdf', 'dossiers/' || n, 100000, repeat('0', 64), 1, registered FROM intake ORDER BY n;

-- keys go on from there
SELECT setval(pg_get_serial_sequence('dossiers_dossier', 'id'), %(dossiers)s);
DROP TABLE intake;
