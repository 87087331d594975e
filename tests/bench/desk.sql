-- What a million dossiers leave behind at the desk: dates, numbers of the day, questions, ratings and packets.
--
-- Parts are parted by empty lines; the first line of each tells what it does. %(agency)s (asked for opinions),
-- %(question_set)s and %(portal)s are filled in.

-- due dates
INSERT INTO dossiers_duedate (dossier_id, due_at, since, why, calendar_known, procedure_name, limit_unit, limit_text,
                              count_from_next_day)
SELECT id, due_at, accepted_at, 'accepted', true, '', '', '', false FROM dossiers_dossier WHERE accepted_at IS NOT NULL ORDER BY id;

-- supplements
INSERT INTO dossiers_supplement (dossier_id, ordinal, asked_at, asked_by, request, received_by, received_note)
SELECT id, 1, moved_at, 'Trần Minh', 'Thiếu tờ khai', '', '' FROM dossiers_dossier WHERE state = 5 ORDER BY id;

-- numbers of the day
INSERT INTO dossiers_dailysequence (identifier, day, last)
SELECT split_part(code, '-', 1), (accepted_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, count(*)
FROM dossiers_dossier WHERE code IS NOT NULL GROUP BY 1, 2 ORDER BY 2, 1;

-- opinions
INSERT INTO dossiers_opinion (dossier_id, agency_id, question, asked_at, asked_by, due_at, answer, answered_by)
SELECT id, CASE WHEN id %% 100 = 0 THEN %(agency)s ELSE unit_id END, 'Có phù hợp với quy hoạch không?', moved_at,
       'Trần Minh', due_at, '', ''
FROM dossiers_dossier WHERE state = 4 AND id %% 5 = 0 ORDER BY id;

-- slips
INSERT INTO votes_ballotslip (id, dossier_id, question_set_id)
SELECT gen_random_uuid(), id, %(question_set)s FROM dossiers_dossier WHERE state = 10 AND id %% 8 = 0;

-- ballots
INSERT INTO votes_ballot (id, question_set_id, agency_id, procedure_id, cast_on)
SELECT gen_random_uuid(), %(question_set)s, agency_id, procedure_id, returned_at::date
FROM dossiers_dossier WHERE state = 10 AND id %% 8 = 0;

-- answers
INSERT INTO votes_answer (id, ballot_id, question_id, rating, reason)
SELECT gen_random_uuid(), ballot.id, question.id, 1 + (hashtext(ballot.id::text || question.id) & 1), ''
FROM votes_ballot AS ballot JOIN votes_question AS question USING (question_set_id);

-- packets
-- One in a thousand of the newest has stopped, the last few thousand wait for their turn.
INSERT INTO packets_packet (
    portal_id, kind, transition_id, dossier_id, stream, position, key, body, state, reason, detail, collected_at,
    tries, first_tried_at, due_at, settled_at, given_up_because
)
SELECT %(portal)s, kind, id, dossier_id, 'dossier/' || dossier_id, id, gen_random_uuid(),
       '{"Data": "' || repeat(md5(id::text), 10) || '"}', state, CASE state WHEN 'stopped' THEN 'refused' ELSE '' END,
       '', at, CASE state WHEN 'ready' THEN 0 ELSE 1 END, CASE WHEN state <> 'ready' THEN at END,
       CASE WHEN state = 'ready' AND is_first THEN at END, CASE state WHEN 'accepted' THEN at END, ''
FROM (
    SELECT *, CASE WHEN newest <= 3000 THEN 'ready' WHEN newest <= 100000 AND newest %% 1000 = 0 THEN 'stopped'
                   ELSE 'accepted' END AS state,
           newest = max(newest) FILTER (WHERE newest <= 3000) OVER (PARTITION BY dossier_id) AS is_first
    FROM (
        SELECT *, CASE move WHEN 'accept' THEN 'document' ELSE 'trace' END AS kind,
               row_number() OVER (ORDER BY id DESC) AS newest
        FROM dossiers_transition WHERE accepted ORDER BY id DESC LIMIT 400000
    ) AS reported
) AS standing
ORDER BY id;

-- attempts
INSERT INTO packets_attempt (
    packet_id, portal_id, key, digest, at, milliseconds, outcome, reason, http_status, reply, recorded_at, number, seal
)
SELECT id, portal_id, key, repeat('0', 64), collected_at, 40, state, reason, 200, '{"Status":0}', collected_at,
       CASE state WHEN 'accepted' THEN row_number() OVER (PARTITION BY state ORDER BY id) END,
       CASE state WHEN 'accepted' THEN md5(id::text) || md5(id::text) ELSE '' END
FROM packets_packet WHERE state <> 'ready' ORDER BY id;

-- internal notes
INSERT INTO dossiers_internalnote (dossier_id, author_id, author_name, author_position, at, text)
SELECT id, officer_id, 'Trần Minh', 'Chuyên viên', moved_at, 'Đã gọi điện nhắc công dân' FROM dossiers_dossier
WHERE officer_id IS NOT NULL AND id %% 10 = 0 ORDER BY id;

-- news
INSERT INTO dossiers_newsitem (user_id, dossier_id, kind, move, at, actor_name, read_at)
SELECT officer_id, id, 'assigned', '', moved_at, 'Lê Thu Hà', CASE WHEN id %% 50 > 0 THEN moved_at END AS read_at
FROM dossiers_dossier WHERE officer_id IS NOT NULL ORDER BY dossiers_dossier.moved_at, id;
