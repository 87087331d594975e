"""What every resource of the partner contract is made of; `api` and `packets` add the resources."""
