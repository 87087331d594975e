"""A portal to practise on: a process of its own, which checks, answers and records every request.

It uses the standard (`packets.schemas`) and nothing of the office: neither its database nor its sender. So a delivery
to it proves that two sides which share only the schemas understand each other.
"""
