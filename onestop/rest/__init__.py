"""The base of every resource of the partner API. The apps `api` and `packets` add the resources."""
