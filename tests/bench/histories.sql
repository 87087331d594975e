-- Millions of dossiers with their histories, drawn and written where they are kept.
--
-- A dossier's way is drawn whole, each instant from those before it, and then cut: at the present, or where the
-- dossier got stuck. What comes before the cut is a way that `lifecycle` allows. Rows are written in the order of
-- time, as an office that lived through it would have done: the moves of one dossier lie far apart.
--
-- Parts are parted by empty lines; the first line of each tells what it does. %(dossiers)s, %(months)s, %(seed)s and
-- %(now)s are filled in.

-- what chance is
SET LOCAL TIME ZONE 'Asia/Ho_Chi_Minh';
SET LOCAL work_mem = '256MB';
SET LOCAL maintenance_work_mem = '512MB';
CREATE FUNCTION pg_temp.chance(dossier bigint, of_what text) RETURNS float8 LANGUAGE sql IMMUTABLE AS
    $$ SELECT (hashint8extended(dossier, hashtextextended(of_what, %(seed)s)) & 1073741823) / 1073741824.0::float8 $$;
CREATE FUNCTION pg_temp.days(number float8) RETURNS interval LANGUAGE sql IMMUTABLE AS
    $$ SELECT make_interval(secs => number * 86400) $$;
CREATE FUNCTION pg_temp.due(since timestamptz, days integer) RETURNS timestamptz LANGUAGE sql STABLE AS
    $$ SELECT date_trunc('day', since) + make_interval(days => days, hours => 17) $$;
CREATE FUNCTION pg_temp.by(at timestamptz, cut timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS
    $$ SELECT CASE WHEN at <= cut THEN at END $$;

-- who received what, when and how
CREATE TEMPORARY TABLE intake AS
WITH receiver AS (
    SELECT id, parent_id, code, level1_id, row_number() OVER (PARTITION BY level1_id ORDER BY code) AS rank,
           count(*) OVER (PARTITION BY level1_id) AS number, dense_rank() OVER (ORDER BY level1_id) AS province
    FROM catalog_agency WHERE parent_id IS NOT NULL
),
offered AS (
    SELECT id, "limit"::integer AS days, row_number() OVER (ORDER BY code) AS rank, count(*) OVER () AS number
    FROM catalog_procedure
),
drawn AS (
    SELECT n, n / %(dossiers)s::float8 AS share,
           CASE WHEN pg_temp.chance(n, 'province') < 0.95 THEN 1 ELSE 2 END AS province
    FROM generate_series(1, %(dossiers)s) AS n
),
span AS (
    SELECT date_trunc('month', %(now)s) - make_interval(months => %(months)s - 1) AS first,
           %(now)s - interval '1 day' AS last
),
received AS (
    SELECT n, share, receiver.*, first + (last - first) * share AS moment
    FROM drawn CROSS JOIN span
    JOIN (SELECT DISTINCT province, number FROM receiver) AS province USING (province)
    JOIN receiver ON receiver.province = province.province
                 AND receiver.rank = 1 + floor(province.number * pg_temp.chance(n, 'agency') ^ 1.5)
)
SELECT n, share, received.id AS agency_id, parent_id, received.code AS agency_code, offered.id AS procedure_id, days,
       CASE WHEN pg_temp.chance(n, 'channel') < 0.55 THEN 'direct'
            WHEN pg_temp.chance(n, 'channel') < 0.95 THEN 'online' ELSE 'postal' END AS channel,
       -- Between 7:30 and 17:00 of that day.
       date_trunc('day', moment) + interval '7.5 hours' + (moment - date_trunc('day', moment)) * (9.5 / 24)
           AS registered
FROM received JOIN (SELECT count(*) AS number FROM offered) AS all_offered ON true
JOIN offered ON offered.rank = 1 + floor(all_offered.number * pg_temp.chance(n, 'procedure') ^ 4);

-- which way each went
-- OFFSET 0: what an instant is drawn from is worked out once, and not again wherever it is named.
CREATE TEMPORARY TABLE way AS
WITH begun AS (
    SELECT *,
           CASE WHEN pg_temp.chance(n, 'refused') < 0.01
                THEN registered + pg_temp.days(2 * pg_temp.chance(n, 'refusal')) END AS refused,
           CASE WHEN pg_temp.chance(n, 'refused') >= 0.01
                THEN CASE channel WHEN 'direct' THEN registered
                     ELSE registered + pg_temp.days(pg_temp.chance(n, 'acceptance')) END END AS accepted,
           CASE WHEN pg_temp.chance(n, 'ending') < 0.03 THEN 'withdraw'
                WHEN pg_temp.chance(n, 'ending') < 0.04 THEN 'stop'
                WHEN pg_temp.chance(n, 'ending') < 0.06 THEN 'deny' ELSE 'approve' END AS ending,
           -- Most of what is open came in of late.
           pg_temp.chance(n, 'stuck') < 0.012 + 0.8 * greatest(0, (share - 0.85) / 0.15) ^ 2 AS is_stuck
    FROM intake OFFSET 0
),
started AS (
    SELECT *, accepted + pg_temp.days(0.4 * pg_temp.chance(n, 'start')) AS started,
           pg_temp.due(accepted, days) AS due_1
    FROM begun OFFSET 0
),
asked AS (
    SELECT *,
           CASE WHEN pg_temp.chance(n, 'supplement') >= 0.12 THEN NULL
                WHEN pg_temp.chance(n, 'asked when late') < 0.1
                THEN coalesce(due_1, started) + pg_temp.days(5 * pg_temp.chance(n, 'asked'))
                ELSE started + (coalesce(due_1, started + interval '10 days') - started)
                               * (0.8 * pg_temp.chance(n, 'asked')) END AS asked,
           ending IN ('withdraw', 'stop') AND pg_temp.chance(n, 'supplement') < 0.05 AS waits_in_vain
    FROM started OFFSET 0
),
received AS (
    SELECT *,
           CASE WHEN NOT waits_in_vain
                THEN asked + pg_temp.days(0.5 + 20 * pg_temp.chance(n, 'received')) END AS received
    FROM asked OFFSET 0
),
charged AS (
    SELECT *, coalesce(pg_temp.due(received, days), due_1) AS due_2,
           CASE WHEN pg_temp.chance(n, 'payment') < 0.05 AND NOT waits_in_vain
                THEN coalesce(received, started)
                     + (coalesce(pg_temp.due(received, days), due_1, coalesce(received, started) + interval '10 days')
                        - coalesce(received, started)) * (0.9 * pg_temp.chance(n, 'charged')) END AS charged
    FROM received OFFSET 0
),
paid AS (
    SELECT *, charged + pg_temp.days(0.05 + 6 * pg_temp.chance(n, 'paid')) AS paid
    FROM charged OFFSET 0
),
extended AS (
    SELECT *, CASE WHEN paid IS NULL THEN due_2 ELSE due_2 + (paid - charged) END AS due_3,
           CASE WHEN pg_temp.chance(n, 'extension') < 0.01 AND NOT waits_in_vain AND days IS NOT NULL
                THEN greatest(coalesce(paid, received, started),
                              due_2 + coalesce(paid - charged, interval '0')
                              + pg_temp.days(pg_temp.chance(n, 'extended') - 0.7)) END AS extended
    FROM paid OFFSET 0
),
busy AS (
    SELECT *,
           CASE WHEN extended IS NULL THEN due_3
                ELSE pg_temp.due(greatest(due_3, extended), 5 + (10 * pg_temp.chance(n, 'longer'))::integer)
           END AS due_4,
           greatest(started, received, paid, extended) AS busy
    FROM extended OFFSET 0
),
closed AS (
    SELECT *,
           CASE WHEN waits_in_vain THEN asked + interval '30 days'
                WHEN pg_temp.chance(n, 'late') < 0.04 AND days IS NOT NULL
                THEN due_4 + pg_temp.days(0.01 + 40 * pg_temp.chance(n, 'how late') ^ 3)
                ELSE busy + (coalesce(due_4, busy + interval '10 days') - busy)
                            * (0.1 + 0.9 * pg_temp.chance(n, 'how soon')) END AS closed
    FROM busy OFFSET 0
),
returned AS (
    SELECT *,
           CASE WHEN ending IN ('approve', 'deny')
                THEN closed + pg_temp.days(6 * pg_temp.chance(n, 'returned') ^ 2) END AS returned
    FROM closed OFFSET 0
),
reopened AS (
    SELECT *,
           CASE WHEN pg_temp.chance(n, 'reopening') < 0.01
                THEN coalesce(returned, closed) + pg_temp.days(45 * pg_temp.chance(n, 'reopened') ^ 2) END AS reopened
    FROM returned OFFSET 0
),
closed_again AS (
    SELECT *, reopened + pg_temp.days(0.05 + 15 * pg_temp.chance(n, 'closed again')) AS closed_again,
           least(%(now)s, CASE WHEN NOT is_stuck THEN NULL
                               WHEN pg_temp.chance(n, 'where') < 0.05 THEN coalesce(refused, registered)
                               WHEN pg_temp.chance(n, 'where') < 0.2 THEN coalesce(refused, accepted)
                               WHEN pg_temp.chance(n, 'where') < 0.5 THEN coalesce(refused, started)
                               ELSE coalesce(refused, asked, charged, started) END) AS cut
    FROM reopened OFFSET 0
)
SELECT n, ending, waits_in_vain, registered, pg_temp.by(refused, cut) AS refused,
       pg_temp.by(accepted, cut) AS accepted, pg_temp.by(started, cut) AS started,
       pg_temp.by(asked, cut) AS asked, pg_temp.by(received, cut) AS received,
       pg_temp.by(charged, cut) AS charged, pg_temp.by(paid, cut) AS paid, pg_temp.by(extended, cut) AS extended,
       pg_temp.by(closed, cut) AS closed, pg_temp.by(returned, cut) AS returned, pg_temp.by(reopened, cut) AS reopened,
       pg_temp.by(closed_again, cut) AS closed_again,
       pg_temp.by(closed_again + pg_temp.days(2 * pg_temp.chance(n, 'returned again')), cut) AS returned_again,
       pg_temp.chance(n, 'hand-over') < 0.03 AS is_handed_over, due_1, due_2, due_3, due_4
FROM closed_again;

-- the moves on these ways
CREATE TEMPORARY TABLE moved AS
SELECT n, step, move, from_state, to_state, at
FROM way CROSS JOIN LATERAL (VALUES
    (1, 'register', NULL, 1, registered),
    (2, 'refuse', 1, 3, refused),
    (3, 'accept', 1, 2, accepted),
    (4, 'start', 2, 4, started),
    (5, 'hand_over', 4, 4, CASE WHEN is_handed_over THEN started END),
    (6, 'ask_supplement', 4, 5, asked),
    (7, 'receive_supplement', 5, 4, received),
    (8, 'ask_payment', 4, 6, charged),
    (9, 'receive_payment', 6, 4, paid),
    (10, 'extend', 4, 4, extended),
    (11, ending, CASE WHEN waits_in_vain THEN 5 ELSE 4 END,
         CASE ending WHEN 'withdraw' THEN 7 WHEN 'stop' THEN 8 ELSE 9 END, closed),
    (12, 'return_result', 9, 10, returned),
    (13, 'reopen', CASE ending WHEN 'withdraw' THEN 7 WHEN 'stop' THEN 8
                   ELSE CASE WHEN returned IS NULL THEN 9 ELSE 10 END END, 4, reopened),
    (14, 'approve', 4, 9, closed_again),
    (15, 'return_result', 9, 10, returned_again)
) AS move (step, move, from_state, to_state, at)
WHERE at IS NOT NULL;
ANALYZE intake, way, moved;

-- dossiers
INSERT INTO dossiers_dossier (
    id, uuid, code, procedure_id, agency_id, unit_id, state, channel, from_portal, is_test, external_id,
    applicant_kind, applicant_name, identity_no, phone, email, address, applicant_note, summary, return_method,
    birth_date, submitter_name, submitter_capacity, submitter_identity_no, submitter_phone, submitter_authorisation,
    registered_at, accepted_at, due_at, paused_at, decided_at, approved, approver_name, approver_position, decision_note,
    returned_at, return_note, finished_at, moved_at, changed_at, token, search
)
SELECT n, md5('uuid' || n)::uuid,
       CASE WHEN accepted IS NOT NULL
            THEN agency_code || '-' || to_char(intake.registered, 'YYMMDD') || '-' || lpad(n::text, 7, '0') END,
       procedure_id, agency_id, CASE WHEN is_handed_over AND started IS NOT NULL THEN parent_id ELSE agency_id END,
       state, channel, false, false, '', 'citizen', 'Nguyễn Văn ' || n, lpad(n::text, 12, '0'), '0912345678', '',
       'Tổ 4, phường Trần Phú', '', 'Đề nghị giải quyết', 'direct',
       '1950', '', '', '', '', '', intake.registered, accepted,
       CASE WHEN extended IS NOT NULL THEN due_4 WHEN paid IS NOT NULL THEN due_3
            WHEN received IS NOT NULL THEN due_2 WHEN accepted IS NOT NULL THEN due_1 END,
       CASE WHEN state IN (5, 6) THEN moved_at END,
       decided, CASE WHEN decided IS NOT NULL THEN reopened IS NOT NULL OR ending = 'approve' END,
       CASE WHEN decided IS NOT NULL THEN 'Phạm Hà' ELSE '' END, '', '',
       CASE WHEN reopened IS NULL THEN returned ELSE returned_again END, '',
       CASE WHEN reopened IS NULL THEN coalesce(refused, closed) ELSE closed_again END, moved_at,
       moved_at, md5('token' || n), ''
FROM intake JOIN way USING (n)
JOIN (
    SELECT n, max(at) AS moved_at, (max(ARRAY[step, to_state]))[2] AS state,
           max(at) FILTER (WHERE step = 14 OR (step = 11 AND to_state = 9)) AS last_decided
    FROM moved GROUP BY n
) AS last USING (n)
CROSS JOIN LATERAL (SELECT CASE WHEN reopened IS NULL OR closed_again IS NOT NULL THEN last_decided END AS decided)
    AS decision
ORDER BY n;

-- moves
INSERT INTO dossiers_transition (
    dossier_id, move, from_state, to_state, at, accepted, actor_name, actor_position, unit_id, comment, facts
)
SELECT n, move, from_state, to_state, at, way.accepted IS NOT NULL AND step > 2, 'Trần Minh', 'Chuyên viên',
       agency_id, CASE WHEN step BETWEEN 6 AND 14 THEN 'Theo phiếu trình số 12' ELSE '' END,
       CASE WHEN to_state = 9 THEN jsonb_build_object('approved', move = 'approve', 'approver', 'Phạm Hà')
            ELSE '{}' END
FROM moved JOIN way USING (n) JOIN intake USING (n)
ORDER BY at, n, step;

-- due dates
INSERT INTO dossiers_duedate (dossier_id, due_at, since, why, calendar_known, procedure_name, limit_unit, limit_text,
                              count_from_next_day)
SELECT n, due_at, since, why, true, '', '', '', false
FROM way CROSS JOIN LATERAL (VALUES
    (1, due_1, accepted, 'accepted'),
    (2, due_2, received, 'supplement'),
    (3, due_3, paid, 'payment'),
    (4, due_4, extended, 'extension')
) AS due (step, due_at, since, why)
WHERE since IS NOT NULL
ORDER BY since, n, step;

-- keys go on from there
SELECT setval(pg_get_serial_sequence('dossiers_dossier', 'id'), %(dossiers)s);
DROP TABLE intake, way, moved;
