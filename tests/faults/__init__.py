"""The fault suite: delivery under everything that goes wrong, judged by what the portal really received.

Each schedule runs real processes: the practice portal, one to three workers (`sync_packets --loop`), a writer whose
officers move dossiers, all on a database of its own. Meanwhile they are killed, paused and disconnected as the
schedule says. Then the faults end, one worker drains what is left, and the oracle compares three things: the record,
the portal's ledger, our own tables.

One integer determines a schedule: what is recorded, which faults come and when. It does not determine how the
processes interleave, so a failure may need its seed more than once.

    make test-faults                    # 300 schedules, about ten minutes on two cores
    make test-faults SEED=123           # that one alone; the logs of its processes are kept if it fails
    make test-faults SCHEDULES=40

    plans        a seed → what is to go wrong
    schedule     runs one plan from its beginning to the oracle's verdict
    oracle       what must hold afterwards
    figures      leases, waits and timeouts, shortened alike so that a schedule takes seconds
    worker       the worker's process, which can die at a given commit, lose its connection, have a wrong clock
    points       where that is; traps: how
    writer       officers at work: random moves, some of which commit late or never
    naive        senders as one would write them first: the oracle must catch them
    lanes        several schedules side by side; place: a database for each
    postgres     a server of the suite's own, to be shot down; where none is installed, some schedules are SKIPPED

`test_slice` runs a few schedules every day, `test_outage` three days without the portal, by a virtual clock.
"""
