"""The committed contract: what is said in it once for all operations, and how it is served."""
