-- All that `recount` counts and compares, in one statement, as somebody would write it who knows PostgreSQL well and
-- has never seen our code. Gives one row for whatever is not stored as history has it; where all agrees, none.
WITH
turn AS MATERIALIZED (
    SELECT dossier_id, move, to_state, accepted, at,
           lead(at, 1, 'infinity') OVER history AS until,
           count(*) FILTER (WHERE move IN ('accept', 'reopen', 'refuse')) OVER history AS number
    FROM dossiers_transition
    WHERE move IN ('refuse', 'reopen')
       OR accepted AND (to_state IN (7, 8, 9)
                        OR move IN ('accept', 'ask_supplement', 'receive_supplement', 'ask_payment', 'receive_payment'))
    WINDOW history AS (PARTITION BY dossier_id ORDER BY id)
),
-- Read twice rather than kept: so the planner knows how many rows there are of each dossier.
due AS NOT MATERIALIZED (
    SELECT dossier_id, due_at, since,
           lead(since, 1, 'infinity') OVER (PARTITION BY dossier_id ORDER BY id) AS until
    FROM dossiers_duedate
),
stretch AS (
    SELECT dossier_id, number, opened_at, closed_at, outcome,
           CASE WHEN reopens THEN lag(closed_at) OVER spells END AS closed_before,
           CASE WHEN closed_at IS NOT NULL THEN lead(begun_at) OVER spells END AS reopened_at,
           CASE WHEN closed_at IS NOT NULL AND opened_at IS NOT NULL
                THEN floor(extract(epoch FROM sum(worked) OVER spells))::bigint ELSE 0 END AS worked_seconds
    FROM (
        SELECT dossier_id, number,
               min(at) AS begun_at,
               min(at) FILTER (WHERE accepted) AS opened_at,
               bool_or(move = 'reopen') AS reopens,
               max(at) FILTER (WHERE to_state IN (3, 7, 8, 9)) AS closed_at,
               coalesce(max(move) FILTER (WHERE to_state IN (3, 7, 8, 9)), '') AS outcome,
               sum(until - at) FILTER (WHERE to_state IN (2, 4) AND until < 'infinity') AS worked
        FROM turn
        GROUP BY dossier_id, number
    ) AS grouped
    WINDOW spells AS (PARTITION BY dossier_id ORDER BY number)
),
spell AS MATERIALIZED (
    SELECT stretch.dossier_id, number, agency_id, procedure_id, channel, opened_at, closed_before, closed_at, outcome,
           CASE WHEN opened_at IS NOT NULL THEN due.due_at END AS due_at, worked_seconds, reopened_at
    FROM stretch
    JOIN dossiers_dossier AS dossier ON dossier.id = stretch.dossier_id AND NOT is_test
    LEFT JOIN due ON due.dossier_id = stretch.dossier_id AND due.since <= closed_at AND closed_at < due.until
    WHERE opened_at IS NOT NULL OR closed_at IS NOT NULL
),
-- Overdue: from the due instant on while it runs; for the whole of a pause that began late.
late_spell AS MATERIALIZED (
    SELECT stretch.dossier_id, since, nullif(until, 'infinity') AS until, agency_id, procedure_id, channel
    FROM (
        SELECT turn.dossier_id,
               CASE WHEN to_state IN (2, 4) THEN greatest(at, due.since, due_at) ELSE at END AS since,
               CASE WHEN to_state IN (2, 4) THEN least(turn.until, due.until) ELSE turn.until END AS until
        FROM turn
        JOIN due ON due.dossier_id = turn.dossier_id AND due_at < turn.until
        WHERE accepted
          AND (to_state IN (2, 4) OR to_state IN (5, 6) AND due_at < at AND due.since <= at AND at < due.until)
    ) AS stretch
    JOIN dossiers_dossier AS dossier ON dossier.id = stretch.dossier_id AND NOT is_test
    WHERE since < until
),
part AS (
    SELECT agency_id, procedure_id, channel, date_trunc('month', opened_at, 'Asia/Ho_Chi_Minh') AS month,
           (closed_before IS NULL)::int AS accepted, 0 AS refused, 1 AS net_open, 0 AS net_late, 0 AS in_time,
           0 AS late, 0 AS denied, 0 AS withdrawn, 0 AS stopped, 0 AS worked_seconds
    FROM spell WHERE opened_at IS NOT NULL
    UNION ALL
    SELECT agency_id, procedure_id, channel, month, 0,
           (opened_at IS NULL AND stands)::int, -(opened_at IS NOT NULL)::int, 0,
           (counts AND (due_at >= closed_at) IS NOT FALSE)::int, (counts AND (due_at < closed_at) IS TRUE)::int,
           (counts AND outcome = 'deny')::int, (counts AND outcome = 'withdraw')::int,
           (counts AND outcome = 'stop')::int, CASE WHEN counts THEN worked_seconds ELSE 0 END
    FROM (
        SELECT *, opened_at IS NOT NULL AND stands AS counts
        FROM (
            SELECT *, date_trunc('month', closed_at, 'Asia/Ho_Chi_Minh') AS month,
                   reopened_at IS NULL OR date_trunc('month', reopened_at, 'Asia/Ho_Chi_Minh')
                                          > date_trunc('month', closed_at, 'Asia/Ho_Chi_Minh') AS stands
            FROM spell WHERE closed_at IS NOT NULL
        ) AS ended
    ) AS ended
    UNION ALL
    SELECT agency_id, procedure_id, channel, date_trunc('month', at, 'Asia/Ho_Chi_Minh'), 0, 0, 0, change,
           0, 0, 0, 0, 0, 0
    FROM late_spell CROSS JOIN LATERAL (VALUES (since, 1), (until, -1)) AS turn (at, change)
    WHERE at IS NOT NULL
),
month_counted AS MATERIALIZED (
    SELECT agency_id, procedure_id, channel, (month AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS month,
           sum(accepted) AS accepted, sum(refused) AS refused, sum(net_open) AS net_open, sum(net_late) AS net_late,
           sum(in_time) AS in_time, sum(late) AS late, sum(denied) AS denied, sum(withdrawn) AS withdrawn,
           sum(stopped) AS stopped, sum(worked_seconds) AS worked_seconds
    FROM part
    GROUP BY agency_id, procedure_id, channel, part.month
),
agency_counted AS (
    SELECT agency_id, month, sum(accepted) AS accepted, sum(refused) AS refused, sum(net_open) AS net_open,
           sum(net_late) AS net_late, sum(in_time) AS in_time, sum(late) AS late, sum(denied) AS denied,
           sum(withdrawn) AS withdrawn, sum(stopped) AS stopped, sum(worked_seconds) AS worked_seconds
    FROM month_counted
    GROUP BY agency_id, month
)
SELECT 'month of a procedure' AS what, concat_ws(' ', agency_id, procedure_id, channel, month) AS which
FROM month_counted AS counted
FULL JOIN statistics_proceduremonth AS stored USING (agency_id, procedure_id, channel, month)
WHERE (coalesce(counted.accepted, 0), coalesce(counted.refused, 0), coalesce(counted.net_open, 0),
       coalesce(counted.net_late, 0), coalesce(counted.in_time, 0), coalesce(counted.late, 0),
       coalesce(counted.denied, 0), coalesce(counted.withdrawn, 0), coalesce(counted.stopped, 0),
       coalesce(counted.worked_seconds, 0))
   <> (coalesce(stored.accepted, 0), coalesce(stored.refused, 0), coalesce(stored.net_open, 0),
       coalesce(stored.net_late, 0), coalesce(stored.in_time, 0), coalesce(stored.late, 0),
       coalesce(stored.denied, 0), coalesce(stored.withdrawn, 0), coalesce(stored.stopped, 0),
       coalesce(stored.worked_seconds, 0))
UNION ALL
SELECT 'month of an agency', concat_ws(' ', agency_id, month)
FROM agency_counted AS counted
FULL JOIN statistics_agencymonth AS stored USING (agency_id, month)
WHERE (coalesce(counted.accepted, 0), coalesce(counted.refused, 0), coalesce(counted.net_open, 0),
       coalesce(counted.net_late, 0), coalesce(counted.in_time, 0), coalesce(counted.late, 0),
       coalesce(counted.denied, 0), coalesce(counted.withdrawn, 0), coalesce(counted.stopped, 0),
       coalesce(counted.worked_seconds, 0))
   <> (coalesce(stored.accepted, 0), coalesce(stored.refused, 0), coalesce(stored.net_open, 0),
       coalesce(stored.net_late, 0), coalesce(stored.in_time, 0), coalesce(stored.late, 0),
       coalesce(stored.denied, 0), coalesce(stored.withdrawn, 0), coalesce(stored.stopped, 0),
       coalesce(stored.worked_seconds, 0))
UNION ALL
SELECT 'spell', concat_ws(' ', dossier_id, number)
FROM spell AS counted
FULL JOIN statistics_spell AS stored USING (dossier_id, number)
WHERE (counted.agency_id, counted.procedure_id, counted.channel, counted.opened_at, counted.closed_before,
       counted.closed_at, counted.outcome, counted.due_at, counted.worked_seconds, counted.reopened_at)
   IS DISTINCT FROM
      (stored.agency_id, stored.procedure_id, stored.channel, stored.opened_at, stored.closed_before,
       stored.closed_at, stored.outcome, stored.due_at, stored.worked_seconds, stored.reopened_at)
UNION ALL
SELECT 'late spell', concat_ws(' ', dossier_id, since)
FROM late_spell AS counted
FULL JOIN statistics_latespell AS stored USING (dossier_id, since)
WHERE (counted.agency_id, counted.procedure_id, counted.channel, counted.until)
   IS DISTINCT FROM (stored.agency_id, stored.procedure_id, stored.channel, stored.until)
