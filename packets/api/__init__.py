"""What the partner contract tells of delivery: how packets stand, and a partner's own webhooks."""
