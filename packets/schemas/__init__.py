"""What a packet must look like: one JSON Schema per kind, and in `check` the rules that a schema cannot express."""
