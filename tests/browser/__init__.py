"""The pages in a real browser: `make test-browser`.

`office` fills an office to be opened, `server` runs it, `pages` lists what there is to see, `hands` does what a person
does with a mouse or with the keyboard alone.
"""
