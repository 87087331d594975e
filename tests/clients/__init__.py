"""Whole journeys by clients that three generators make of the partner contract, through a proxy that judges each call.

Nothing generated is kept: the generators come from their registries and write into a folder that goes away.

    make test-clients                 # all three: some minutes, and the registries of Python and npm
    make test-clients CLIENT=hey-api  # one of them

    office       the office that is called, and what a partner must know of it
    site         its web server, with the proxy before it
    proxy        passes calls on, and notes what the contract does not allow
    calls        what the contract does not allow in a call; of answers, `tests.api.contract` says it
    generators   how each client is made, checked and run
    python/      the journey with openapi-python-client
    typescript/  the same with openapi-typescript and with hey-api, and the linters of contracts
"""
