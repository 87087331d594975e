"""The delivery part of the partner contract: the state of packets, and a partner's own webhooks."""
