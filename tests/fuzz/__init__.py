"""The partner API called with whatever its description allows and forbids, on a server that really runs.

The server is the one that the README tells to run, with an office of its own: dossiers in all states, files,
questions. Calls are generated from the description that the running code makes of itself, valid ones and invalid ones;
some are spoiled on their way (`spoiling`). Places and codes that the server itself told are used again, so that calls
reach dossiers that are there.

    make test-api-fuzz                      # 20,000 calls, some minutes on two cores; PostgreSQL where it answers
    make test-api-fuzz CALLS=50000 SEED=7

    office     the office that is called, its partner, its tokens
    server     the web server's processes, and their database
    pool       what the server told, to be asked for again
    spoiling   what a careless or hostile client does to a call
    calling    generates calls, one operation and one set of scopes after the other
    judging    what must hold of every answer
    result     what came of it all

    standard   schemathesis as anybody would run it, with all its checks: make test-schemathesis
    hooks      what it is told of this API
    real_keys  what no schema can say, put into its calls

A seed determines the calls that are generated, not the rows they meet: those depend on what was answered before.
"""
